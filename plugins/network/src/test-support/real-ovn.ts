import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const schemas = '/usr/share/ovn';

export interface RealOvn {
  /** `127.0.0.1:<port>` of the northbound database, plain. */
  port: number;
  folder: string;
  /** Runs a shell command with OVN's programs pointed at this instance. */
  shell(command: string): Promise<string>;
  stopNorthd(): Promise<void>;
  startNorthd(): void;
  stop(): Promise<void>;
}

/** OVN's own databases and northd, from the distribution's packages, in a private directory. Fails when they are missing. */
export async function startRealOvn(): Promise<RealOvn> {
  const folder = await mkdtemp(join(tmpdir(), 'ovn-'));
  const port = await freePort();
  const [north, south] = ['nb', 'sb'].map((name) => `unix:${join(folder, `${name}.sock`)}`);
  const env = {
    ...process.env,
    OVN_RUNDIR: folder,
    OVS_RUNDIR: folder,
    OVN_LOGDIR: folder,
    OVN_DBDIR: folder,
    OVN_NB_DB: north,
    OVN_SB_DB: south,
  };
  const daemons = new Map<string, ChildProcess>();
  const start = (name: string, program: string, args: string[]): void => {
    const child = spawn(program, [...args, `--log-file=${join(folder, `${name}.log`)}`], { env, stdio: 'ignore' });
    // A missing program is told by whatever waits for the daemon next.
    child.on('error', () => daemons.delete(name));
    daemons.set(name, child);
  };
  const end = async (name: string): Promise<void> => {
    const child = daemons.get(name);
    daemons.delete(name);
    if (!child || child.exitCode !== null || child.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(5000).then(() => child.kill('SIGKILL'))]);
  };
  const shell = async (command: string): Promise<string> =>
    (await run('/bin/sh', ['-c', command], { env, timeout: 20_000 })).stdout;
  const stop = async (): Promise<void> => {
    for (const name of [...daemons.keys()].reverse()) await end(name);
    await rm(folder, { recursive: true, force: true });
  };

  const startNorthd = (): void =>
    start('northd', 'ovn-northd', [
      `--ovnnb-db=${north}`,
      `--ovnsb-db=${south}`,
      `--unixctl=${join(folder, 'northd.ctl')}`,
    ]);
  try {
    for (const name of ['nb', 'sb']) {
      await run('ovsdb-tool', ['create', join(folder, `${name}.db`), join(schemas, `ovn-${name}.ovsschema`)]);
      const remotes = [`--remote=punix:${join(folder, `${name}.sock`)}`];
      if (name === 'nb')
        remotes.push(`--remote=ptcp:${port}:127.0.0.1`, '--remote=db:OVN_Northbound,NB_Global,connections');
      const keys = ['private-key', 'certificate', 'ca-cert'].map((column) => {
        const option = column === 'private-key' ? 'private_key' : column.replace('-', '_');
        return `--${column}=db:OVN_Northbound,SSL,${option}`;
      });
      const args = [
        join(folder, `${name}.db`),
        ...remotes,
        ...(name === 'nb' ? keys : []),
        `--unixctl=${join(folder, `${name}.ctl`)}`,
      ];
      start(name, 'ovsdb-server', args);
    }
    await answers(() => shell('ovn-sbctl --timeout=10 init'));
    await answers(() => shell('ovn-nbctl --timeout=10 init'));
    startNorthd();
    // Answers only when northd has taken the first configuration in.
    await shell('ovn-nbctl --timeout=10 --wait=sb sync');
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, folder, shell, startNorthd, stopNorthd: () => end('northd'), stop };
}

/** Tries until the daemon that was just started listens, for at most ten seconds; the last failure is thrown. */
async function answers(ask: () => Promise<unknown>): Promise<void> {
  for (const limit = Date.now() + 10_000; ; await sleep(50)) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > limit) throw error;
    }
  }
}

/** The commands that the README tells the provider to run, exactly as printed. */
export async function readmeCommands(): Promise<string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const block = /```sh\n([\s\S]*?)```/.exec(readme)?.[1];
  if (block === undefined) throw new Error('The README has no block of set-up commands.');
  return block.split('\n').filter((line) => line.startsWith('ovn-nbctl'));
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
