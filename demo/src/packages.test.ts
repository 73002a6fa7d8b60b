import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { loseTransactions, type Client } from '@bulkhead/gateway/internal/test-support/lost-transactions';
import { freshDatabase } from '@bulkhead/gateway/internal/test-support/scratch-database';
import { gatewayCatalogue, gatewayConfiguration, startLab, type Lab } from '@bulkhead/lab';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const published = [
  'schema',
  'sdk/client',
  'sdk/plugin',
  'gateway',
  'plugins/vsphere',
  'plugins/nexenta',
  'plugins/network',
  'lab',
];

let lab: Lab;
let project: string;
let service: ChildProcess | undefined;

beforeAll(async () => {
  lab = await startLab();
  // Outside the workspace: nothing of it can be found by accident.
  project = await mkdtemp(join(tmpdir(), 'bulkhead-packages-'));
  // As root the database runs as another user, who has to reach its folder.
  await chmod(project, 0o755);
});
afterAll(async () => {
  service?.kill('SIGTERM');
  await lab.stop();
  await rm(project, { recursive: true, force: true });
});

test(
  'every published package installs in an empty project, and `bulkhead start` runs from there',
  { timeout: 300_000 },
  async () => {
    await run('npx', ['tsc', '-b', ...published.filter((folder) => folder !== 'schema')], { cwd: root });
    for (const folder of published) {
      await run('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', project], { cwd: join(root, folder) });
    }
    const tarballs = (await readdir(project)).filter((name) => name.endsWith('.tgz'));
    expect(tarballs).toHaveLength(published.length);
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'outside', private: true, type: 'module' }));
    await run(
      'npm',
      ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs.map((name) => `./${name}`)],
      { cwd: project },
    );

    // Packed packages run what was built, not sources.
    const manifest = JSON.parse(
      await readFile(join(project, 'node_modules/@bulkhead/gateway/package.json'), 'utf8'),
    ) as { imports: object };
    expect(manifest.imports).toMatchObject({ '#cli': './dist/cli.js' });
    const graphql = await run('npm', ['ls', 'graphql', '--all', '--parseable'], { cwd: project });
    expect(
      new Set(
        graphql.stdout
          .trim()
          .split('\n')
          .filter((line) => line.endsWith('/graphql')),
      ).size,
    ).toBe(1);

    await expectPatchedClient();

    const plain = {
      ...gatewayConfiguration(lab, { host: '127.0.0.1', port: 0 }),
      database: { directory: join(project, 'postgres') },
      log: { level: 'info' },
    };
    await writeFile(join(project, 'bulkhead.yaml'), stringify(plain), { mode: 0o600 });
    await writeFile(join(project, 'catalogue.yaml'), stringify(gatewayCatalogue(lab)));
    const command = join(project, 'node_modules/.bin/bulkhead');
    const checked = await run(command, ['check'], { cwd: project });
    expect(checked.stdout).not.toContain('FAIL');

    service = spawn(command, ['start'], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
    const url = await servedUrl(service);
    const anonymous = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ me { subject } }"}',
    });
    expect(anonymous.status).toBe(401);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await lab.identity.token('pat')}` },
      body: '{"query":"{ me { displayName providerRoles } sites { id } }"}',
    });
    expect(await answer.json()).toMatchObject({
      data: { me: { providerRoles: ['provider-admin'] }, sites: [{ id: 'harbor-1' }] },
    });

    const stopped = new Promise<number | null>((resolve) => service?.once('exit', resolve));
    service.kill('SIGTERM');
    expect(await stopped).toBe(0);
  },
);

/** Decision 9: what the installed gateway loads as its database's client is the patched one, and no other is there. */
async function expectPatchedClient(): Promise<void> {
  const installed = join(project, 'node_modules/@bulkhead/gateway');
  const loaded = createRequire(join(installed, 'dist/cli.js')).resolve('#postgres');
  expect(relative(installed, loaded)).toBe('dist/postgres/src/index.js');
  const patched = join(root, 'gateway/node_modules/postgres/src');
  expect(await textsOf(dirname(loaded))).toEqual(await textsOf(patched));
  expect(await readdir(join(installed, 'dist/postgres'))).toEqual(
    expect.arrayContaining(['UNLICENSE', 'bulkhead.patch', 'package.json']),
  );
  const found = await readdir(join(project, 'node_modules'), { recursive: true });
  expect(found.filter((path) => /(^|node_modules\/)postgres$/.test(path))).toEqual([]);

  const fresh = await freshDatabase();
  try {
    // Of the type of what it is a copy of.
    const { default: client } = (await import(pathToFileURL(loaded).href)) as { default: Client };
    await loseTransactions(client, fresh.database.urlOf('maintenance'));
  } finally {
    await fresh.drop();
  }
}

async function textsOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

/** The address from the log line that says where the API is. */
function servedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const found = /"url":"(http[^"]+)","msg":"The API is served/.exec(output);
      if (found?.[1]) resolve(found[1]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`bulkhead start ended with ${code}: ${output.slice(-2000)}`)));
  });
}
