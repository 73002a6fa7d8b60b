import { resolve } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { runWorkload } from './runner/run-workload.ts';
import { workloads } from './workloads.ts';

const usage = `bench [name…] [--quick] [--rounds N] [--out FOLDER]

  name…          which workloads; default: all
  --quick        one short round of each, to see that they work; the figures go to test-results/bench
  --rounds N     other than what the workload thinks right
  --out FOLDER   where results are written; default: bench/results

Workloads: ${Object.keys(workloads).join(', ')}
`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(usage);
    return 0;
  }
  const unknown = positionals.find((name) => workloads[name] === undefined);
  if (unknown !== undefined) throw new Error(`There is no workload ${unknown}.\n\n${usage}`);
  const asked = Object.entries(workloads).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  const folder = resolve(values.out ?? (values.quick ? 'test-results/bench' : 'bench/results'));
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds: ${values.rounds} is not a number of rounds.`);
  const failed: string[] = [];
  for (const [name, load] of asked) {
    try {
      await runWorkload(await load(), { isQuick: values.quick, rounds, folder, say });
    } catch (error) {
      failed.push(name);
      // With its causes.
      process.stderr.write(`${name} could not measure: ${inspect(error)}\n`);
    }
  }
  say(`\n${asked.length - failed.length} of ${asked.length} measured; ${folder}/README.md`);
  if (failed.length > 0) say(`FAILED: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
