// Part of the gateway's `prepack`: puts the patched postgres client into its `dist`, where `#postgres` of the published
// package leads (docs/decisions/0009). The patch and the licence go along.
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// Its main file is cjs/src/index.js.
const client = join(dirname(createRequire(join(root, 'gateway/package.json')).resolve('postgres')), '../..');
const { name, version } = JSON.parse(readFileSync(join(client, 'package.json'), 'utf8'));
const patchFile = join(root, `patches/${name}@${version}.patch`);
const into = join(root, 'gateway/dist/postgres');

rmSync(into, { recursive: true, force: true });
mkdirSync(into, { recursive: true });
for (const part of ['package.json', 'src', 'types/index.d.ts']) {
  cpSync(join(client, part), join(into, part), { recursive: true });
}
cpSync(patchFile, join(into, 'bulkhead.patch'));
cpSync(join(root, 'patches/postgres-UNLICENSE'), join(into, 'UNLICENSE'));

// An install that left the patch out must not be published.
for (const change of readFileSync(patchFile, 'utf8')
  .split(/^diff --git /m)
  .slice(1)) {
  const file = /^\+\+\+ b\/(.+)$/m.exec(change)[1];
  const copied = readFileSync(join(into, file), 'utf8');
  for (const hunk of change.split(/^@@ .*$/m).slice(1)) {
    const patched = [...hunk.matchAll(/^[ +](.*)$/gm)].map(([, line]) => line).join('\n');
    if (!copied.includes(patched)) throw new Error(`${client} is not patched: ${file} lacks\n${patched}`);
  }
}
