import { failoverVmSteps as vmSteps } from '@bulkhead/gateway';
import type { FaultRule, Faults } from '@bulkhead/lab';
import { unwrap, type Client } from '@bulkhead/sdk';
import { watchOperation, type OperationEvent } from '@bulkhead/sdk/subscriptions';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { checkFinalState } from './final-state/final-state.ts';
import { expectations, machinesOf } from './story.ts';
import { inPhase, openTenant, protectedByName, replicate, type Tenant } from './test-support/tenant.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

// Each step of a machine's way to production meets a backend that does not answer. What a step asks of which backend is not
// written down here but learnt from one healthy run: a step that is added to the runbook is tried without a new case.

interface Asked {
  backend: FaultRule['backend'];
  call: string;
  about: string;
  at: number;
}

const probe = 'probe';
const machinesOfCase = (index: number) => ['a', 'b', 'c'].map((letter) => `case${index}${letter}`);

let workshop: Workshop;
let tenant: Tenant;
let vms: Map<string, string>;
const committed: string[] = [];
/** The lab's own matching of rules, and when the healthy run began. */
let match: Faults['match'];
let begun: Date;
/** What the healthy run asked, from its acceptance on, and what happened in it. */
const asked: Asked[] = [];
const told: OperationEvent[] = [];

beforeAll(async () => {
  workshop = await openWorkshop({ retry: { attempts: 3, firstPauseMs: 20, factor: 2 } });
  tenant = await openTenant(workshop);
  const names = [probe, ...vmSteps.flatMap((_step, index) => machinesOfCase(index))];
  await replicate(
    tenant.veeam,
    names.map((name) => ({ name })),
  );
  vms = await protectedByName(tenant.ada, tenant.targetId, names);
  await healthyRun();
});
afterEach(() => disarm());
afterAll(async () => {
  await tenant?.veeam.disconnect();
  await workshop?.close();
});

test.each(vmSteps.map(({ name }, index) => [name, index] as const))(
  'a backend that is down at %s pauses whom it concerns, and nobody else',
  async (step, index) => {
    const { ada } = tenant;
    const [victim = '', ...others] = machinesOfCase(index);
    const rule = ruleFor(step, victim);
    arm(step, rule);
    const failoverId = await start([victim, ...others]);
    const paused = await inPhase(ada, failoverId, 'PAUSED');
    // What a call is about tells the machine: then the others have nothing to do with it.
    const concerned = rule.about === undefined ? [victim, ...others] : [victim];
    const reached = paused.vms.nodes.filter(({ state }) => state !== 'PAUSED').map(({ name }) => name);
    expect(reached.sort()).toEqual([victim, ...others].filter((name) => !concerned.includes(name)).sort());
    for (const { name, state, problem, poweredOnAt } of paused.vms.nodes) {
      if (!concerned.includes(name)) {
        expect(['LIVE', 'RELOCATING', 'SETTLED']).toContain(state);
        expect(poweredOnAt).not.toBeNull();
        continue;
      }
      expect(state).toBe('PAUSED');
      expect(problem?.message).not.toBe('');
      expect(problem?.remedy).toMatch(/retry/i);
    }
    expect(await stepsFailed(paused)).toEqual(concerned.map((name) => `${name}: ${step}`).sort());

    disarm();
    unwrap(await ada.retryFailover({ failoverId }), 'failover');
    const live = await inPhase(ada, failoverId, 'LIVE');
    expect(live.vms.nodes.flatMap(({ problem }) => problem ?? [])).toEqual([]);
    await commit(failoverId);
  },
);

test('all of them run in production in the end, and nothing is left on the share', async () => {
  expect(committed).toHaveLength(1 + vmSteps.length);
  const machines = await Promise.all(committed.map((failoverId) => machinesOf(tenant.ada, failoverId)));
  const { datacentre, expected } = expectations(workshop, tenant.targetId, machines.flat());
  expect((await checkFinalState(datacentre, expected)).filter(({ isMet }) => !isMet)).toEqual([]);
});

async function healthyRun(): Promise<void> {
  const { faults } = workshop.lab;
  match = faults.match.bind(faults);
  begun = new Date();
  // Backends ask for a rule at every call: that is where all of them can be seen, reads included.
  faults.match = (backend, call, when, about) => {
    if (when === 'before') asked.push({ backend, call, about: about ?? '', at: Date.now() });
    return match(backend, call, when, about);
  };
  const failoverId = await start([probe]);
  for await (const event of watchOperation(tenant.ada, failoverId)) {
    told.push(event);
    if (event.phase === 'LIVE') break;
  }
  faults.match = match;
  await commit(failoverId);
}

/** When the probe, the only machine of its run, began or ended a step. */
function timeOf(step: string, type: OperationEvent['type']): number {
  const found = told.find((one) => one.type === type && one.stepOfFailoverVmId !== null && one.step?.name === step);
  return Date.parse(found?.occurredAt ?? '');
}

/** The last thing about the machine that this step asked a backend to change; else the first thing that it asked at all. */
function ruleFor(step: string, victim: string): FaultRule {
  const [from, to] = [timeOf(step, 'STEP_STARTED'), timeOf(step, 'STEP_SUCCEEDED')];
  const during = asked.filter(({ at }) => at >= from && at <= to);
  const changes = new Set(workshop.lab.journal.entries.filter(({ changed }) => changed).map(({ call }) => call));
  const own = during.filter(({ about, call }) => about.includes(probe) && changes.has(call)).at(-1);
  const down = { when: 'before', what: 'cut', times: 1000 } as const;
  if (own) {
    const { backend, call } = own;
    // Steps before this one may make the same call about the machine: those are let through.
    const earlier = asked.filter((one) => one.backend === backend && one.call === call && one.at < from);
    const nth = 1 + earlier.filter(({ about }) => about.includes(probe)).length;
    return { backend, call, about: victim, nth, ...down };
  }
  const shared = during.find(({ call }) => changes.has(call)) ?? during[0];
  if (!shared) throw new Error(`${step} asked nothing of any backend.`);
  return { backend: shared.backend, call: shared.call, ...down };
}

/** Arms a rule: at once where it is about one machine, else when the change has been made that goes before this step. */
function arm(step: string, rule: FaultRule): void {
  const { faults, journal } = workshop.lab;
  if (rule.about !== undefined) return faults.add(rule);
  const before = journal.entries.filter(
    ({ at, changed }) => changed && begun <= at && at.getTime() < timeOf(step, 'STEP_STARTED'),
  );
  const last = before.at(-1);
  if (!last) throw new Error(`Nothing was changed before ${step}.`);
  const from = journal.entries.length;
  faults.match = (...question) => {
    const isTime = journal.entries.slice(from).some(({ changed, call }) => changed && call === last.call);
    if (isTime) {
      faults.match = match;
      faults.add(rule);
    }
    return match(...question);
  };
}

function disarm(): void {
  workshop.lab.faults.match = match;
  workshop.lab.faults.clear();
}

/** `machine: step` for every step that was given up so far. */
async function stepsFailed(run: NonNullable<Awaited<ReturnType<Client['getFailover']>>>): Promise<string[]> {
  const nameOf = new Map(run.vms.nodes.map(({ id, name }) => [id, name]));
  const failed: string[] = [];
  for await (const { type, stepOfFailoverVmId, step, sequence } of watchOperation(tenant.ada, run.id)) {
    if (type === 'STEP_FAILED') failed.push(`${nameOf.get(stepOfFailoverVmId ?? '')}: ${step?.name}`);
    if (sequence >= run.sequence) break;
  }
  return failed.sort();
}

async function start(names: readonly string[]): Promise<string> {
  const selection = { vms: names.map((name) => ({ vmId: vms.get(name) ?? '' })), networkId: tenant.networkId };
  return unwrap(await tenant.ada.startFailover({ selection, confirm: 'acme-dr' }), 'failover').id;
}

async function commit(failoverId: string): Promise<void> {
  unwrap(await tenant.ada.commitFailover({ failoverId }), 'failover');
  await inPhase(tenant.ada, failoverId, 'COMMITTED');
  committed.push(failoverId);
}
