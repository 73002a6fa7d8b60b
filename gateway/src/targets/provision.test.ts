import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { failoverVm } from '../failovers/table.ts';
import { address, managementVlan } from '../networks/table.ts';
import { operation, operationEvent } from '../operations/table.ts';
import { createSealer } from '../secrets/seal.ts';
import { scopeOf } from '../test-support/people.ts';
import { runWorkflow } from '../test-support/run-workflow.ts';
import { freshDatabase } from '../test-support/scratch-database.ts';
import { seed, type Seeded } from '../test-support/seed.ts';
import { siteDouble, type SiteDouble } from '../test-support/site-double.ts';
import { usageInterval } from '../usage/table.ts';
import { deprovisionTarget } from './deprovision.ts';
import { expireRetainedTargets } from './expire-retained.ts';
import { hostNameOf, storageKeyOf } from './naming.ts';
import { provisionSteps } from './provision-steps.ts';
import { provisionTarget, type Accepted, type ProvisionTargetInput } from './provision.ts';
import { revealCredential } from './reveal-credential.ts';
import { target, targetAccount, targetHost } from './table.ts';
import { targetWorkflows } from './workflows.ts';

let database: Database;
let drop: () => Promise<void>;
let seeded: Seeded;
let double: SiteDouble;
let ada: TenantScope;
const sealer = createSealer(randomBytes(32));
let counter = 0;

beforeAll(async () => {
  ({ database, drop } = await freshDatabase());
  seeded = await seed(database);
  ada = await scopeOf(database, 'Ada', { identityId: seeded.acme.identityId });
});
beforeEach(() => {
  double = siteDouble();
});
afterAll(() => drop());

const order = (changes: Partial<ProvisionTargetInput> = {}): ProvisionTargetInput => ({
  idempotencyKey: `key-${(counter += 1)}`,
  organizationId: seeded.acme.id,
  siteId: seeded.siteId,
  planId: seeded.planId,
  name: `target ${counter}`,
  networkId: seeded.acme.networkId,
  credentialProfile: 'LIMITED_ROLE',
  ...changes,
});

const provision = (input = order(), scope = ada) =>
  provisionTarget({ database, sites: double.sites }, scope, input, 'req-1');
const run = (operationId: string, options = {}) =>
  runWorkflow(database, targetWorkflows({ database, sites: double.sites, sealer }), operationId, options);

function accepted(outcome: Accepted): string {
  if ('refusal' in outcome) throw new Error(`refused: ${outcome.refusal.code} ${outcome.refusal.message}`);
  return outcome.operationId;
}

async function targetOf(operationId: string) {
  const [row] = await database.asMaintenance((tx) =>
    tx
      .select({ target, operation })
      .from(operation)
      .innerJoin(target, eq(target.id, operation.subjectId))
      .where(eq(operation.id, operationId)),
  );
  if (!row) throw new Error(`${operationId} has no target.`);
  return row;
}

async function made(): Promise<string> {
  const operationId = accepted(await provision());
  const { failed } = await run(operationId);
  expect(failed).toBeUndefined();
  return (await targetOf(operationId)).target.id;
}

const rows = <T>(query: Parameters<Database['asMaintenance']>[0]) => database.asMaintenance(query) as Promise<T[]>;

async function heldBy(targetId: string) {
  const held = await rows<typeof address.$inferSelect>((tx) =>
    tx.select().from(address).where(eq(address.ownerId, targetId)),
  );
  const vlans = await rows<unknown>((tx) =>
    tx.select().from(managementVlan).where(eq(managementVlan.ownerId, targetId)),
  );
  return { states: held.map(({ state }) => state), vlans: vlans.length };
}

const giveUp = async (targetId: string, changes: { confirm?: string; retainForSeconds?: number } = {}) => {
  const [row] = await database.asMaintenance((tx) => tx.select().from(target).where(eq(target.id, targetId)));
  const input = {
    idempotencyKey: `key-${(counter += 1)}`,
    targetId,
    confirm: row?.name ?? '',
    retainForSeconds: 0,
    ...changes,
  };
  return deprovisionTarget({ database }, ada, input, 'req-2');
};

test('builds a target in the order that keeps it locked from the first moment', async () => {
  const operationId = accepted(await provision());
  expect((await targetOf(operationId)).target).toMatchObject({ state: 'REQUESTED', currentOperationId: operationId });
  const { steps } = await run(operationId);
  expect(steps).toEqual(provisionSteps.map(({ name }) => name));
  const { target: row, operation: done } = await targetOf(operationId);
  expect(row).toMatchObject({ state: 'ACTIVE', health: 'HEALTHY', currentOperationId: null, port: 443 });
  expect(row.userName).toMatch(/^bhrep-[0-9a-z]{10}$/);
  expect(done.status).toBe('SUCCEEDED');

  const calls = double.control.calls.map(({ call }) => call);
  expect(calls.indexOf('verifyLock')).toBeLessThan(calls.indexOf('ensureTargetHost'));
  expect(calls.indexOf('setAccess')).toBeLessThan(calls.indexOf('ensurePoweredOn'));
  const host = double.compute.hosts.get(hostNameOf(row.id));
  const lock = double.network.locks.get(row.id);
  expect(host?.spec.management.mac).toBe(lock?.mac);
  expect(double.storage.datastores.get(storageKeyOf(row.id))?.hosts).toEqual([lock?.ip]);
  expect(host?.networking?.defaultGateway).toBe('10.1.0.1');
  expect(host).toMatchObject({ isHardened: true, account: { userName: row.userName } });
  expect(await heldBy(row.id)).toEqual({ states: ['active', 'active'], vlans: 1 });

  const usage = await rows<typeof usageInterval.$inferSelect>((tx) =>
    tx.select().from(usageInterval).where(eq(usageInterval.targetId, row.id)),
  );
  expect(usage.map(({ meter, edge, quantity }) => `${meter} ${edge} ${quantity}`).sort()).toEqual([
    'STORAGE_PROVISIONED OPEN 500000000000',
    'TARGET_BASE OPEN 1',
  ]);
});

test('shows the tenant nothing of the management side and keeps no secret in the clear', async () => {
  const targetId = await made();
  const lock = double.network.locks.get(targetId);
  const host = double.compute.hosts.get(hostNameOf(targetId));
  const seen = await database.inScope(ada, async (tx) => ({
    target: await tx.select().from(target).where(eq(target.id, targetId)),
    events: await tx.select().from(operationEvent),
  }));
  expect(seen.target).toHaveLength(1);
  const text = JSON.stringify(seen);
  for (const hidden of [lock?.ip, lock?.mac, host?.ref, host?.account?.password, host?.rootPassword]) {
    expect(hidden).toBeTruthy();
    expect(text).not.toContain(`"${hidden}"`);
  }
  for (const table of [targetHost, targetAccount, address]) {
    await expect(database.inScope(ada, (tx) => tx.select().from(table))).rejects.toThrow();
  }
  const accounts = await rows<typeof targetAccount.$inferSelect>((tx) => tx.select().from(targetAccount));
  expect(JSON.stringify(accounts)).not.toContain(host?.account?.password);
});

test.each(provisionSteps.map(({ name }) => name))('leaves the world as it was when %s fails for good', async (name) => {
  const callOf: Record<string, string> = {
    'lock-address': 'ensureAddressLocked',
    'await-lock': 'verifyLock',
    'create-datastore': 'ensureDatastore',
    'export-datastore': 'setAccess',
    'create-host': 'ensureTargetHost',
    'power-on': 'ensurePoweredOn',
    'await-host': 'observeTargetHost',
    'take-over-credential': 'ensureTargetCredential',
    'configure-network': 'ensureTargetNetworking',
    harden: 'ensureTargetHardened',
    'mount-datastore': 'ensureTargetDatastore',
    'create-account': 'ensureTargetAccount',
    verify: 'inspectTarget',
  };
  const call = callOf[name];
  // The first step is our own: it fails where no address is left.
  if (call === undefined)
    await database.asMaintenance((tx) => tx.execute(`update address set state = 'excluded' where state = 'free'`));
  // After its effect: the worst case for whoever takes it back.
  else double.control.faults.push({ call, kind: 'denied', when: 'after' });
  const operationId = accepted(await provision());
  const { failed, steps } = await run(operationId);
  if (call === undefined)
    await database.asMaintenance((tx) =>
      tx.execute(`update address set state = 'free' where state = 'excluded' and ip % 256 > 9`),
    );
  expect(failed?.step).toBe(name);
  const undone = steps.slice(steps.indexOf(name) + 1);
  const inverse = provisionSteps.flatMap(({ undo }) => undo?.name ?? []).toReversed();
  expect(undone).toEqual(inverse.slice(inverse.length - undone.length));
  expect(undone.length).toBeGreaterThan(0);

  const { target: row, operation: done } = await targetOf(operationId);
  expect(row).toMatchObject({ state: 'FAILED', currentOperationId: null, customerAddress: null, userName: null });
  expect(row.conditions.map(({ type }) => type)).toEqual(['OPERATION_FAILED']);
  expect(done).toMatchObject({
    status: 'FAILED',
    problem: { code: call === undefined ? 'CAPACITY' : 'BACKEND_REFUSED' },
  });
  expect(double.compute.hosts.size + double.storage.datastores.size + double.network.locks.size).toBe(0);
  expect((await heldBy(row.id)).states.filter((state) => state !== 'quarantine')).toEqual([]);
  expect((await heldBy(row.id)).vlans).toBe(0);
  expect(await rows((tx) => tx.select().from(targetAccount).where(eq(targetAccount.targetId, row.id)))).toEqual([]);
});

test('hands nothing over that did not pass its checks', async () => {
  double.compute.unmet = 'remote-shell-off';
  const operationId = accepted(await provision());
  const { failed } = await run(operationId);
  expect(failed?.problem).toMatchObject({ code: 'CONFLICT', detail: expect.stringContaining('remote-shell-off') });
  expect(failed?.problem.message).not.toContain('remote-shell-off');
  expect(double.compute.hosts.size).toBe(0);
});

test('keeps the lock while a host cannot be removed, and finishes when it is given up again', async () => {
  double.control.faults.push({ call: 'ensureTargetNetworking', kind: 'denied', when: 'before' });
  double.control.faults.push({ call: 'removeTargetHost', kind: 'denied', when: 'before', times: 1 });
  const operationId = accepted(await provision());
  await run(operationId);
  const { target: row } = await targetOf(operationId);
  expect(row.state).toBe('FAILED');
  expect(row.conditions.map(({ type }) => type)).toEqual(['OPERATION_FAILED', 'CLEANUP_INCOMPLETE']);
  expect(double.network.locks.size).toBe(1);
  expect((await heldBy(row.id)).states).toEqual(['reserved', 'reserved']);

  double.control.faults.length = 0;
  const removal = accepted(await giveUp(row.id));
  expect((await run(removal)).failed).toBeUndefined();
  expect((await targetOf(removal)).target.state).toBe('DEPROVISIONED');
  expect(double.compute.hosts.size + double.storage.datastores.size + double.network.locks.size).toBe(0);
});

test('does the same when every act is done twice, and gets over errors that pass', async () => {
  for (const { call } of [
    { call: 'ensureDatastore' },
    { call: 'ensureTargetAccount' },
    { call: 'ensureAddressLocked' },
  ]) {
    double.control.faults.push({ call, kind: 'unknown-outcome', when: 'after', times: 1 });
  }
  const operationId = accepted(await provision());
  expect((await run(operationId, { repeatActs: true })).failed).toBeUndefined();
  const removal = accepted(await giveUp((await targetOf(operationId)).target.id));
  expect((await run(removal, { repeatActs: true })).failed).toBeUndefined();
  expect(double.compute.hosts.size + double.storage.datastores.size + double.network.locks.size).toBe(0);
});

test('answers one key with one operation, even to 20 at once, and another input with a refusal', async () => {
  const input = order();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => provision(input)));
  expect(new Set(outcomes.map(accepted)).size).toBe(1);
  expect(outcomes.filter((outcome) => 'isReplayed' in outcome && !outcome.isReplayed)).toHaveLength(1);
  const other = await provision({ ...input, name: 'something else' });
  expect(other).toMatchObject({ refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } });
});

test('gives a name once, even to two at once', async () => {
  const outcomes = await Promise.all([provision(order({ name: 'twice' })), provision(order({ name: 'twice' }))]);
  const refusals = outcomes.filter((outcome) => 'refusal' in outcome);
  expect(refusals).toMatchObject([{ refusal: { code: 'NAME_TAKEN', field: ['name'] } }]);
});

test('refuses what cannot be, burns no key by it, and answers for foreign networks as for missing ones', async () => {
  const input = order({ networkId: seeded.globex.networkId });
  const foreign = await provision(input);
  const missing = await provision(order({ networkId: 'net_01zzzzzzzzzzzzzzzzzzzzzzzz' }));
  expect(foreign).toMatchObject({ refusal: { code: 'NETWORK_NOT_OWNED', field: ['networkId'] } });
  expect(missing).toEqual(foreign);
  accepted(await provision({ ...input, networkId: seeded.acme.networkId }));

  expect(await provision(order({ siteId: 'nowhere' }))).toMatchObject({ refusal: { code: 'NOT_FOUND' } });
  expect(await provision(order({ planId: 'tp_none' }))).toMatchObject({ refusal: { code: 'NOT_FOUND' } });
  expect(await provision(order({ name: ' padded ' }))).toMatchObject({ refusal: { code: 'INVALID' } });
});

test('lets only those order who may, and answers for a foreign organization as for a missing one', async () => {
  const gus = await scopeOf(database, 'Gus', { identityId: seeded.globex.identityId });
  const vic = await scopeOf(database, 'Vic', { identityId: seeded.acme.identityId, role: 'VIEWER' });
  const nora = await scopeOf(database, 'Nora', { identityId: await mspIdentity(), role: 'OPERATOR' });
  const foreign = await provision(order(), gus).catch((error: unknown) => error);
  const missing = await provision(order({ organizationId: 'org_none' }), gus).catch((error: unknown) => error);
  expect(foreign).toMatchObject({ code: 'NOT_FOUND', message: 'Not found.' });
  expect(missing).toMatchObject({ code: 'NOT_FOUND', message: 'Not found.' });
  await expect(provision(order(), vic)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  accepted(await provision(order(), nora));
});

async function mspIdentity(): Promise<string> {
  return `identity-${seeded.mspId}`;
}

test('gives a target up only with its name, and not while a failover of it is open', async () => {
  const targetId = await made();
  expect(await giveUp(targetId, { confirm: 'something' })).toMatchObject({
    refusal: { code: 'CONFIRMATION_MISMATCH' },
  });
  await database.asMaintenance((tx) =>
    tx.insert(failoverVm).values({
      id: 'fv_1',
      failoverId: 'fo_1',
      tenantId: seeded.acme.id,
      vmId: 'vm_1',
      targetId,
      name: 'web01',
      state: 'LIVE',
      ordinal: 1,
      nics: [],
      openVmId: 'vm_1',
    }),
  );
  expect(await giveUp(targetId)).toMatchObject({ refusal: { code: 'IN_USE' } });
  await database.asMaintenance((tx) => tx.update(failoverVm).set({ openVmId: null }).where(eq(failoverVm.id, 'fv_1')));
  accepted(await giveUp(targetId));
  expect(await giveUp(targetId)).toMatchObject({ refusal: { code: 'NOT_READY' } });
});

test('takes a target down in reverse, its lock last, and lets its addresses rest', async () => {
  const targetId = await made();
  double.control.calls.length = 0;
  const removal = accepted(await giveUp(targetId));
  expect((await targetOf(removal)).target.state).toBe('DEPROVISIONING');
  const { steps } = await run(removal);
  expect(steps.at(-1)).toBe('release-lock');
  const effects = double.control.calls.map(({ call }) => call);
  const positions = ['removeTargetDatastore', 'removeTargetHost', 'setAccess', 'removeDatastore', 'removeAddress'].map(
    (call) => effects.indexOf(call),
  );
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(positions.every((position) => position >= 0)).toBe(true);
  const { target: row, operation: done } = await targetOf(removal);
  expect(row).toMatchObject({ state: 'DEPROVISIONED', customerAddress: null, userName: null });
  expect(done.status).toBe('SUCCEEDED');
  expect(await heldBy(targetId)).toEqual({ states: ['quarantine', 'quarantine'], vlans: 0 });
  const usage = await rows<typeof usageInterval.$inferSelect>((tx) =>
    tx.select().from(usageInterval).where(eq(usageInterval.targetId, targetId)),
  );
  expect(usage.filter(({ edge }) => edge === 'CLOSE')).toHaveLength(2);
});

test('takes down a target whose host does not answer any more', async () => {
  const targetId = await made();
  const host = double.compute.hosts.get(hostNameOf(targetId));
  if (host) host.isPoweredOn = false;
  const removal = accepted(await giveUp(targetId));
  expect((await run(removal)).failed).toBeUndefined();
  expect(double.compute.hosts.size + double.storage.datastores.size + double.network.locks.size).toBe(0);
});

test('takes down a target on which somebody else has become root', async () => {
  const targetId = await made();
  const host = double.compute.hosts.get(hostNameOf(targetId));
  if (host) host.rootPassword = 'changed by a hostile root';
  const removal = accepted(await giveUp(targetId));
  expect((await run(removal)).failed).toBeUndefined();
  expect(double.compute.hosts.size + double.storage.datastores.size + double.network.locks.size).toBe(0);
});

test('gives up a target that failed, of which nothing is left', async () => {
  double.control.faults.push({ call: 'ensureTargetCredential', kind: 'denied', when: 'before' });
  const operationId = accepted(await provision());
  await run(operationId);
  const { target: row } = await targetOf(operationId);
  const removal = accepted(await giveUp(row.id));
  expect((await run(removal)).failed).toBeUndefined();
  expect((await targetOf(removal)).target.state).toBe('DEPROVISIONED');
});

test.each([
  ['removeDatastore', 'remove-datastore'],
  // By then nothing is left of what the steps before it took down.
  ['removeAddress', 'release-lock'],
])('finishes what a removal that failed at %s has begun', async (call, step) => {
  const targetId = await made();
  double.control.faults.push({ call, kind: 'conflict', when: 'before', times: 1 });
  const first = accepted(await giveUp(targetId));
  expect((await run(first)).failed?.step).toBe(step);
  const { target: row, operation: ended } = await targetOf(first);
  expect(row).toMatchObject({ state: 'FAILED', currentOperationId: null });
  expect(ended.status).toBe('FAILED');
  expect(double.network.locks.size).toBe(1);
  const second = accepted(await giveUp(targetId));
  expect((await run(second)).failed).toBeUndefined();
  expect((await targetOf(second)).target.state).toBe('DEPROVISIONED');
  expect(double.storage.datastores.size + double.network.locks.size).toBe(0);
});

test('keeps the share of a retained target until its date, and counts it until then', async () => {
  const targetId = await made();
  const removal = accepted(await giveUp(targetId, { retainForSeconds: 3600 }));
  await run(removal);
  expect((await targetOf(removal)).target.state).toBe('RETAINED');
  expect(double.storage.datastores.get(storageKeyOf(targetId))?.hosts).toEqual([]);
  expect(double.compute.hosts.size + double.network.locks.size).toBe(0);
  expect(await expireRetainedTargets({ database })).toBe(0);

  const later = new Date(Date.now() + 7_200_000);
  const counts = await Promise.all([
    expireRetainedTargets({ database }, later),
    expireRetainedTargets({ database }, later),
  ]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  const [queued] = await rows<typeof operation.$inferSelect>((tx) =>
    tx.select().from(operation).where(eq(operation.kind, 'DESTROY_TARGET')),
  );
  await run(queued?.id ?? '');
  expect((await targetOf(removal)).target.state).toBe('DEPROVISIONED');
  expect(double.storage.datastores.size).toBe(0);
  const usage = await rows<typeof usageInterval.$inferSelect>((tx) =>
    tx.select().from(usageInterval).where(eq(usageInterval.targetId, targetId)),
  );
  expect(usage).toHaveLength(4);
});

test('shows a credential once, to one of many who ask at once, and again to the same key', async () => {
  const targetId = await made();
  const host = double.compute.hosts.get(hostNameOf(targetId));
  const reveal = (idempotencyKey: string, scope = ada) =>
    revealCredential({ database, sealer }, scope, { idempotencyKey, targetId }, 'req-3');
  const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => reveal(`reveal-key-${index}`)));
  const shown = outcomes.filter((outcome) => 'secret' in outcome);
  expect(shown).toMatchObject([{ secret: host?.account?.password, userName: host?.account?.userName }]);
  expect(
    outcomes.filter((outcome) => 'refusal' in outcome && outcome.refusal.code === 'ALREADY_REVEALED'),
  ).toHaveLength(49);
  const winner = outcomes.findIndex((outcome) => 'secret' in outcome);
  expect(await reveal(`reveal-key-${winner}`)).toEqual(shown[0]);

  await database.asMaintenance((tx) =>
    tx
      .update(targetAccount)
      .set({ revealedAt: new Date(Date.now() - 700_000) })
      .where(eq(targetAccount.targetId, targetId)),
  );
  expect(await reveal(`reveal-key-${winner}`)).toMatchObject({ refusal: { code: 'ALREADY_REVEALED' } });
});

test('shows a credential to nobody but the freshly signed-in admin of the tenant itself', async () => {
  const targetId = await made();
  const reveal = (scope: TenantScope) =>
    revealCredential({ database, sealer }, scope, { idempotencyKey: `key-${(counter += 1)}`, targetId }, 'req-4');
  const stale = await scopeOf(database, 'Ada', { identityId: seeded.acme.identityId, signedInSecondsAgo: 400 });
  expect(await reveal(stale)).toMatchObject({ refusal: { code: 'SIGN_IN_AGAIN' } });
  const oscar = await scopeOf(database, 'Oscar', { identityId: seeded.acme.identityId, role: 'OPERATOR' });
  const mia = await scopeOf(database, 'Mia', { identityId: await mspIdentity() });
  const pat = await scopeOf(database, 'Pat', { providerRoles: ['provider-admin'] });
  const gus = await scopeOf(database, 'Gus', { identityId: seeded.globex.identityId });
  for (const scope of [oscar, mia, pat]) await expect(reveal(scope)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(reveal(gus)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('keeps an unbroken audit chain over everything that was done at once', async () => {
  const verdict = await database.asMaintenance((tx) => audit.verify(tx, ada, seeded.acme.id));
  expect(verdict.brokenAt).toBeUndefined();
  expect(verdict.entries).toBeGreaterThan(30);
});
