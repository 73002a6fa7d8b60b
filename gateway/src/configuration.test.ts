import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  checkConfiguration,
  ConfigurationError,
  databaseUrlOf,
  derivedKey,
  masterKey,
  readConfiguration,
} from './configuration.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-configuration-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  delete process.env.BULKHEAD_TEST_KEY;
});

/** The example that operators copy. */
const example = async (): Promise<string> => {
  const page = await readFile(new URL('../../docs/operating.md', import.meta.url), 'utf8');
  const [, found] = /```yaml\n([\s\S]*?sites:[\s\S]*?)```/.exec(page) ?? [];
  if (found === undefined) throw new Error('docs/operating.md holds no configuration any more.');
  return found;
};

/** The example with one place changed: `sites.0.policy.management.first`. */
async function changed(path: string, value: unknown): Promise<unknown> {
  const whole = parse(await example()) as unknown;
  const names = path.split('.');
  const last = names.pop() ?? '';
  let place = whole as Record<string, unknown>;
  for (const name of names) place = (place[name] ??= {}) as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return whole;
}

test('the documented example is valid, and what it leaves out has defaults', async () => {
  const file = join(folder, 'bulkhead.yaml');
  await writeFile(file, await example());
  const configuration = await readConfiguration(file);
  expect(configuration.file).toBe(file);
  expect(configuration.workflows.retry).toEqual({ attempts: 5, firstPauseMs: 2000, factor: 2 });
  expect(configuration.sites[0]?.policy.limits).toMatchObject({ powerOnsPerHost: 8, relocationsPerDatastore: 2 });
  expect(configuration.sites[0]?.policy.quarantineSeconds).toBe(86_400);
});

describe('a mistake is named by its place', () => {
  test.each([
    ['sites', [], 'sites: '],
    ['sites.0.id', 'Frankfurt 1', 'sites.0.id: A site’s id has lower-case letters, digits and dashes.'],
    ['sites.0.storage', undefined, 'sites.0.storage: '],
    [
      'sites.0.policy.management.first',
      '10.99.0.1',
      'sites.0.policy.management: The first address 10.99.0.1 is not inside',
    ],
    ['sites.0.policy.management.vlans', { first: 300, last: 200 }, 'vlans: The first VLAN lies behind the last.'],
    ['sites.0.policy.management.macBlock.last', '00:50:56:7f:ff:ff', 'macBlock.last: A static MAC lies between'],
    ['sites.0.policy.failover.storageClasses', {}, 'storageClasses: Name at least one storage class.'],
    ['sites.0.policy.limit', {}, 'Unrecognized key: "limit"'],
    [
      'access.issuers.0.url',
      'http://login.example.net/realms/dr',
      'access.issuers.0.url: An issuer is reached by https',
    ],
    ['workflows.retry.attempts', 0, 'workflows.retry.attempts: '],
    ['listen.port', 70_000, 'listen.port: '],
  ])('%s', async (path, value, words) => {
    const wrong = await changed(path, value);
    expect(() => checkConfiguration(wrong, 'bulkhead.yaml')).toThrow(ConfigurationError);
    expect(() => checkConfiguration(wrong, 'bulkhead.yaml')).toThrow(words);
  });

  test('the same site twice', async () => {
    const whole = parse(await example()) as { sites: unknown[] };
    whole.sites.push(whole.sites[0]);
    expect(() => checkConfiguration(whole, 'bulkhead.yaml')).toThrow('is there twice');
  });

  test('a file that is missing, or is not YAML', async () => {
    await expect(readConfiguration(join(folder, 'absent.yaml'))).rejects.toThrow('Name another file with --config.');
    const file = join(folder, 'broken.yaml');
    await writeFile(file, 'sites: [\n');
    await expect(readConfiguration(file)).rejects.toThrow('is not YAML');
  });

  test('a message repeats no value, which may be a secret', async () => {
    const wrong = await changed('database.url', 'mysql://root:hunter2@db');
    expect(() => checkConfiguration(wrong, 'bulkhead.yaml')).toThrow('database.url');
    expect(() => checkConfiguration(wrong, 'bulkhead.yaml')).not.toThrow('hunter2');
  });
});

describe('the master key', () => {
  const configured = async (secrets: Record<string, string>) =>
    checkConfiguration(await changed('secrets', secrets), join(folder, 'bulkhead.yaml'));

  test('is made once, readable by its owner only, and the same for processes that start at once', async () => {
    const configuration = await configured({ keyFile: 'keys/bulkhead.key' });
    const keys = await Promise.all(Array.from({ length: 5 }, () => masterKey(configuration)));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect((await stat(join(folder, 'keys/bulkhead.key'))).mode & 0o777).toBe(0o600);
    expect(await masterKey(configuration)).toEqual(keys[0]);
  });

  test('is never replaced when it cannot be read or is damaged', async () => {
    const configuration = await configured({ keyFile: 'bulkhead.key' });
    const path = join(folder, 'bulkhead.key');
    await writeFile(path, 'short');
    await expect(masterKey(configuration)).rejects.toThrow('does not hold 32 bytes');
    expect(await readFile(path, 'utf8')).toBe('short');
    await rm(path);
    await chmod(folder, 0o755);
    await expect(masterKey(await configured({ keyFile: '.' }))).rejects.toThrow('cannot be read');
  });

  test('comes from the environment when that is named', async () => {
    const configuration = await configured({ keyEnv: 'BULKHEAD_TEST_KEY' });
    await expect(masterKey(configuration)).rejects.toThrow('BULKHEAD_TEST_KEY');
    process.env.BULKHEAD_TEST_KEY = Buffer.alloc(32, 1).toString('base64');
    expect(await masterKey(configuration)).toEqual(Buffer.alloc(32, 1));
  });

  test('gives each use a key of its own', () => {
    const master = Buffer.alloc(32, 1);
    expect(derivedKey(master, 'one')).toHaveLength(32);
    expect(derivedKey(master, 'one')).toEqual(derivedKey(master, 'one'));
    expect(derivedKey(master, 'one')).not.toEqual(derivedKey(master, 'other'));
  });
});

test('DATABASE_URL wins over the file', async () => {
  const configuration = checkConfiguration(await changed('database.url', 'postgres://file/db'), 'bulkhead.yaml');
  const before = process.env.DATABASE_URL;
  try {
    delete process.env.DATABASE_URL;
    expect(databaseUrlOf(configuration)).toBe('postgres://file/db');
    process.env.DATABASE_URL = 'postgres://environment/db';
    expect(databaseUrlOf(configuration)).toBe('postgres://environment/db');
  } finally {
    if (before === undefined) delete process.env.DATABASE_URL;
    else process.env.DATABASE_URL = before;
  }
});
