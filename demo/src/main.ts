import { parseArgs } from 'node:util';
import { labPassword, labPeople } from '@bulkhead/lab';
import { secondsSinceCommand } from './launch-time.ts';
import { protectOneMore, tellStory } from './story.ts';
import { openWorkshop } from './workshop.ts';

const usage = `demo [--once] [--port N] [--slow]

  --once     ends after the story
  --port N   where the API is served; default 4000, or a free one when it is taken
  --slow     a calmer datacentre, for watching the bars
`;

// The engine makes pg print this at each launch; it is harmless.
const emitWarning = process.emitWarning.bind(process);
process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
  if (String(warning).includes('client.query() when the client is already executing')) return;
  Reflect.apply(emitWarning, process, [warning, ...rest]);
};

function readOptions() {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      port: { type: 'string' },
      slow: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new Error(`--port: ${values.port} is not a port; give a number from 0 to 65535.`);
  }
  return { ...values, port };
}

async function main(): Promise<number> {
  const out = process.stdout;
  const say = (line: string) => void out.write(`${line}\n`);
  const options = readOptions();
  if (options.help) {
    say(usage);
    return 0;
  }
  // From the beginning on: nothing is left behind when the story is broken off. A second signal ends the process at once.
  const stop = new Promise<'stop'>((resolve) => {
    process.once('SIGINT', () => resolve('stop'));
    process.once('SIGTERM', () => resolve('stop'));
  });
  const launched = secondsSinceCommand();
  const started = performance.now();
  say('Bulkhead demo: one process, loopback only, nothing is kept.');
  const workshop = await open(options, say);
  const ready = performance.now();
  try {
    const told = await Promise.race([tellStory(workshop, out), stop]);
    if (told === 'stop') {
      say('\nStopping.');
      return 130;
    }
    const { findings } = told;
    const ended = performance.now();
    const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;
    const install = launched === undefined ? 'not known here' : `${launched} s`;
    say(`\nInstall and launch ${install}, start ${seconds(started, ready)}, story ${seconds(ready, ended)}.`);
    const unmet = findings.filter(({ isMet }) => !isMet);
    if (unmet.length > 0) {
      say(`${unmet.length} of ${findings.length} promises were not kept.`);
      return 1;
    }
    if (options.once) return 0;
    explain(workshop, await protectOneMore(workshop.as('ada'), told), told.networkId, say);
    await stop;
    say('\nStopping.');
    return 0;
  } finally {
    await workshop.close();
  }
}

async function open({ once, port, slow }: ReturnType<typeof readOptions>, say: (line: string) => void) {
  const options = { say, lab: { scale: slow ? 0.2 : 0.02 } };
  const wanted = port ?? (once ? 0 : 4000);
  try {
    return await openWorkshop({ ...options, port: wanted });
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!isTaken || port !== undefined) throw error;
    say(`Port ${wanted} is taken; using a free one.`);
    return openWorkshop({ ...options, port: 0 });
  }
}

function explain(
  { url, lab, files }: Awaited<ReturnType<typeof openWorkshop>>,
  vm: { id: string; name: string },
  networkId: string,
  say: (line: string) => void,
): void {
  const button = JSON.stringify({
    query:
      'mutation Press($input: StartFailoverInput!) { startFailover(input: $input) { failover { id } userErrors { code message } } }',
    variables: {
      input: {
        selection: { vms: [{ vmId: vm.id }], networkId },
        confirm: 'acme-dr',
        idempotencyKey: 'my-first-failover',
      },
    },
  });
  say(`
It goes on serving; Ctrl-C ends it.

  API            ${url}   (GraphQL over HTTP; graphql-ws at the same address)
  sign-in        ${lab.identity.issuer}
  vCenter        ${lab.vcenter.url}   ${lab.vcenter.credentials.administrator.userName} / ${lab.vcenter.credentials.administrator.password}
  NexentaStor    ${lab.nexentastor.url}   ${lab.nexentastor.credentials.userName} / ${lab.nexentastor.credentials.password}
  OVN            ${lab.ovn.url}
  configuration  ${files.configuration}

People (password ${labPassword}): ${labPeople.map(({ username }) => username).join(', ')}

A query to begin with:

  TOKEN=$(curl -s ${lab.identity.tokenUrl} -d grant_type=password -d client_id=bulkhead-cli \\
    -d username=ada -d password=${labPassword} -d 'scope=openid profile organization:*' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s ${url} -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d '{"query":"{ protectedVms { nodes { name state latestRestorePoint { createdAt } } } }"}'

The big red button, for ${vm.name}, which was replicated after the story; then look at it:

  curl -s ${url} -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d '${button}'
  curl -s ${url} -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d '{"query":"{ failovers(first: 1) { nodes { phase vms { nodes { name state } } } } }"}'
`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env.BULKHEAD_STACK === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
