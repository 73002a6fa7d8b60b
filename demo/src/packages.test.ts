import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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
    expect(manifest.imports).toEqual({ '#cli': './dist/cli.js' });
    const graphql = await run('npm', ['ls', 'graphql', '--all', '--parseable'], { cwd: project });
    expect(
      new Set(
        graphql.stdout
          .trim()
          .split('\n')
          .filter((line) => line.endsWith('/graphql')),
      ).size,
    ).toBe(1);

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
