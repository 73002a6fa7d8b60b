import { parseArgs } from 'node:util';
import { ConfigurationError } from './configuration.ts';

const usage = `bulkhead <command> [--config FILE]

  start        API and workers in one process
  serve        the API only; any number of them
  work         workers only; any number of them
  migrate      bring the database up to date
  check        configuration, database, sign-in and every backend, read only
  apply FILE   the provider's catalogue: organizations, networks, target plans,
               production principals. Shows the difference first.
                 --yes      apply it without asking
                 --dry-run  show it and change nothing

  --config FILE   default: bulkhead.yaml
  --help
`;

// The engine makes pg print this at each launch; it is harmless and ours to follow up (stack notes).
const emitWarning = process.emitWarning.bind(process);
process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
  if (String(warning).includes('client.query() when the client is already executing')) return;
  Reflect.apply(emitWarning, process, [warning, ...rest]);
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'bulkhead.yaml' },
      yes: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [command, ...args] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  // Each command brings what it needs: the whole service is not loaded to print the usage.
  const run = async (parts: { api: boolean; worker: boolean }) =>
    (await import('./commands/run.ts')).run(values.config, parts);
  switch (command) {
    case 'start':
      return run({ api: true, worker: true });
    case 'serve':
      return run({ api: true, worker: false });
    case 'work':
      return run({ api: false, worker: true });
    case 'migrate':
      return (await import('./commands/migrate.ts')).migrate(values.config);
    case 'check':
      return (await import('./commands/check.ts')).check(values.config);
    case 'apply': {
      const [file] = args;
      if (file === undefined) throw new ConfigurationError('Name the catalogue: bulkhead apply FILE.');
      const { apply } = await import('./commands/apply.ts');
      return apply(values.config, file, { yes: values.yes, dryRun: values['dry-run'] });
    }
    default:
      throw new ConfigurationError(`There is no command ${command}. \`bulkhead --help\` lists them.`);
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    // What went wrong and what to do, without a stack: it is for a person at a terminal or in a service's journal.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env.BULKHEAD_STACK === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = error instanceof ConfigurationError ? 2 : 1;
    // A pool that still waits for its database must not keep a failed start alive.
    setTimeout(() => process.exit(), 2000).unref();
  },
);
