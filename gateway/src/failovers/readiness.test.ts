import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { operation } from '../operations/table.ts';
import { protectedVm } from '../protected-vms/table.ts';
import { checkReadiness } from './check-readiness.ts';
import type { ReadinessResult } from './readiness-workflow.ts';
import { planHashOf } from './plan.ts';
import { failoverPlacement, reservation } from './table.ts';
import { accepted, failoverFixture, failoverStage, key, type Fixture, type Stage } from './test-support/fixture.ts';
import { replica } from './test-support/protected-target.ts';

let fixture: Fixture;
let stage: Stage;

beforeAll(async () => {
  fixture = await failoverFixture();
});
beforeEach(() => {
  stage = failoverStage(fixture);
});
afterAll(() => fixture.drop());

type Selection = Parameters<typeof checkReadiness>[2]['selection'];

async function check(selection: Selection): Promise<{ row: typeof operation.$inferSelect; result: ReadinessResult }> {
  const services = { database: fixture.database, sites: stage.double.sites };
  const input = { idempotencyKey: key(), type: 'UNPLANNED' as const, selection };
  const outcome = await checkReadiness(services, fixture.ada, input, 'req');
  if ('refusals' in outcome) throw new Error(JSON.stringify(outcome.refusals));
  await stage.engine.settle();
  const [row] = await fixture.database.asMaintenance((tx) =>
    tx.select().from(operation).where(eq(operation.id, outcome.operationId)),
  );
  if (!row) throw new Error('The check is gone.');
  return { row, result: row.result as unknown as ReadinessResult };
}

/** Targets whose machines are as fresh as they should be. */
async function freshSite(machines?: Parameters<Stage['site']>[0]) {
  const site = await stage.site(machines);
  await fixture.database.asMaintenance((tx) =>
    tx.update(protectedVm).set({ replicationHealth: 'ON_TARGET' }).where(eq(protectedVm.targetId, site.target.id)),
  );
  return site;
}

const codesOf = ({ findings }: ReadinessResult) => findings.map(({ severity, code }) => `${severity} ${code}`);

test('finds everything ready, and neither touches nor holds anything', async () => {
  const { target } = await freshSite();
  stage.double.control.calls.length = 0;
  const { row, result } = await check(stage.all(target).selection);
  expect(row).toMatchObject({ status: 'SUCCEEDED', kind: 'READINESS_CHECK', percent: 100 });
  expect(codesOf(result)).toEqual(['INFO ROOM_FOUND']);
  expect(result.findings[0]?.message).toBe('There is room for 3 machines on 1 host.');
  const looks = ['listReplicas', 'resolveAttachment', 'findPlacement'];
  expect(stage.double.control.calls.map(({ call }) => call).filter((call) => !looks.includes(call))).toEqual([]);
  const held = await fixture.database.asMaintenance(async (tx) => [
    ...(await tx.select().from(reservation)),
    ...(await tx.select().from(failoverPlacement)),
  ]);
  expect(held).toEqual([]);
  // The run itself finds the same.
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('LIVE');
});

test('says of each machine what stands in its way, in the words with which the run would be rejected', async () => {
  const { target, vmOf } = await freshSite(['web01', 'db01', 'app01']);
  const host = stage.nestedHost(target.id);
  host.replicas = host.replicas
    .filter(({ name }) => name !== 'app01')
    .map((one) => ({ ...one, isUsable: one.name !== 'db01' }));
  const { row, result } = await check(stage.all(target).selection);
  expect(row.status).toBe('SUCCEEDED');
  const blocking = result.findings.filter(({ severity }) => severity === 'BLOCK');
  expect(Object.fromEntries(blocking.map(({ code, subjectId }) => [code, subjectId]))).toEqual({
    REPLICA_UNREADABLE: vmOf('db01'),
    REPLICA_MISSING: vmOf('app01'),
  });
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  const { run, operation: ended } = await stage.stateOf(failoverId);
  expect(run.phase).toBe('REJECTED');
  for (const { message } of blocking) expect(ended.problem?.message).toContain(message);
});

test('warns of what does not stand in the way', async () => {
  const { target } = await freshSite([{ ...replica('web01'), isPoweredOn: true }, 'db01']);
  await fixture.database.asMaintenance((tx) =>
    tx.update(protectedVm).set({ replicationHealth: 'STALLED' }).where(eq(protectedVm.name, 'db01')),
  );
  const { result } = await check(stage.all(target).selection);
  expect(codesOf(result).toSorted()).toEqual(['INFO ROOM_FOUND', 'WARN REPLICATION_LAGS', 'WARN RUNS_ON_TARGET']);
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('LIVE');
});

test('finds that there is no room, and fails when nobody answers', async () => {
  const { target } = await freshSite();
  stage.double.control.faults.push({ call: 'findPlacement', kind: 'exhausted', when: 'before', times: 1 });
  const { row, result } = await check(stage.all(target).selection);
  expect(row.status).toBe('SUCCEEDED');
  expect(codesOf(result)).toEqual(['BLOCK NO_CAPACITY']);
  stage.double.control.faults.push({ call: 'listReplicas', kind: 'denied', when: 'before' });
  const failed = await check(stage.all(target).selection);
  expect(failed.row).toMatchObject({ status: 'FAILED', result: null, problem: { code: 'BACKEND_REFUSED' } });
});

test('a start is bound to what was checked', async () => {
  const { target, vmOf } = await freshSite();
  const { row } = await check(stage.some(target, [vmOf('web01'), vmOf('db01')]).selection);
  const { planHash } = (row.input as { plan: { planHash: string } }).plan;
  expect(await stage.start({ ...stage.some(target, [vmOf('web01')]), planHash })).toMatchObject({
    refusals: [{ code: 'PLAN_CHANGED', field: ['planHash'] }],
  });
  // The order in which they were ticked is nothing that anybody checked.
  accepted(await stage.start({ ...stage.some(target, [vmOf('db01'), vmOf('web01')]), planHash }));
  await stage.engine.settle();
});

test('estimates by what earlier failovers took, and says nothing before there was one', async () => {
  const fresh = await failoverFixture();
  const before = [fixture, stage] as const;
  [fixture, stage] = [fresh, failoverStage(fresh)];
  try {
    const { target, vmOf } = await freshSite();
    expect((await check(stage.some(target, [vmOf('web01')]).selection)).result.estimatedSeconds).toBeNull();
    accepted(await stage.start(stage.some(target, [vmOf('db01')])));
    await stage.engine.settle();
    const { result } = await check(stage.some(target, [vmOf('web01')]).selection);
    expect(result.estimatedSeconds).toBeGreaterThan(0);
    expect(result.estimatedSeconds).toBeLessThan(600);
  } finally {
    [fixture, stage] = before;
    await fresh.drop();
  }
});

test('the hash is of machines, points, networks and order of start, and of nothing else', () => {
  const nic = { key: 4000, label: 'NIC 1', sourceMac: '00:50:56:00:00:01', networkId: 'net_1', connected: true };
  const vm = { vmId: 'vm_1', targetId: 'rt_1', name: 'web01', restorePointId: null, bootGroup: 0, nics: [nic] };
  const base = planHashOf('UNPLANNED', [vm]);
  expect(planHashOf('UNPLANNED', [{ ...vm, name: 'renamed' }])).toBe(base);
  const others = [
    planHashOf('TEST', [vm]),
    planHashOf('UNPLANNED', [{ ...vm, restorePointId: 'rp_1' }]),
    planHashOf('UNPLANNED', [{ ...vm, bootGroup: 1 }]),
    planHashOf('UNPLANNED', [{ ...vm, nics: [{ ...nic, networkId: 'net_2' }] }]),
    planHashOf('UNPLANNED', [{ ...vm, nics: [{ ...nic, connected: false }] }]),
    planHashOf('UNPLANNED', [vm, { ...vm, vmId: 'vm_2' }]),
  ];
  expect(new Set([base, ...others]).size).toBe(others.length + 1);
});
