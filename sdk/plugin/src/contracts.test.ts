import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const here = new URL('.', import.meta.url);

/** Every identifier of the contracts, without comments and texts. */
async function identifiers(): Promise<Set<string>> {
  const names = (await readdir(here)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const sources = await Promise.all(names.map((name) => readFile(new URL(name, here), 'utf8')));
  const code = sources.join('\n').replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'[^'\n]*'/g, ' ');
  return new Set(code.match(/[A-Za-z_][A-Za-z0-9_]*/g));
}

test('no plugin call takes a credential of the customer’s site', async () => {
  const secretive = [...(await identifiers())].filter((name) =>
    /password|secret|credential|token|privateKey|apiKey/i.test(name),
  );
  // All of these are of the nested host, which is the provider's: its root account and the account that we issue on it.
  expect(secretive.sort()).toEqual([
    'Credential',
    'CredentialProfile',
    'credential',
    'ensureTargetCredential',
    'password',
  ]);
});

test('no plugin call names a system at the customer’s site', async () => {
  const foreign = [...(await identifiers())].filter((name) =>
    /source(Host|Site|Server|Vcenter|Address)|customer(Host|Site|Server|Vcenter|Url)/i.test(name),
  );
  expect(foreign).toEqual([]);
});
