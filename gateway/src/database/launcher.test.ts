import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from '#postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../test-support/eventually.ts';
import { startEmbeddedServer } from './launcher.ts';

const script = fileURLToPath(new URL('../test-support/embedded-server.ts', import.meta.url));
const source = new URL('../../../tools/source.mjs', import.meta.url).href;
const isRoot = process.getuid?.() === 0;

let directory: string;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bulkhead-launcher-'));
  // As root the server runs as another user, who has to get in.
  await chmod(directory, 0o755);
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await eventually(async () => ((await isLocked()) ? undefined : true));
  await rm(directory, { recursive: true, force: true });
});

const isLocked = () =>
  stat(join(directory, 'data', 'postmaster.pid')).then(
    () => true,
    () => false,
  );

/** The server's process, by its lock file; undefined while there is none. */
const postmaster = () =>
  readFile(join(directory, 'data', 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n')[0],
    () => undefined,
  );

async function query<T>(url: string, ask: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  try {
    return await ask(sql);
  } finally {
    await sql.end();
  }
}

const countNotes = (url: string) =>
  query(url, async (sql) => Number((await sql<{ count: string }[]>`select count(*) from note`)[0]?.count));

async function startProcess(where: string, env: Record<string, string> = {}, user?: { uid: number; gid: number }) {
  const child = spawn(process.execPath, ['--import', source, script, where], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  children.add(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`The process ended: ${output}`);
    return /postgres:\/\/\S+/.exec(output)?.[0];
  });
  return { url, kill: () => child.kill('SIGKILL') };
}

test('a later start finds what an earlier one has left, under the same login', async () => {
  const first = await startEmbeddedServer({ directory, unsafe: true });
  await query(first.url, async (sql) => {
    await sql`create table note (word text)`;
    await sql`insert into note values ('kept')`;
  });
  await first.stop();
  const later = await startEmbeddedServer({ directory, unsafe: true });
  expect(later.url).toBe(first.url);
  expect(await countNotes(later.url)).toBe(1);
  await later.stop();
});

test('it answers on loopback only, with a password, and keeps that to its owner', async () => {
  const server = await startEmbeddedServer({ directory, unsafe: true });
  const { port } = new URL(server.url);
  const wrong = new URL(server.url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, (sql) => sql`select 1`)).rejects.toMatchObject({ code: '28P01' });
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (const { address } of addresses.filter(({ family, internal }) => family === 'IPv4' && !internal)) {
    const outside = postgres(server.url.replace('127.0.0.1', address), {
      max: 1,
      connect_timeout: 2,
      fetch_types: false,
    });
    await expect(outside`select 1`).rejects.toThrow();
    await outside.end();
  }
  const { mode } = await stat(join(directory, 'server.json'));
  expect(mode & 0o777).toBe(0o600);
  // Neither the password's file nor a half-made cluster stays behind.
  expect((await readdir(directory)).toSorted()).toEqual(['data', 'server.json']);
  const lock = await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8');
  expect(lock).toContain(port);
  // Line 5 names the folder of the unix socket: none.
  expect(lock.split('\n')[4]).toBe('');
  await server.stop();
});

test('it ends with a process that is killed, and the next process starts on what was committed', async () => {
  const killed = await startProcess(directory);
  await query(killed.url, async (sql) => {
    await sql`create table note (word text)`;
    await sql`insert into note values ('committed')`;
  });
  killed.kill();
  // At once: the old server may still be going down.
  const next = await startEmbeddedServer({ directory, unsafe: true });
  expect(await eventually(() => countNotes(next.url).catch(() => undefined))).toBe(1);
  await next.stop();
});

test('whoever found a running server starts it again when the process that it belonged to is gone', async () => {
  const owner = await startProcess(directory);
  const second = await startEmbeddedServer({ directory, unsafe: true });
  expect(second.url).toBe(owner.url);
  await query(second.url, (sql) => sql`create table note (word text)`);
  const before = await postmaster();
  owner.kill();
  expect(await eventually(async () => ((await postmaster()) === before ? undefined : true))).toBe(true);
  expect(await eventually(() => countNotes(second.url).catch(() => undefined))).toBe(0);
  await second.stop();
});

test('a server that crashes comes back under the same login', async () => {
  const server = await startEmbeddedServer({ directory, unsafe: true });
  const before = await postmaster();
  process.kill(Number(before), 'SIGKILL');
  const one = () => query(server.url, (sql) => sql`select 1 as one`).catch(() => undefined);
  expect(await eventually(async () => ((await postmaster()) === before ? undefined : one()))).toEqual([{ one: 1 }]);
  await server.stop();
  expect(await isLocked()).toBe(false);
});

test('a second start uses the server that runs, and leaves it running when it stops', async () => {
  const first = await startEmbeddedServer({ directory, unsafe: true });
  const second = await startEmbeddedServer({ directory, unsafe: true });
  expect(second.url).toBe(first.url);
  await second.stop();
  expect(await query(first.url, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
  await first.stop();
});

test('a lock file that names a process long gone does not keep it from starting', async () => {
  const first = await startEmbeddedServer({ directory, unsafe: true });
  const lock = join(directory, 'data', 'postmaster.pid');
  const text = await readFile(lock, 'utf8');
  await first.stop();
  await eventually(async () => ((await isLocked()) ? undefined : true));
  // The highest possible process id: nobody has it.
  await writeFile(lock, text.replace(/^\d+/, '4194303'), { mode: 0o600 });
  if (isRoot) await chown(lock, 65_534, 65_534);
  const later = await startEmbeddedServer({ directory, unsafe: true });
  expect(await query(later.url, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
  await later.stop();
});

test('when somebody else has its port, it takes another', async () => {
  const first = await startEmbeddedServer({ directory, unsafe: true });
  await first.stop();
  const stranger = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => stranger.listen(Number(new URL(first.url).port), '127.0.0.1', resolve));
  try {
    const later = await startEmbeddedServer({ directory, unsafe: true });
    expect(new URL(later.url).port).not.toBe(new URL(first.url).port);
    expect(await query(later.url, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
    await later.stop();
  } finally {
    await new Promise((resolve) => stranger.close(resolve));
  }
});

test.runIf(isRoot)('an ordinary user starts it as well, with binaries of his own', async () => {
  const home = join(directory, 'home');
  await mkdir(home);
  await chown(home, 65_534, 65_534);
  const nobody = { uid: 65_534, gid: 65_534 };
  const data = join(home, 'postgres');
  const server = await startProcess(data, { HOME: home, TMPDIR: home, TSX_DISABLE_CACHE: '1' }, nobody);
  expect(await query(server.url, (sql) => sql`select current_user::text as name`)).toEqual([{ name: 'postgres' }]);
  expect((await stat(join(data, 'data', 'PG_VERSION'))).uid).toBe(65_534);
  server.kill();
  await eventually(() =>
    stat(join(data, 'data', 'postmaster.pid')).then(
      () => undefined,
      () => true,
    ),
  );
});
