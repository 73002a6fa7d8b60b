import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Daemons } from './daemons.ts';
import { readDatabase, type DatabaseDump } from './dump.ts';
import { startOvnEdge, type OvnEdge, type OvnEdgeOptions } from './edge.ts';

const run = promisify(execFile);
const schemas = '/usr/share/ovn';

/** OVN's own databases and northd, and an edge host where one was started. */
export interface OvnCentral {
  /** The northbound database, plain: `tcp:127.0.0.1:43109`. */
  url: string;
  address: { host: string; port: number };
  /** `ovn-nbctl 23.03.1` */
  version: string;
  /** Private: databases, sockets, logs. */
  folder: string;
  /** Runs a shell command with OVN's programs pointed at this instance. */
  shell(command: string): Promise<string>;
  /** Everything that a database holds, by OVN's own client. */
  dump(database: 'OVN_Northbound' | 'OVN_Southbound'): Promise<DatabaseDump>;
  stopNorthd(): Promise<void>;
  startNorthd(): void;
  /** Starts the edge host that the trunk's port is bound to. The management network must have been set up. */
  startEdge(options: OvnEdgeOptions): Promise<OvnEdge>;
  stop(): Promise<void>;
}

/**
 * Starts `ovsdb-server` for both databases and `ovn-northd` from the distribution's packages, in a private directory and
 * with a northbound port on the loopback. Nothing is set up in them beyond `ovn-nbctl init`. Needs no privileges.
 * @throws Error when a program is missing or does not come up
 */
export async function startOvnCentral(host = '127.0.0.1'): Promise<OvnCentral> {
  const folder = await mkdtemp(join(tmpdir(), 'ovn-'));
  const socket = (name: string): string => `unix:${join(folder, `${name}.sock`)}`;
  const env = {
    ...process.env,
    // Debian keeps the servers where an ordinary user's path does not lead.
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`,
    OVN_RUNDIR: folder,
    OVS_RUNDIR: folder,
    OVN_LOGDIR: folder,
    OVS_LOGDIR: folder,
    OVN_DBDIR: folder,
    OVN_NB_DB: socket('nb'),
    OVN_SB_DB: socket('sb'),
  };
  const daemons = new Daemons(folder, env);
  const execute = async (program: string, args: readonly string[]): Promise<string> =>
    (await run(program, args, { env, timeout: 20_000, maxBuffer: 16 * 2 ** 20 })).stdout;
  const stop = async (): Promise<void> => {
    await daemons.stopAll();
    await rm(folder, { recursive: true, force: true });
  };
  const startNorthd = (): void =>
    daemons.start('northd', 'ovn-northd', [
      `--ovnnb-db=${socket('nb')}`,
      `--ovnsb-db=${socket('sb')}`,
      `--unixctl=${join(folder, 'northd.ctl')}`,
    ]);
  try {
    for (const name of ['nb', 'sb'])
      await execute('ovsdb-tool', ['create', join(folder, `${name}.db`), join(schemas, `ovn-${name}.ovsschema`)]);
    const served = (name: string, more: string[] = []): void =>
      daemons.start(name, 'ovsdb-server', [
        join(folder, `${name}.db`),
        `--remote=p${socket(name)}`,
        ...more,
        `--unixctl=${join(folder, `${name}.ctl`)}`,
      ]);
    served('sb');
    served('nb', [
      `--remote=ptcp:0:${host}`,
      '--remote=db:OVN_Northbound,NB_Global,connections',
      '--private-key=db:OVN_Northbound,SSL,private_key',
      '--certificate=db:OVN_Northbound,SSL,certificate',
      '--ca-cert=db:OVN_Northbound,SSL,ca_cert',
    ]);
    await daemons.untilAnswers('The southbound database', () => execute('ovn-sbctl', ['--timeout=10', 'init']));
    await daemons.untilAnswers('The northbound database', () => execute('ovn-nbctl', ['--timeout=10', 'init']));
    const port = await daemons.untilAnswers('The northbound port', () => listeningPort(join(folder, 'nb.log')));
    startNorthd();
    // Answers only when northd has taken the first configuration in.
    await daemons.untilAnswers('ovn-northd', () => execute('ovn-nbctl', ['--timeout=5', '--wait=sb', 'sync']));
    const [version = ''] = (await execute('ovn-nbctl', ['--version'])).split('\n');
    return {
      url: `tcp:${host}:${port}`,
      address: { host, port },
      version,
      folder,
      shell: (command) => execute('/bin/sh', ['-c', command]),
      dump: (database) => readDatabase(execute, socket(database === 'OVN_Northbound' ? 'nb' : 'sb'), database),
      startNorthd,
      stopNorthd: () => daemons.stop('northd'),
      startEdge: (options) => startOvnEdge({ folder, daemons, execute, southbound: socket('sb') }, options),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The server was told to take any free port, and says which in its log alone. */
async function listeningPort(log: string): Promise<number> {
  const port = /listening on port (\d+)/.exec(await readFile(log, 'utf8'))?.[1];
  if (port === undefined) throw new Error('ovsdb-server listens on no port yet');
  return Number(port);
}
