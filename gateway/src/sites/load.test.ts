import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin, PluginError, type PluginCall, type PluginLog } from '@bulkhead/plugin-sdk';
import { expect, test } from 'vitest';
import { guardCalls, PluginBug } from './guarded-calls.ts';
import { loadSites } from './load.ts';
import { probeSite } from './probe.ts';
import type { SiteConfiguration } from './site.ts';

const log: PluginLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function siteOf(config: Partial<Record<'compute' | 'storage' | 'network', unknown>> = {}): SiteConfiguration {
  return {
    id: 'mel1',
    name: 'Melbourne',
    compute: { plugin: 'a-compute', config: config.compute ?? { host: 'vc' } },
    storage: { plugin: 'a-storage', config: config.storage ?? { host: 'nef', password: 'canary-secret' } },
    network: { plugin: 'a-network', config: config.network ?? { host: 'ovn' } },
    policy: {
      targetHosts: { cluster: 'c', datastore: 'd', folder: 'f', template: 't' },
      failover: { clusters: ['p'], folder: 'f', role: 'r', storageClasses: { standard: ['lun-1'] } },
      management: {
        cidr: '10.9.0.0/24',
        gateway: '10.9.0.1',
        first: '10.9.0.10',
        last: '10.9.0.20',
        vlans: { first: 3000, last: 3010 },
        macBlock: { first: '00:50:56:20:00:00', last: '00:50:56:20:ff:ff' },
      },
      infrastructure: [],
      dnsServers: [],
      ntpServers: [],
      domainName: 'example.net',
      quarantineSeconds: 60,
      limits: { powerOnsPerHost: 8, relocationsPerDatastore: 2 },
    },
  };
}

function packageOf(kind: 'compute' | 'storage' | 'network', calls: object, extra: object = {}) {
  const definition = definePlugin({
    id: `a-${kind}`,
    version: '1.2.3',
    contract: '1.0',
    kind,
    capabilities: [],
    configSchema: {
      type: 'object',
      additionalProperties: false,
      required: ['host'],
      properties: {
        host: { type: 'string' },
        port: { type: 'integer', default: 443 },
        password: { type: 'string', minLength: 20, secret: true },
      },
    },
    // A double implements the few calls that a test makes.
    setup: () => ({ calls: calls as never, dispose: () => Promise.resolve() }),
  });
  return { default: { ...definition, ...extra } };
}

const ready = { probe: () => Promise.resolve({ state: 'ready' as const }) };
const passwordOk = { host: 'nef', password: 'long-enough-for-the-rule' };
const importPlugin = (packages: Record<string, unknown>) => (name: string) => {
  const found = packages[name];
  return found ? Promise.resolve(found) : Promise.reject(new Error(`Cannot find module '${name}'`));
};
const three = (overrides: Record<string, unknown> = {}) => ({
  'a-compute': packageOf('compute', ready),
  'a-storage': packageOf('storage', ready),
  'a-network': packageOf('network', ready),
  ...overrides,
});

test('makes one instance per site and kind and finds sites by id', async () => {
  const options = { configFile: '/none.yaml', log, importPlugin: importPlugin(three()) };
  const sites = await loadSites([siteOf({ storage: passwordOk })], options);
  expect(sites.of('mel1').plugins.map(({ kind }) => kind)).toEqual(['compute', 'storage', 'network']);
  expect(sites.find('syd1')).toBeUndefined();
  expect(() => sites.of('syd1')).toThrow(/not in the configuration/);
  const probes = await probeSite(sites.of('mel1'), log);
  expect(probes.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
  await sites.dispose();
});

test('says which setting is wrong and never prints a secret', async () => {
  const options = { configFile: '/none.yaml', log, importPlugin: importPlugin(three()) };
  const wrong = siteOf({ storage: { password: 'canary-secret', colour: 'red' } });
  const error = await loadSites([wrong], options).catch((reason: unknown) => reason);
  const message = error instanceof Error ? error.message : '';
  expect(message).toContain('sites.mel1.storage.config');
  expect(message).toContain('"host" is missing');
  expect(message).toContain('"colour" is not known');
  expect(message).toContain('.password');
  expect(message).not.toContain('canary');
});

test.each([
  ['a package that is not there', { 'a-network': undefined }, /could not be loaded/],
  ['a package that is no plugin', { 'a-network': { default: {} } }, /not a plugin/],
  ['a plugin of another kind', { 'a-network': packageOf('storage', ready) }, /kind storage/],
  ['a contract of another major', { 'a-network': packageOf('network', ready, { contract: '2.0' }) }, /contract 2\.0/],
])('refuses %s', async (_, overrides, message) => {
  const options = { configFile: '/none.yaml', log, importPlugin: importPlugin(three(overrides)) };
  await expect(loadSites([siteOf({ storage: passwordOk })], options)).rejects.toThrow(message);
});

const callWithin = (ms: number): PluginCall => ({
  callId: 'op/run/step',
  attempt: 1,
  deadline: new Date(Date.now() + ms),
  signal: AbortSignal.timeout(60_000),
  log,
  progress: () => undefined,
});

const guard = { name: 'a-storage (mel1)', capabilities: ['clones'], started: () => () => undefined };

test('refuses a capability that is not declared, without reaching the plugin', async () => {
  let reached = 0;
  const calls = {
    ensureIsolatedNetwork: () => Promise.resolve((reached += 1)),
    ensureClone: () => Promise.resolve('made'),
  };
  const guarded = guardCalls(calls, guard);
  await expect(guarded.ensureIsolatedNetwork()).rejects.toMatchObject({ kind: 'unimplemented' });
  expect(reached).toBe(0);
  await expect(guarded.ensureClone()).resolves.toBe('made');
});

test('lets plugin errors through, and turns anything else into a bug of the plugin', async () => {
  const calls = {
    fails: () => Promise.reject(new PluginError('busy', 'Busy.', 'detail')),
    breaks: () => Promise.reject(new TypeError('x is undefined')),
    breaksAtOnce: (): string => {
      throw new TypeError('y is undefined');
    },
  };
  const guarded = guardCalls(calls, guard);
  await expect(guarded.fails()).rejects.toMatchObject({ kind: 'busy' });
  await expect(guarded.breaks()).rejects.toBeInstanceOf(PluginBug);
  expect(() => guarded.breaksAtOnce()).toThrow(PluginBug);
});

test('does not wait for a plugin that ignores its deadline', async () => {
  const calls = { hang: (_call: PluginCall) => sleep(30_000, undefined, { ref: false }) };
  await expect(guardCalls(calls, guard).hang(callWithin(10))).rejects.toMatchObject({ kind: 'timeout' });
});
