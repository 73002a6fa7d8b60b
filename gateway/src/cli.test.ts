import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';

const cli = fileURLToPath(new URL('cli.ts', import.meta.url));
const source = new URL('../../tools/source.mjs', import.meta.url).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-cli-'));
  // As root the embedded server runs as another user, who has to get in.
  await chmod(folder, 0o755);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function bulkhead(...args: string[]): Promise<{ code: number | null; out: string; errors: string }> {
  const child = spawn(process.execPath, ['--import', source, cli, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, errors })));
}

async function configure(change: object = {}): Promise<string> {
  const file = join(folder, 'bulkhead.yaml');
  const management = { cidr: '10.66.0.0/24', gateway: '10.66.0.1', first: '10.66.0.10', last: '10.66.0.20' };
  const plugin = { plugin: '@bulkhead/plugin-absent', config: {} };
  await writeFile(
    file,
    stringify({
      database: { directory: join(folder, 'postgres') },
      access: {
        // Nobody listens there.
        issuers: [{ url: 'http://127.0.0.1:9/realms/dr' }],
        clients: [{ azp: 'portal', kind: 'PERSON', maxRole: 'admin' }],
      },
      log: { level: 'error' },
      sites: [
        {
          id: 'harbor-1',
          name: 'Harbor One',
          compute: plugin,
          storage: plugin,
          network: plugin,
          policy: {
            targetHosts: { cluster: 'c1', datastore: 'lun-1', folder: 'targets', template: 'esxi' },
            failover: { clusters: ['c1'], folder: 'failovers', role: 'user', storageClasses: { standard: ['lun-1'] } },
            management: {
              ...management,
              vlans: { first: 2101, last: 2110 },
              macBlock: { first: '00:50:56:20:00:00', last: '00:50:56:20:00:ff' },
            },
            infrastructure: [],
            dnsServers: [],
            ntpServers: [],
            domainName: 'dr.example.net',
          },
        },
      ],
      ...change,
    }),
  );
  return file;
}

test('says what it can do, and refuses what it does not know', async () => {
  const [helped, nothing, unknown] = await Promise.all([bulkhead('--help'), bulkhead(), bulkhead('restart')]);
  expect(helped.code).toBe(0);
  for (const command of ['start', 'serve', 'work', 'migrate', 'check', 'apply FILE'])
    expect(helped.out).toContain(command);
  expect(nothing.code).toBe(2);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.errors).toContain('There is no command restart.');
});

test('a configuration that cannot be used ends with its reason and no stack', async () => {
  const absent = await bulkhead('start', '--config', 'absent.yaml');
  expect(absent.code).toBe(2);
  expect(absent.errors).toContain('cannot be read. Name another file with --config.');
  const file = await configure({ sites: [] });
  const wrong = await bulkhead('check', '--config', file);
  expect(wrong.code).toBe(2);
  expect(wrong.errors).toContain('sites: ');
  expect(wrong.errors).not.toContain('    at ');
  const url = 'postgres://admin:canary-password@127.0.0.1:9/bulkhead';
  const away = await bulkhead('start', '--config', await configure({ database: { url } }));
  expect(away.code).toBe(1);
  expect(away.errors).toContain('The configured database cannot be used: connect ECONNREFUSED');
  expect(away.errors).not.toContain('canary-password');
});

test('migrates an embedded database, and again without harm; a plugin that is not installed is named at the start', async () => {
  const file = await configure();
  expect(await bulkhead('migrate', '--config', file)).toMatchObject({ code: 0 });
  const again = await bulkhead('migrate', '--config', file);
  expect(again.code).toBe(0);
  expect(again.out).toContain('The database is up to date.');
  const started = await bulkhead('start', '--config', file);
  expect(started.code).not.toBe(0);
  expect(started.errors).toContain('@bulkhead/plugin-absent');
  // No password, no key in anything that was written.
  const { password } = JSON.parse(await readFile(join(folder, 'postgres', 'server.json'), 'utf8')) as {
    password: string;
  };
  const key = (await readFile(join(folder, 'bulkhead.key'), 'utf8')).trim();
  for (const text of [again.out, again.errors, started.out, started.errors]) {
    expect(text).not.toContain(password);
    expect(text).not.toContain(key);
  }
});

test('a database that was made with another key is left alone', async () => {
  const file = await configure();
  expect(await bulkhead('migrate', '--config', file)).toMatchObject({ code: 0 });
  const key = join(folder, 'bulkhead.key');
  const kept = await readFile(key, 'utf8');
  await rm(key);
  const lost = await bulkhead('migrate', '--config', file);
  expect(lost.code).toBe(2);
  expect(lost.errors).toContain('was made with another key');
  await writeFile(key, kept);
  expect(await bulkhead('migrate', '--config', file)).toMatchObject({ code: 0 });
});
