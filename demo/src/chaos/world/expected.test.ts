import { unwrap } from '@bulkhead/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  inPhase,
  openTenant,
  operationEnded,
  protectedByName,
  replicate,
  type Tenant,
} from '../../test-support/tenant.ts';
import { waitFor } from '../../test-support/wait-for.ts';
import { openWorkshop, type Workshop } from '../../workshop.ts';
import { breaches, partsOf, raise, set, spoilt, takeFrom } from './test-support/spoilt.ts';
import { differences } from './differences.ts';
import { effectsDoneTwice } from './effects-done-twice.ts';
import { expectedWorld } from './expected.ts';
import { readOutcome, type Outcome } from './outcome.ts';
import { tellViolation, watchWorld, type WorldWatch } from './watch.ts';
import { rules } from './rules.ts';
import { captureSettledWorld, captureWorld, makeWorldWalker, worldOf, type World } from './world.ts';
import type { Shape } from './plain.ts';
import { applianceShape, houseShape, northboundShape, type Among } from './shapes.ts';

// A run without any accident: what is described as right has to be what stands, wherever the run is at rest.

interface Rest {
  world: World;
  outcome: Outcome;
}

let workshop: Workshop;
let tenant: Tenant | undefined;
let watch: WorldWatch;
const rests = new Map<string, Rest>();
/** Only ends a test that hangs: nothing here is about time. */
const limitMs = 300_000;

beforeAll(async () => {
  workshop = await openWorkshop({ lab: { sizes: { luns: 3 } } });
  watch = watchWorld(workshop);
  await rest('empty');
  await orderInVain();
  await rest('given up');
  tenant = await openTenant(workshop);
  await rest('provisioned');
  await replicate(
    tenant.veeam,
    ['web01', 'db01', 'app01', 'left'].map((name) => ({ name })),
  );
  await rest('pushed');
  await failOver(['web01', 'db01'], 'IMMEDIATE', 'first');
  await failOver(['app01'], 'ON_COMMIT', 'second');
}, 900_000);
afterAll(async () => {
  await tenant?.veeam.disconnect();
  await workshop?.close();
});

/** Waits until nothing is under way, for the gateway as well, and keeps what stands. */
async function rest(name: string): Promise<void> {
  const outcome = await waitFor(
    `rest after ${name}`,
    () =>
      readOutcome(workshop).catch((error: Error) =>
        / still |not known yet/.test(error.message) ? undefined : raise(error),
      ),
    limitMs,
  );
  rests.set(name, { world: await captureSettledWorld(workshop), outcome });
}

/** An order that fails in the middle and is taken back. */
async function orderInVain(): Promise<void> {
  const nora = workshop.as('nora');
  workshop.lab.faults.add({
    backend: 'vcenter',
    call: 'PowerOnVM_Task',
    when: 'before',
    what: 'error',
    fault: 'InvalidState',
    times: 100,
  });
  const [acme] = (await nora.listOrganizations({}).toArray({ limit: 20 })).filter(({ name }) =>
    name.startsWith('Acme'),
  );
  const [plan] = await nora.listTargetPlans();
  const networks = await nora.listNetworks({ organizationId: acme?.id ?? '' }).toArray({ limit: 20 });
  const networkId = networks.find(({ name }) => name === 'Replication')?.id ?? '';
  const order = { organizationId: acme?.id ?? '', siteId: plan?.site.id ?? '', planId: plan?.id ?? '', networkId };
  const { id } = unwrap(await nora.provisionReplicationTarget({ ...order, name: 'in-vain' }), 'operation');
  await operationEnded(nora, id, 'FAILED');
  workshop.lab.faults.clear();
}

async function failOver(names: string[], relocation: 'IMMEDIATE' | 'ON_COMMIT', run: string): Promise<void> {
  if (!tenant) throw new Error('There is no tenant.');
  const { ada, targetId, networkId } = tenant;
  const vms = await protectedByName(ada, targetId, names);
  const selection = { vms: [...vms].filter(([name]) => names.includes(name)).map(([, vmId]) => ({ vmId })), networkId };
  const started = await ada.startFailover({ selection, confirm: 'acme-dr', reason: 'The site is lost.', relocation });
  const { id } = unwrap(started, 'failover');
  await inPhase(ada, id, 'LIVE', limitMs);
  await rest(`${run} live`);
  unwrap(await ada.commitFailover({ failoverId: id }), 'failover');
  await inPhase(ada, id, 'COMMITTED', limitMs);
  await rest(`${run} committed`);
}

function restAt(name: string): Rest {
  const found = rests.get(name);
  if (!found) throw new Error(`There was no rest ${name}.`);
  return found;
}

test.each([
  ['empty', 'given up'],
  ['empty', 'provisioned'],
  ['given up', 'provisioned'],
  ['pushed', 'first live'],
  ['pushed', 'first committed'],
  ['first live', 'first committed'],
  ['first committed', 'second live'],
  ['pushed', 'second live'],
  ['second live', 'second committed'],
  ['pushed', 'second committed'],
])('%s becomes %s, and nothing else', (before, after) => {
  const { world, outcome } = restAt(after);
  expect(differences(expectedWorld(restAt(before).world, outcome), world)).toEqual([]);
});

test.each([
  ['empty', 'provisioned'],
  ['pushed', 'first live'],
  ['first live', 'first committed'],
  ['first committed', 'second live'],
  ['second live', 'second committed'],
])('%s and %s are told apart', (before, after) => {
  expect(differences(restAt(before).world, restAt(after).world)).not.toEqual([]);
});

test('breaks no rule on the way, and does nothing twice', () => {
  expect(watch.stop().map(tellViolation)).toEqual([]);
  expect(effectsDoneTwice(workshop.lab.journal.entries)).toEqual([]);
});

// Now everything is spoilt once, in the lab itself, and put back.

async function unexpected(): Promise<string[]> {
  return differences(
    expectedWorld(restAt('pushed').world, restAt('second committed').outcome),
    await captureWorld(workshop),
  );
}

test.each(Object.keys(spoilt))('sees %s', async (name) => {
  const [where] = spoilt[name] ?? raise(new Error(`There is no ${name}.`));
  const putBack = spoil(name)(partsOf(workshop.lab));
  try {
    expect(await unexpected()).toContainEqual(expect.stringMatching(where));
  } finally {
    putBack();
  }
  expect(await unexpected()).toEqual([]);
});

test.each(Object.keys(rules))('watches that %s', (rule) => {
  const watching = watchWorld(workshop);
  const putBack = (breaches[rule] ?? raise(new Error('Nothing breaks this rule.')))(partsOf(workshop.lab));
  try {
    expect(watching.stop().map((violation) => violation.rule)).toContain(rule);
  } finally {
    putBack();
  }
  expect(watchWorld(workshop).stop()).toEqual([]);
});

test('tells which change broke a rule', async () => {
  const watching = watchWorld(workshop);
  const putBack = set(partsOf(workshop.lab).left, 'power', 'poweredOn');
  const change = {
    backend: 'esxi',
    instance: 'nested',
    call: 'PowerOnVM_Task',
    about: 'left',
    principal: 'eve',
  } as const;
  workshop.lab.journal.record({ ...change, changed: true });
  await Promise.resolve();
  putBack();
  const [violation] = watching.stop();
  expect(violation?.entry).toMatchObject(change);
  expect(violation && tellViolation(violation)).toMatch(
    /never on its target: left on bh-.*after \d+ PowerOnVM_Task of left by eve/,
  );
});

test('misses a machine that is registered nowhere', () => {
  const watching = watchWorld(workshop);
  const { nested, left } = partsOf(workshop.lab);
  const putBack = takeFrom(nested.vms, left.ref.id);
  expect(watching.stop().map(({ rule }) => rule)).toContain('at rest a machine is registered in exactly one place');
  putBack();
});

test('meets everything that is not taken as it is', () => {
  const walker = makeWorldWalker();
  const at = partsOf(workshop.lab);
  const question = {
    id: 'msg.uuid.altered',
    answer: () => undefined,
    describe: () => ({ $type: 'VirtualMachineQuestionInfo' }),
  };
  const putBack = [set(at.web01, 'question', question), spoil('a snapshot of the share that is left')(at)];
  worldOf(workshop.lab, walker);
  for (const each of putBack) each();
  const missed = Object.entries({ houseShape, applianceShape, northboundShape }).flatMap(([name, shape]) =>
    pathsOf(name, shape).filter((each) => !walker.met.has(each.shape)),
  );
  expect(missed.map(({ path }) => path)).toEqual([]);
});

const spoil = (name: string) => spoilt[name]?.[1] ?? raise(new Error(`There is no ${name}.`));

interface Placed {
  path: string;
  shape: Shape<Among>;
}

function pathsOf(path: string, shape: Shape<Among>): Placed[] {
  const fields = Object.entries(shape.fields ?? {}).flatMap(([name, each]) => pathsOf(`${path}.${name}`, each));
  // A shape that holds itself is deferred: it has been met where it stands first.
  const elements = shape.each === undefined || typeof shape.each === 'function' ? [] : pathsOf(`${path}.*`, shape.each);
  return [{ path, shape }, ...fields, ...elements];
}
