import { VeeamJobError } from '@bulkhead/lab';
import { unwrap } from '@bulkhead/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readShares } from './final-state/appliance.ts';
import { checkFinalState, type Datacentre } from './final-state/final-state.ts';
import { readProduction } from './final-state/production.ts';
import { expectations, machinesOf } from './story.ts';
import { repeatedEffects } from './test-support/effects.ts';
import { inPhase, openTenant, protectedByName, replicate, type Tenant } from './test-support/tenant.ts';
import { waitFor } from './test-support/wait-for.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

// Not everything fails over at once: a second run is started while the first is live, and what stays behind goes on being
// replicated when both are over. Disks move at commit here, so that each run is on the share for as long as it is live.

let workshop: Workshop;
let tenant: Tenant;
let vms: Map<string, string>;
let first: string;
let second: string;
let elsewhere: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  tenant = await openTenant(workshop);
  const machines = ['web01', 'web02', 'db01', 'db02', 'app01'];
  await replicate(
    tenant.veeam,
    machines.map((name) => ({ name })),
  );
  vms = await protectedByName(tenant.ada, tenant.targetId, machines);
});
afterAll(async () => {
  await tenant?.veeam.disconnect();
  await workshop?.close();
});

test('further waves are started while the first is live, on its host and on another', async () => {
  first = await startWave(['web01', 'web02']);
  await inPhase(tenant.ada, first, 'LIVE');
  expect(await mounts()).toEqual([mountOf()]);
  const [shared = ''] = mountingNames();

  const others = productionHosts().filter(({ name }) => name !== shared);
  for (const { name } of others) workshop.lab.vcenter.setHost(name, { isInMaintenance: true });
  second = await startWave(['db01']);
  await inPhase(tenant.ada, second, 'LIVE');
  expect(mountingNames()).toEqual([shared]);
  for (const { name } of others) workshop.lab.vcenter.setHost(name, { isInMaintenance: false });

  workshop.lab.vcenter.setHost(shared, { isInMaintenance: true });
  elsewhere = await startWave(['db02']);
  await inPhase(tenant.ada, elsewhere, 'LIVE');
  workshop.lab.vcenter.setHost(shared, { isInMaintenance: false });
  expect(mountingNames()).toHaveLength(2);

  expect((await tenant.ada.getFailover(first))?.phase).toBe('LIVE');
  // A volume has one name in production, whoever mounts it, and the share knows no host beyond those and the nested one.
  expect(await mounts()).toEqual([mountOf()]);
  expect(await exportedTo()).toEqual([targetAddress(), ...mountingHosts()].sort());
});

test('a machine of an open run is not taken into another', async () => {
  const answer = await start(['web01']);
  expect(answer).toMatchObject({
    failover: null,
    userErrors: [{ code: 'VM_BUSY', field: ['selection', 'vms', '0', 'vmId'] }],
  });
});

test('replication of what stays is refused with a clear job error while a run is on the share', async () => {
  const error = await refusedJob();
  expect(error).toMatchObject({ fault: 'NoPermission', message: expect.stringContaining('app01') });
  expect(await pointsOf('app01')).toHaveLength(1);
});

test('the end of the first run takes nothing away that the second still needs', async () => {
  const before = mountingNames();
  await commit(first);
  expect(mountingNames()).toEqual(before);
  expect(await mounts()).toEqual([mountOf()]);
  expect(await exportedTo()).toEqual([targetAddress(), ...mountingHosts()].sort());
  expect(await refusedJob()).toMatchObject({ fault: 'NoPermission' });
  // Still protected by what it has, and honest about it.
  const staying = await tenant.ada.getProtectedVm(vms.get('app01') ?? '');
  expect(staying).toMatchObject({ state: 'PROTECTED', replicationHealth: 'PAUSED' });
});

test('a host is let go with the last run on it', async () => {
  const before = mountingNames();
  await commit(elsewhere);
  expect(before.filter((name) => !mountingNames().includes(name))).toHaveLength(1);
  expect(await exportedTo()).toEqual([targetAddress(), ...mountingHosts()].sort());
  expect(await refusedJob()).toMatchObject({ fault: 'NoPermission' });
});

test('the last run gives back everything, and what stayed goes on being replicated', async () => {
  await commit(second);
  expect(await mounts()).toEqual([]);
  expect(await exportedTo()).toEqual([targetAddress()]);
  const point = await tenant.veeam.addRestorePoint('app01');
  expect(await pointsOf('app01')).toHaveLength(2);
  const { ada, targetId } = tenant;
  const latest = await waitFor('the new restore point in the API', async () => {
    unwrap(await ada.refreshProtectedVms({ targetId }), 'target');
    const vm = await ada.getProtectedVm(vms.get('app01') ?? '');
    return vm?.restorePoints.nodes.length === 2 && vm.replicationHealth !== 'PAUSED' ? vm : undefined;
  });
  expect(latest.state).toBe('PROTECTED');
  expect(point).toContain('Restore Point');
});

test('all waves end as promised, each effect having been had once', async () => {
  const machines = [first, second, elsewhere].map((failoverId) => machinesOf(tenant.ada, failoverId));
  const { datacentre, expected } = expectations(workshop, tenant.targetId, (await Promise.all(machines)).flat());
  expect(expected.vms).toHaveLength(4);
  expect((await checkFinalState(datacentre, expected)).filter(({ isMet }) => !isMet)).toEqual([]);
  const { vms: seen } = await readProduction(datacentre.production);
  // What stayed is nowhere in production.
  expect(seen.filter(({ name }) => name.includes('app01'))).toEqual([]);
  expect(repeatedEffects(workshop.lab)).toEqual([]);
});

test('what stayed fails over with its newest restore point in a wave of its own', async () => {
  const third = await startWave(['app01']);
  await inPhase(tenant.ada, third, 'LIVE');
  const on = workshop.lab.vcenter.snapshotOfWorld().vms.find(({ name }) => name.includes('app01'));
  expect(on?.disks[0]?.content?.filter((line) => line.startsWith('changes of app01'))).toHaveLength(2);
  await commit(third);
  expect(await mounts()).toEqual([]);
});

function start(names: readonly string[]) {
  const chosen = names.map((name) => ({ vmId: vms.get(name) ?? '' }));
  return tenant.ada.startFailover({
    selection: { vms: chosen, networkId: tenant.networkId },
    confirm: 'acme-dr',
    relocation: 'ON_COMMIT',
  });
}

async function startWave(names: readonly string[]): Promise<string> {
  return unwrap(await start(names), 'failover').id;
}

async function commit(failoverId: string): Promise<void> {
  unwrap(await tenant.ada.commitFailover({ failoverId }), 'failover');
  await inPhase(tenant.ada, failoverId, 'COMMITTED');
}

async function refusedJob(): Promise<VeeamJobError> {
  const outcome = await tenant.veeam.addRestorePoint('app01').catch((error: unknown) => error);
  if (!(outcome instanceof VeeamJobError)) throw new Error(`The job was not refused: ${String(outcome)}`);
  return outcome;
}

async function pointsOf(name: string): Promise<string[]> {
  return (await tenant.veeam.list()).find((machine) => machine.name === name)?.restorePoints ?? [];
}

const mountOf = () => `bh-${tenant.targetId.replaceAll('_', '-')}`;

function datacentre(): Datacentre {
  return expectations(workshop, tenant.targetId, []).datacentre;
}

/** NFS datastores that any production host mounts, as production itself answers. */
async function mounts(): Promise<string[]> {
  const { nfsDatastores } = await readProduction(datacentre().production);
  return nfsDatastores
    .filter(({ hosts }) => hosts > 0)
    .map(({ name }) => name)
    .sort();
}

async function exportedTo(): Promise<string[]> {
  const { expected } = expectations(workshop, tenant.targetId, []);
  const shares = await readShares(datacentre().appliance);
  return shares.find(({ filesystem }) => filesystem.split('/').includes(expected.storageKey))?.readWrite ?? [];
}

const targetAddress = () => expectations(workshop, tenant.targetId, []).expected.targetAddress;

function productionHosts() {
  return workshop.lab.vcenter.snapshotOfWorld().hosts.filter(({ name }) => name.startsWith('esx'));
}

/** Production hosts that mount the share now. */
function mountingNames(): string[] {
  const mounting = productionHosts().filter(({ datastores }) => datastores.some(({ name }) => name === mountOf()));
  return mounting.map(({ name }) => name);
}

/** Their storage addresses. */
function mountingHosts(): string[] {
  return mountingNames().map((name) => workshop.lab.block.productionHost(Number(name.slice(-2))));
}
