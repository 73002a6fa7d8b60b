import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { TenantScope } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import { operation, operationEvent } from '../operations/table.ts';
import { createSealer } from '../secrets/seal.ts';
import { eventually } from '../test-support/eventually.ts';
import { startLabSite, type LabSite } from '../test-support/lab-site.ts';
import { scopeOf } from '../test-support/people.ts';
import { freshDatabase } from '../test-support/scratch-database.ts';
import { seed, type Seeded } from '../test-support/seed.ts';
import { silentLog } from '../test-support/silent-log.ts';
import { startWorker, type Worker } from '../workflows/worker.ts';
import { deprovisionTarget } from './deprovision.ts';
import { hostNameOf } from './naming.ts';
import { provisionTarget } from './provision.ts';
import { revealCredential } from './reveal-credential.ts';
import { target } from './table.ts';
import { targetWorkflows } from './workflows.ts';

let database: Database;
let drop: () => Promise<void>;
let lab: LabSite;
let seeded: Seeded;
let ada: TenantScope;
let worker: Worker;
const sealer = createSealer(randomBytes(32));
let counter = 0;

beforeAll(async () => {
  lab = await startLabSite();
  ({ database, drop } = await freshDatabase());
  const customer = lab.block.customer(1);
  seeded = await seed(database, lab.configuration, customer);
  ada = await scopeOf(database, 'Ada', { identityId: seeded.acme.identityId });
  const { sites } = lab;
  worker = await startWorker({
    database,
    definitions: targetWorkflows({ database, sites, sealer }),
    retry: { attempts: 3, firstPauseMs: 5, factor: 2 },
    pollIntervalMs: 20,
    limits: { powerOnsPerHost: 8, relocationsPerDatastore: 2 },
    log: silentLog,
  });
});
beforeEach(() => lab.faults.clear());
afterEach(() => lab.faults.clear());
afterAll(async () => {
  await worker?.stop(1000);
  await drop?.();
  await lab?.stop();
});

async function order(): Promise<{ operationId: string; targetId: string }> {
  counter += 1;
  const outcome = await provisionTarget(
    { database, sites: lab.sites },
    ada,
    {
      idempotencyKey: `lab-key-${counter}`,
      organizationId: seeded.acme.id,
      siteId: seeded.siteId,
      planId: seeded.planId,
      name: `target ${counter}`,
      networkId: seeded.acme.networkId,
      credentialProfile: 'LIMITED_ROLE',
    },
    'req-lab',
  );
  if ('refusal' in outcome) throw new Error(outcome.refusal.message);
  const { subjectId } = await operationOf(outcome.operationId);
  return { operationId: outcome.operationId, targetId: subjectId ?? '' };
}

async function operationOf(id: string) {
  const [row] = await database.asMaintenance((tx) => tx.select().from(operation).where(eq(operation.id, id)));
  if (!row) throw new Error(`There is no operation ${id}.`);
  return row;
}

async function ended(operationId: string) {
  return eventually(async () => {
    const row = await operationOf(operationId);
    return ['SUCCEEDED', 'FAILED'].includes(row.status) ? row : undefined;
  }, 20_000);
}

async function targetOf(id: string) {
  const [row] = await database.asMaintenance((tx) => tx.select().from(target).where(eq(target.id, id)));
  if (!row) throw new Error(`There is no target ${id}.`);
  return row;
}

/** Whether the equipment holds something of a target. */
function standing(targetId: string) {
  const key = targetId.replaceAll('_', '-');
  return {
    hosts: lab.vcenter.snapshotOfWorld().vms.filter(({ name }) => name === hostNameOf(targetId)).length > 0,
    filesystems: lab.storage.world().filesystems.filter(({ path }) => path.includes(key)).length > 0,
    shares: lab.storage.world().shares.filter(({ filesystem }) => filesystem.includes(key)).length > 0,
    ports: lab.ovn.world().ports.filter(({ name }) => name.includes(targetId)).length > 0,
  };
}
const everything = { hosts: true, filesystems: true, shares: true, ports: true };
const nothing = { hosts: false, filesystems: false, shares: false, ports: false };

test('builds a target on the simulated equipment and takes it down again without a trace', async () => {
  const { operationId, targetId } = await order();
  const done = await ended(operationId);
  expect(done.problem).toBeNull();
  expect(done.status).toBe('SUCCEEDED');
  const row = await targetOf(targetId);
  expect(row).toMatchObject({ state: 'ACTIVE', health: 'HEALTHY' });
  expect(standing(targetId)).toEqual(everything);
  expect(lab.vcenter.nested().map(({ vmName }) => vmName)).toContain(hostNameOf(targetId));

  const sequences = await database.asMaintenance((tx) =>
    tx
      .select({ sequence: operationEvent.sequence, type: operationEvent.type })
      .from(operationEvent)
      .where(eq(operationEvent.operationId, operationId))
      .orderBy(operationEvent.sequence),
  );
  expect(sequences.map(({ sequence }) => sequence)).toEqual(sequences.map((_, index) => index + 1));
  expect(sequences.at(0)?.type).toBe('ACCEPTED');
  expect(sequences.at(-1)?.type).toBe('FINISHED');

  const revealed = await revealCredential({ database, sealer }, ada, { idempotencyKey: 'lab-reveal', targetId }, 'req');
  expect(revealed).toMatchObject({ userName: row.userName });

  const outcome = await deprovisionTarget(
    { database },
    ada,
    { idempotencyKey: 'lab-give-up', targetId, confirm: row.name, retainForSeconds: 0 },
    'req-lab',
  );
  if ('refusal' in outcome) throw new Error(outcome.refusal.message);
  const removed = await ended(outcome.operationId);
  expect(removed.problem).toBeNull();
  expect((await targetOf(targetId)).state).toBe('DEPROVISIONED');
  expect(standing(targetId)).toEqual(nothing);
});

test.each([
  { backend: 'nexentastor', call: 'POST /storage/filesystems', when: 'after', what: 'cut' },
  { backend: 'vcenter', call: 'CloneVM_Task', when: 'before', what: 'cut' },
  { backend: 'vcenter', call: 'PowerOnVM_Task', when: 'after', what: 'cut' },
  { backend: 'esxi', call: 'CreateNasDatastore', when: 'after', what: 'cut' },
  { backend: 'ovn', call: 'transact', when: 'after', what: 'cut' },
] as const)('gets over $backend losing its answer to $call once', async (fault) => {
  lab.faults.add(fault);
  const { operationId, targetId } = await order();
  const done = await ended(operationId);
  expect(done.problem).toBeNull();
  expect(standing(targetId)).toEqual(everything);
});

test('leaves no trace when the nested host refuses for good', async () => {
  lab.faults.add({ backend: 'esxi', call: 'CreateNasDatastore', when: 'before', what: 'error', times: 100 });
  const { operationId, targetId } = await order();
  const done = await ended(operationId);
  expect(done.status).toBe('FAILED');
  expect(done.problem?.message).toBeTruthy();
  expect((await targetOf(targetId)).state).toBe('FAILED');
  expect(standing(targetId)).toEqual(nothing);
});
