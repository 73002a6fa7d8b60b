import { unwrap } from '@bulkhead/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orderTarget } from './story.ts';
import { ourEffects, rowCounts } from './test-support/effects.ts';
import { inPhase, operationEnded, protectedByName, replicate, signIn, type Tenant } from './test-support/tenant.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

// What cannot be done is said so at once, with a code for a program and a sentence for a person, and nothing of it happens.

type Start = Parameters<Tenant['ada']['startFailover']>[0];
type Reason = { code: string; field: string[]; message?: RegExp };

let workshop: Workshop;
let tenant: Tenant;
let vms: Map<string, string>;
let networks: { foreign: string; replication: string };
/** What was answered about a target that was only being made. */
let tooEarly: { userErrors: readonly { code: string; message: string }[] } | null;

beforeAll(async () => {
  // Two hosts of 48 GiB: there is not room for everything.
  workshop = await openWorkshop({ lab: { sizes: { hosts: 2, hostMemoryBytes: 48 * 2 ** 30 } } });
  const [nora, ada] = [workshop.as('nora'), workshop.as('ada')];
  const { targetId, networkId, operationId } = await orderTarget(nora);
  tooEarly = await ada.startFailover({ selection: { targetIds: [targetId], networkId }, confirm: 'acme-dr' });
  await operationEnded(nora, operationId, 'SUCCEEDED');
  tenant = { ada, targetId, networkId, veeam: await signIn(ada, targetId) };
  await replicate(tenant.veeam, [{ name: 'web01' }, { name: 'db01' }, { name: 'huge01', memoryBytes: 200 * 2 ** 30 }]);
  vms = await protectedByName(ada, targetId, ['web01', 'db01', 'huge01']);
  const acmes = await ada.listNetworks({}).toArray({ limit: 20 });
  const all = await nora.listNetworks({}).toArray({ limit: 50 });
  const own = new Set(acmes.map(({ id }) => id));
  networks = {
    foreign: all.find(({ id }) => !own.has(id))?.id ?? '',
    replication: acmes.find(({ name }) => name === 'Replication')?.id ?? '',
  };
  expect(networks.foreign).not.toBe('');
});
afterAll(async () => {
  await tenant?.veeam.disconnect();
  await workshop?.close();
});

const vm = (name: string) => vms.get(name) ?? '';
const request = (changes: Partial<Start> = {}): Start => ({
  selection: { vms: [{ vmId: vm('web01') }], networkId: tenant.networkId },
  confirm: 'acme-dr',
  ...changes,
});
const selected = (selection: Start['selection']) => request({ selection });

const refused: Record<string, { ask: () => Start; reasons: Reason[] }> = {
  'a machine that does not exist': {
    ask: () => selected({ vms: [{ vmId: 'pv_00000000000000000000000000' }], networkId: tenant.networkId }),
    reasons: [{ code: 'NOT_FOUND', field: ['selection', 'vms', '0', 'vmId'] }],
  },
  'a machine that does not exist beside one that does': {
    ask: () => selected({ vms: [{ vmId: vm('web01') }, { vmId: 'pv_nothing' }], networkId: tenant.networkId }),
    reasons: [{ code: 'NOT_FOUND', field: ['selection', 'vms', '1', 'vmId'] }],
  },
  'a machine twice': {
    ask: () => selected({ vms: [{ vmId: vm('web01') }, { vmId: vm('web01') }], networkId: tenant.networkId }),
    reasons: [{ code: 'INVALID', field: ['selection', 'vms', '1', 'vmId'], message: /web01 is chosen twice/ }],
  },
  nothing: {
    ask: () => selected({ networkId: tenant.networkId }),
    reasons: [{ code: 'INVALID', field: ['selection'], message: /at least one/ }],
  },
  'a network of another tenant': {
    ask: () => selected({ vms: [{ vmId: vm('web01') }], networkId: networks.foreign }),
    reasons: [{ code: 'NETWORK_NOT_OWNED', field: ['selection', 'networkId'] }],
  },
  'a network that does not exist': {
    ask: () => selected({ vms: [{ vmId: vm('web01') }], networkId: 'net_nothing' }),
    reasons: [{ code: 'NETWORK_NOT_OWNED', field: ['selection', 'networkId'] }],
  },
  'no network': {
    ask: () => selected({ vms: [{ vmId: vm('web01') }] }),
    reasons: [{ code: 'INVALID', field: ['selection', 'networkId'], message: /network/ }],
  },
  'a restore point that is gone': {
    ask: () => selected({ vms: [{ vmId: vm('web01'), restorePointId: 'rp_nothing' }], networkId: tenant.networkId }),
    reasons: [{ code: 'RESTORE_POINT_GONE', field: ['selection', 'vms', '0', 'restorePointId'], message: /web01/ }],
  },
  'another confirmation than the name of the target': {
    ask: () => request({ confirm: 'acme' }),
    reasons: [{ code: 'CONFIRMATION_MISMATCH', field: ['confirm'], message: /acme-dr/ }],
  },
};

test.each(Object.keys(refused))('%s is refused, and nothing happens', async (name) => {
  const { ask, reasons } = refused[name] ?? { ask: request, reasons: [] };
  await expectRefusal(workshop.as('ada'), ask(), reasons);
});

test('more machines than one failover takes are refused before anything is looked up', async () => {
  const before = { effects: ourEffects(workshop.lab).length, rows: await rowCounts(workshop) };
  const tooMany = Array.from({ length: 1001 }, () => ({ vmId: vm('web01') }));
  const asked = workshop.as('ada').startFailover(selected({ vms: tooMany, networkId: tenant.networkId }));
  await expect(asked).rejects.toMatchObject({
    name: 'ApiError',
    retryable: false,
    message: expect.stringContaining('1000'),
  });
  expect({ effects: ourEffects(workshop.lab).length, rows: await rowCounts(workshop) }).toEqual(before);
});

test('a machine of another tenant is refused exactly as one that does not exist', async () => {
  const stranger = workshop.as('gus');
  const reason = { code: 'NOT_FOUND', field: ['selection', 'vms', '0', 'vmId'] };
  const foreign = await expectRefusal(stranger, request(), [reason]);
  const missing = selected({ vms: [{ vmId: 'pv_00000000000000000000000000' }], networkId: tenant.networkId });
  expect(await expectRefusal(stranger, missing, [reason])).toEqual(foreign);
});

test('a target that is only being made has nothing to fail over', () => {
  expect(tooEarly?.userErrors.map(({ code }) => code)).toEqual(['VM_NOT_PROTECTED']);
  expect(tooEarly?.userErrors[0]?.message).not.toBe('');
});

test('a machine that no host has room for is told so, and is protected as before', async () => {
  const { ada } = tenant;
  const before = ourEffects(workshop.lab).length;
  const run = unwrap(
    await ada.startFailover(
      selected({ vms: [{ vmId: vm('huge01') }, { vmId: vm('db01') }], networkId: tenant.networkId }),
    ),
    'failover',
  );
  const rejected = await inPhase(ada, run.id, 'REJECTED');
  expect(rejected.problem).toMatchObject({ code: 'CAPACITY', message: expect.any(String), remedy: expect.any(String) });
  expect(rejected.vms.nodes.map(({ state }) => state)).toEqual(['SKIPPED', 'SKIPPED']);
  expect((await ada.getProtectedVm(vm('huge01')))?.state).toBe('PROTECTED');
  expect(ourEffects(workshop.lab)).toHaveLength(before);
  expect(await rowCounts(workshop)).toMatchObject({ failover_placement: 0, mount: 0, reservation: 0 });
});

test('a machine that is failing over already is refused', async () => {
  const { ada } = tenant;
  const run = unwrap(await ada.startFailover(request()), 'failover');
  const again = await ada.startFailover(request());
  expect(again).toMatchObject({
    failover: null,
    userErrors: [
      { code: 'VM_BUSY', field: ['selection', 'vms', '0', 'vmId'], message: expect.stringContaining('web01') },
    ],
  });
  await inPhase(ada, run.id, 'LIVE');
  expect(await ada.startFailover(request())).toMatchObject({ failover: null, userErrors: [{ code: 'VM_BUSY' }] });
  expect((await rowCounts(workshop))['failover']).toBe(2);
});

/** Asks, and sees that neither the datacentre nor any table knows of it. */
async function expectRefusal(client: Tenant['ada'], start: Start, reasons: readonly Reason[]) {
  const before = { effects: ourEffects(workshop.lab).length, rows: await rowCounts(workshop) };
  const answer = await client.startFailover(start);
  expect(answer).toMatchObject({
    failover: null,
    userErrors: reasons.map(({ code, field, message }) => ({
      code,
      field,
      message: expect.stringMatching(message ?? /\w+ .+\./),
    })),
  });
  expect({ effects: ourEffects(workshop.lab).length, rows: await rowCounts(workshop) }).toEqual(before);
  return answer;
}
