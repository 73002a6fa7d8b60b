import type { Veeam } from '@bulkhead/lab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkFinalState } from './final-state/final-state.ts';
import { expectations, machinesOf } from './story.ts';
import { ourEffects, repeatedEffects, rowCounts } from './test-support/effects.ts';
import { inPhase, operationEnded, protectedByName, replicate, signIn } from './test-support/tenant.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

// A portal that sends twice, a proxy that repeats, a person who clicks again: what was asked for happens once.

const names = ['web01', 'db01'];
const times = <T>(count: number, make: () => Promise<T>) => Promise.all(Array.from({ length: count }, make));
const reused = { code: 'IDEMPOTENCY_KEY_REUSED', field: ['idempotencyKey'], message: expect.stringContaining('key') };

let workshop: Workshop;
/** Of the one target, and Acme's server network. */
let targetId: string;
let networkId: string;
let vmIds: string[];
let failoverId: string;
let veeam: Veeam;

beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(async () => {
  await veeam?.disconnect();
  await workshop?.close();
});

test('a target that is ordered twenty times at once with one key is provisioned once', async () => {
  const nora = workshop.as('nora');
  const [acme] = (await nora.listOrganizations({}).toArray({ limit: 20 })).filter(({ name }) => name === 'Acme GmbH');
  const [plan] = await nora.listTargetPlans();
  if (!acme || !plan) throw new Error('The catalogue has no Acme or no target plan.');
  const networks = await nora.listNetworks({ organizationId: acme.id }).toArray({ limit: 20 });
  const idOf = (wanted: string) => networks.find(({ name }) => name === wanted)?.id ?? '';
  networkId = idOf('Servers');
  const order = {
    idempotencyKey: 'order-of-acme-dr',
    organizationId: acme.id,
    siteId: plan.site.id,
    planId: plan.id,
    name: 'acme-dr',
    networkId: idOf('Replication'),
  };
  const answers = await times(20, () => nora.provisionReplicationTarget(order));
  expect(answers.flatMap((answer) => answer?.userErrors)).toEqual([]);
  const operations = new Set(answers.map((answer) => answer?.operation?.id));
  expect(operations.size).toBe(1);
  targetId = answers[0]?.operation?.target.id ?? '';

  const before = await rowCounts(workshop);
  const other = await nora.provisionReplicationTarget({ ...order, name: 'acme-dr-2' });
  expect(other).toMatchObject({ operation: null, userErrors: [reused] });
  // One order more, one row more: the run itself goes on writing to the other tables meanwhile.
  const { operation, target, idempotency_key: keys } = await rowCounts(workshop);
  expect({ operation, target, keys }).toEqual({
    operation: before['operation'],
    target: before['target'],
    keys: before['idempotency_key'],
  });

  await operationEnded(nora, [...operations][0] ?? '', 'SUCCEEDED');
  expect(workshop.lab.journal.effects('vcenter', 'CloneVM_Task')).toHaveLength(1);
  expect(repeatedEffects(workshop.lab)).toEqual([]);
  expect(await nora.listReplicationTargets({}).toArray({ limit: 10 })).toHaveLength(1);
  // Asked again when all is done: the same answer, and nothing more.
  const effects = ourEffects(workshop.lab).length;
  expect((await nora.provisionReplicationTarget(order))?.operation?.id).toBe([...operations][0]);
  expect(ourEffects(workshop.lab)).toHaveLength(effects);
});

test('a failover that is started twenty times at once with one key runs once', async () => {
  const ada = workshop.as('ada');
  veeam = await signIn(ada, targetId);
  await replicate(
    veeam,
    names.map((name) => ({ name })),
  );
  const vms = await protectedByName(ada, targetId, names);
  vmIds = [...vms.values()];
  const request = {
    idempotencyKey: 'the-site-is-lost',
    selection: { vms: vmIds.map((vmId) => ({ vmId })), networkId },
    confirm: 'acme-dr',
  };
  const answers = await times(20, () => ada.startFailover(request));
  expect(answers.flatMap((answer) => answer?.userErrors)).toEqual([]);
  const ids = new Set(answers.map((answer) => answer?.failover?.id));
  expect(ids.size).toBe(1);
  failoverId = [...ids][0] ?? '';

  for (const changed of [
    { ...request, reason: 'Another reason.' },
    { ...request, selection: { ...request.selection, vms: [{ vmId: vmIds[0] ?? '' }] } },
  ]) {
    expect(await ada.startFailover(changed)).toMatchObject({ failover: null, userErrors: [reused] });
  }

  await inPhase(ada, failoverId, 'LIVE');
  const { failover, failover_vm: machines } = await rowCounts(workshop);
  expect({ failover, machines }).toEqual({ failover: 1, machines: 2 });
  for (const call of ['RegisterVM_Task', 'CreateSnapshot_Task']) {
    expect(workshop.lab.journal.effects('vcenter', call)).toHaveLength(2);
  }
  expect(workshop.lab.journal.effects('vcenter', 'CreateNasDatastore')).toHaveLength(1);
  expect(repeatedEffects(workshop.lab)).toEqual([]);
  expect((await ada.startFailover(request))?.failover?.id).toBe(failoverId);
});

test('a commit that is asked for twenty times at once with one key ends the run once', async () => {
  const ada = workshop.as('ada');
  const commit = { idempotencyKey: 'they-stay-here', failoverId };
  const answers = await times(20, () => ada.commitFailover(commit));
  expect(answers.flatMap((answer) => answer?.userErrors)).toEqual([]);
  expect(new Set(answers.map((answer) => answer?.failover?.id))).toEqual(new Set([failoverId]));
  await inPhase(ada, failoverId, 'COMMITTED');
  expect(workshop.lab.journal.effects('vcenter', 'RemoveSnapshot_Task')).toHaveLength(2);
  expect(repeatedEffects(workshop.lab)).toEqual([]);
  expect(await ada.commitFailover({ ...commit, reason: 'Again.' })).toMatchObject({ userErrors: [reused] });
  const { datacentre, expected } = expectations(workshop, targetId, await machinesOf(ada, failoverId));
  expect((await checkFinalState(datacentre, expected)).filter(({ isMet }) => !isMet)).toEqual([]);
});

test('of twenty failovers of one machine at once with keys of their own, one is accepted', async () => {
  const ada = workshop.as('ada');
  await replicate(veeam, [{ name: 'app01' }]);
  const vmId = (await protectedByName(ada, targetId, ['app01'])).get('app01') ?? '';
  const answers = await times(20, () =>
    ada.startFailover({ selection: { vms: [{ vmId }], networkId }, confirm: 'acme-dr' }),
  );
  const accepted = answers.flatMap((answer) => answer?.failover?.id ?? []);
  expect(accepted).toHaveLength(1);
  const refusals = answers.flatMap((answer) => answer?.userErrors ?? []);
  expect(refusals).toHaveLength(19);
  for (const { code, message } of refusals) {
    expect(code).toBe('VM_BUSY');
    expect(message).not.toBe('');
  }
  await inPhase(ada, accepted[0] ?? '', 'LIVE');
  expect(repeatedEffects(workshop.lab)).toEqual([]);
});
