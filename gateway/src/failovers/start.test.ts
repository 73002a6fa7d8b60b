import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { scopeOf } from '../test-support/people.ts';
import { network } from '../networks/table.ts';
import { operation } from '../operations/table.ts';
import { protectedVm, restorePoint } from '../protected-vms/table.ts';
import { target as targetTable } from '../targets/table.ts';
import { vmVerdicts, startRefusal } from './guards.ts';
import { commitFailover, retryFailover, skipVms } from './control.ts';
import type { StartFailoverInput } from './start.ts';
import { failover, failoverVm } from './table.ts';
import { accepted, failoverFixture, failoverStage, key, type Fixture, type Stage } from './test-support/fixture.ts';

let fixture: Fixture;
let stage: Stage;
type Site = Awaited<ReturnType<Stage['site']>>;

beforeAll(async () => {
  fixture = await failoverFixture();
});
beforeEach(() => {
  stage = failoverStage(fixture);
});
afterAll(() => fixture.drop());

const counts = () =>
  fixture.database.asMaintenance(async (tx) => [
    (await tx.select().from(operation).where(eq(operation.kind, 'FAILOVER'))).length,
    (await tx.select().from(failover)).length,
    (await tx.select().from(failoverVm)).length,
  ]);

test('answers one key with one failover, even to 20 at once, and another input with a refusal', async () => {
  const { target } = await stage.site();
  const input = { ...stage.all(target), idempotencyKey: key() };
  const before = await counts();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => stage.start(input)));
  expect(new Set(outcomes.map(accepted)).size).toBe(1);
  expect(outcomes.filter((one) => 'isReplayed' in one && !one.isReplayed)).toHaveLength(1);
  expect(await counts()).toEqual([before[0]! + 1, before[1]! + 1, before[2]! + 3]);
  const other = await stage.start({ ...input, relocation: 'ON_COMMIT' });
  expect(other).toMatchObject({ refusals: [{ code: 'IDEMPOTENCY_KEY_REUSED', field: ['idempotencyKey'] }] });
  // The machines have another state by now; the key still answers with the same failover.
  await stage.engine.settle();
  expect(accepted(await stage.start(input))).toBe(accepted(outcomes[0]!));
});

test('lets a machine take part in one of 20 failovers that are started at once', async () => {
  const { target, vmOf } = await stage.site();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => stage.start(stage.some(target, [vmOf('web01')]))),
  );
  const refusals = outcomes.flatMap((one) => ('refusals' in one ? one.refusals.map(({ code }) => code) : []));
  expect(refusals).toEqual(Array.from({ length: 19 }, () => 'VM_BUSY'));
});

const networkId = () => fixture.seeded.acme.networkId;
const refusals: [string, (site: Site) => Partial<StartFailoverInput> | Promise<Partial<StartFailoverInput>>, object][] =
  [
    ['nothing chosen', () => ({ selection: { networkId: networkId() } }), { code: 'INVALID', field: ['selection'] }],
    [
      'a machine that does not exist',
      () => ({ selection: { vms: [{ vmId: 'vm_01jzzzzzzzzzzzzzzzzzzzzzzz' }], networkId: networkId() } }),
      { code: 'NOT_FOUND', field: ['selection', 'vms', '0', 'vmId'] },
    ],
    [
      'a target that does not exist',
      () => ({ selection: { targetIds: ['rt_01jzzzzzzzzzzzzzzzzzzzzzzz'], networkId: networkId() } }),
      { code: 'NOT_FOUND', field: ['selection', 'targetIds', '0'] },
    ],
    [
      'the same machine twice',
      ({ vmOf }) => ({
        selection: { vms: [{ vmId: vmOf('web01') }, { vmId: vmOf('web01') }], networkId: networkId() },
      }),
      { code: 'INVALID', field: ['selection', 'vms', '1', 'vmId'] },
    ],
    [
      'no network',
      ({ vmOf }) => ({ selection: { vms: [{ vmId: vmOf('web01') }] } }),
      { code: 'INVALID', field: ['selection', 'networkId'] },
    ],
    [
      "another tenant's network",
      ({ vmOf }) => ({ selection: { vms: [{ vmId: vmOf('web01') }], networkId: fixture.seeded.globex.networkId } }),
      { code: 'NETWORK_NOT_OWNED', field: ['selection', 'networkId'] },
    ],
    [
      'a network that does not exist, for one NIC',
      ({ vmOf }) => ({
        selection: {
          vms: [{ vmId: vmOf('web01'), nics: [{ nicKey: 4000, networkId: 'net_01jzzzzzzzzzzzzzzzzzzzzzzz' }] }],
          networkId: networkId(),
        },
      }),
      { code: 'NETWORK_NOT_OWNED', field: ['selection', 'vms', '0', 'nics', '0', 'networkId'] },
    ],
    [
      'a network for tests',
      async ({ vmOf }) => {
        const id = 'net_01jtesttesttesttesttesttes';
        const { id: tenantId } = fixture.seeded.acme;
        const base = { id, tenantId, siteId: fixture.seeded.siteId, name: 'tests', vlanId: 999 };
        await fixture.database.asMaintenance((tx) =>
          tx
            .insert(network)
            .values({ ...base, kind: 'TEST', cidr: '10.9.9.0/24', gateway: '10.9.9.1' })
            .onConflictDoNothing(),
        );
        return { selection: { vms: [{ vmId: vmOf('web01') }], networkId: id } };
      },
      { code: 'NETWORK_NOT_ATTACHABLE', field: ['selection', 'networkId'] },
    ],
    [
      'a NIC that the machine does not have',
      ({ vmOf }) => ({
        selection: { vms: [{ vmId: vmOf('web01'), nics: [{ nicKey: 7 }] }], networkId: networkId() },
      }),
      { code: 'INVALID', field: ['selection', 'vms', '0', 'nics', '0', 'nicKey'] },
    ],
    [
      "another machine's restore point",
      async ({ vmOf }) => {
        const [point] = await fixture.database.asMaintenance((tx) =>
          tx
            .select()
            .from(restorePoint)
            .where(eq(restorePoint.vmId, vmOf('db01'))),
        );
        const restorePointId = point?.id ?? '';
        return { selection: { vms: [{ vmId: vmOf('web01'), restorePointId }], networkId: networkId() } };
      },
      { code: 'RESTORE_POINT_GONE', field: ['selection', 'vms', '0', 'restorePointId'] },
    ],
    ['a name mistyped', () => ({ confirm: 'somthing' }), { code: 'CONFIRMATION_MISMATCH', field: ['confirm'] }],
    ['a timer without its time', () => ({ commitPolicy: 'COMMIT' }), { code: 'INVALID', field: ['commitAfter'] }],
    [
      'a timer that runs out at once',
      () => ({ commitPolicy: 'ROLLBACK', commitAfterSeconds: 299 }),
      { code: 'INVALID', field: ['commitAfter'] },
    ],
    [
      'a timer that runs for days',
      () => ({ commitPolicy: 'ROLLBACK', commitAfterSeconds: 86_401 }),
      { code: 'INVALID', field: ['commitAfter'] },
    ],
    ['a time without a timer', () => ({ commitAfterSeconds: 600 }), { code: 'INVALID', field: ['commitAfter'] }],
    [
      'a machine without a restore point',
      async ({ vmOf }) => {
        await fixture.database.asMaintenance((tx) =>
          tx
            .update(protectedVm)
            .set({ state: 'DISCOVERED' })
            .where(eq(protectedVm.id, vmOf('db01'))),
        );
        return { selection: { vms: [{ vmId: vmOf('web01') }, { vmId: vmOf('db01') }], networkId: networkId() } };
      },
      { code: 'VM_NOT_PROTECTED', field: ['selection', 'vms', '1', 'vmId'] },
    ],
    [
      'a target that is being given up',
      async ({ target }) => {
        await fixture.database.asMaintenance((tx) =>
          tx.update(targetTable).set({ state: 'DEPROVISIONING' }).where(eq(targetTable.id, target.id)),
        );
        return {};
      },
      { code: 'TARGET_NOT_READY' },
    ],
  ];

test.each(refusals)('refuses %s, and nothing of it stays, not even its key', async (_what, changes, refusal) => {
  const site = await stage.site();
  const before = await counts();
  const input = { ...stage.all(site.target), ...(await changes(site)), idempotencyKey: key() };
  expect(await stage.start(input)).toMatchObject({
    refusals: expect.arrayContaining([expect.objectContaining(refusal)]),
  });
  expect(await counts()).toEqual(before);
  const states = await fixture.database.asMaintenance((tx) =>
    tx.select({ state: protectedVm.state }).from(protectedVm).where(eq(protectedVm.targetId, site.target.id)),
  );
  expect(states.map(({ state }) => state)).not.toContain('FAILING_OVER');
});

test('answers for a foreign machine, target and failover exactly as for missing ones', async () => {
  const { target, vms } = await stage.site();
  const ben = await scopeOf(fixture.database, 'Ben', { identityId: fixture.seeded.globex.identityId });
  const missing = 'vm_01jzzzzzzzzzzzzzzzzzzzzzzz';
  const own = { networkId: fixture.seeded.globex.networkId };
  const ofVm = async (vmId: string) =>
    JSON.stringify(await stage.start({ selection: { vms: [{ vmId }], ...own }, confirm: target.name }, ben)).replace(
      vmId,
      '…',
    );
  expect(await ofVm(vms[0]?.id ?? '')).toBe(await ofVm(missing));
  const ofTarget = (id: string) => stage.start({ selection: { targetIds: [id], ...own }, confirm: target.name }, ben);
  expect(await ofTarget(target.id)).toEqual(await ofTarget('rt_01jzzzzzzzzzzzzzzzzzzzzzzz'));
  const failoverId = accepted(await stage.start(stage.all(target)));
  for (const control of [commitFailover, retryFailover, skipVms]) {
    const answer = (id: string) => control(fixture, ben, { idempotencyKey: key(), failoverId: id }, 'req');
    await expect(answer(failoverId)).rejects.toThrow('Not found.');
    await expect(answer('fo_01jzzzzzzzzzzzzzzzzzzzzzzz')).rejects.toThrow('Not found.');
  }
});

test('lets a viewer see and not start, nor commit', async () => {
  const { target } = await stage.site();
  const { identityId } = fixture.seeded.acme;
  const viewer = await scopeOf(fixture.database, 'Vera', { identityId, role: 'VIEWER' });
  await expect(stage.start(stage.all(target), viewer)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const failoverId = accepted(await stage.start(stage.all(target)));
  const input = { idempotencyKey: key(), failoverId };
  await expect(commitFailover(fixture, viewer, input, 'req')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await commitFailover(fixture, fixture.ada, input, 'req')).toMatchObject({
    refusals: [{ code: 'NOT_ALLOWED_IN_PHASE' }],
  });
});

test("lets the provider's operator act for a tenant, in the tenant's audit", async () => {
  const { target } = await stage.site();
  const olga = await scopeOf(fixture.database, 'Olga', { providerRoles: ['provider-operator'] });
  const failoverId = accepted(await stage.start(stage.all(target), olga));
  await stage.engine.settle();
  accepted(await commitFailover(fixture, olga, { idempotencyKey: key(), failoverId }, 'req'));
  await stage.engine.settle();
  const { run, operation: row } = await stage.stateOf(failoverId);
  expect(run.phase).toBe('COMMITTED');
  expect(row.requestedBy).toMatchObject({ displayName: 'Olga', isProvider: true });
});

test('says of each machine what the mutation would answer', async () => {
  const facts = {
    name: 'web01',
    state: 'PROTECTED',
    testState: 'NONE',
    isBusy: false,
    isUsable: true,
    isTargetReady: true,
  } as const;
  const may = () => Promise.resolve(true);
  expect(await vmVerdicts(facts, may)).toEqual([
    { name: 'startFailover', allowed: true },
    { name: 'startTestFailover', allowed: true },
  ]);
  expect(await vmVerdicts({ ...facts, isBusy: true }, may, ['startFailover', 'other'])).toEqual([
    { name: 'startFailover', allowed: false, code: 'VM_BUSY', reason: 'web01 is failing over already.' },
  ]);
  expect(await vmVerdicts({ ...facts, testState: 'RUNNING' }, may)).toMatchObject([
    { name: 'startFailover', allowed: true },
    { name: 'startTestFailover', allowed: false, code: 'VM_BUSY' },
  ]);
  expect(await vmVerdicts(facts, () => Promise.resolve(false))).toMatchObject([{ allowed: false }, { allowed: false }]);
  const codes = (['DISCOVERED', 'PROTECTED', 'FAILING_OVER', 'FAILED_OVER', 'RECOVERED', 'MISSING'] as const).map(
    (state) => startRefusal({ ...facts, state })?.code,
  );
  expect(codes).toEqual(['VM_NOT_PROTECTED', undefined, 'VM_BUSY', 'VM_BUSY', 'VM_NOT_PROTECTED', 'VM_NOT_PROTECTED']);
});
