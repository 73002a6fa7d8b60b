import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const installed = '/usr/lib/postgresql';
const startLimitMs = 30_000;

/** A private PostgreSQL server of the distribution's. */
export interface PostgresServer {
  /** Superuser, password included: `postgres://…@127.0.0.1:…/postgres`. */
  url: string;
  /** `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` */
  version: string;
  /** Folder of its programs, `psql` among them. */
  programs: string;
  stop(): Promise<void>;
}

/**
 * Starts a cluster of its own on a free port of the loopback, with password authentication and without sockets in the
 * file system. It ends with this process, however that ends. As root it runs as the user `postgres`: the server refuses root.
 * @throws Error when no PostgreSQL 15 or later of the distribution is installed.
 */
export async function startPostgresServer(): Promise<PostgresServer> {
  const programs = await findPrograms();
  const owner = await unprivilegedOwner();
  const directory = await mkdtemp(join(tmpdir(), 'postgres-'));
  const password = randomBytes(18).toString('base64url');
  try {
    const passwordFile = join(directory, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (owner) for (const path of [directory, passwordFile]) await chown(path, owner.uid, owner.gid);
    const data = join(directory, 'data');
    const authentication = ['--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`];
    const locale = ['--encoding=UTF8', '--locale=C', '--no-sync'];
    await run(join(programs, 'initdb'), [`--pgdata=${data}`, ...authentication, ...locale], {
      cwd: directory,
      ...owner,
    });
    await rm(passwordFile);

    const port = await freePort();
    const server = launch(join(programs, 'postgres'), data, port, { cwd: directory, ...owner });
    await waitUntilReady(server, programs, port);
    const { stdout } = await run(join(programs, 'postgres'), ['--version']);
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      version: stdout.trim(),
      programs,
      async stop() {
        await end(server.child);
        await rm(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function findPrograms(): Promise<string> {
  const versions = (await readdir(installed).catch(() => [])).map(Number).filter((version) => version >= 15);
  if (versions.length === 0) {
    throw new Error('No PostgreSQL server of the distribution is installed: apt-get install postgresql-15.');
  }
  // The oldest that we support shows most.
  return join(installed, String(Math.min(...versions)), 'bin');
}

async function unprivilegedOwner(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (what) => (await run('id', [what, 'postgres'])).stdout));
  return { uid: Number(uid), gid: Number(gid) };
}

interface Server {
  child: ChildProcess;
  said: () => string;
}

/** The shell waits for the end of its input, which comes when we die, and takes the server with it. */
function launch(postgres: string, data: string, port: number, options: SpawnOptions): Server {
  const guard = '"$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server';
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    max_connections: '200',
  };
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
  const child = spawn('/bin/sh', ['-c', guard, 'sh', postgres, ...args], {
    ...options,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text = (text + chunk.toString()).slice(-8000)));
  return { child, said: () => text };
}

async function waitUntilReady({ child, said }: Server, programs: string, port: number): Promise<void> {
  const limit = Date.now() + startLimitMs;
  for (;;) {
    const isReady = await run(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    );
    if (isReady) return;
    const isOver = Date.now() > limit || child.exitCode !== null || /could not (bind|create any)/.test(said());
    if (isOver) {
      await end(child);
      throw new Error(`PostgreSQL did not come up on port ${port}:\n${said()}`);
    }
    await sleep(50);
  }
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.stdin?.end();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('No port.')),
      );
    });
  });
}
