import { expect, test } from 'vitest';
import { configSchema, defaultLimits } from './config.ts';
import plugin, { type VsphereConfig } from './index.ts';
import { testCall, testLog } from './test-support/call.ts';

interface Schema {
  type?: string;
  secret?: boolean;
  default?: unknown;
  required?: string[];
  properties?: Record<string, Schema>;
}

// The schema is a constant of ours; this is the part of JSON Schema that it is made of.
const schema = configSchema as Schema;

test('every secret of the configuration is marked as one', () => {
  const secrets: string[] = [];
  const walk = (one: Schema, path: string) => {
    for (const [name, inner] of Object.entries(one.properties ?? {})) {
      if (inner.secret) secrets.push(`${path}${name}`);
      walk(inner, `${path}${name}.`);
    }
  };
  walk(schema, '');
  expect(secrets).toEqual(['vcenter.password', 'templateCredential.password']);
});

test('the schema fills in the limits that the plugin falls back to', () => {
  const limits = schema.properties?.['limits']?.properties ?? {};
  const filled = Object.fromEntries(Object.entries(limits).map(([name, one]) => [name, one.default]));
  expect(filled).toEqual(defaultLimits);
});

const config: VsphereConfig = {
  vcenter: { url: 'https://127.0.0.1:1', userName: 'u', password: 'p4ss', certificateSha256: '00'.repeat(32) },
  datacenter: 'dc1',
  distributedSwitch: 'dvs1',
  templateCredential: { userName: 'root', password: 't3mplate' },
  limits: { connectSeconds: 1 },
};

test('an instance is made without a connection, and tells that its vCenter is away', async () => {
  const instance = plugin.setup({ config, siteId: 'test', log: testLog });
  const probe = await instance.calls.probe(testCall());
  expect(probe.state).toBe('failed');
  expect(probe.reason).toBeDefined();
  await expect(instance.calls.listNetworks(testCall())).rejects.toMatchObject({ kind: 'unavailable' });
  await instance.dispose();
});

test('a target that was never observed is not signed in to', async () => {
  const instance = plugin.setup({ config, siteId: 'test', log: testLog });
  const session = { endpoint: { address: '127.0.0.1' }, credential: { userName: 'root', password: 'x' } };
  await expect(instance.calls.ensureTargetHardened(session, testCall())).rejects.toMatchObject({ kind: 'invalid' });
  await instance.dispose();
});
