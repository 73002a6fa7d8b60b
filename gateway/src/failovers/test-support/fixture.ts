import { randomBytes } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { expect } from 'vitest';
import type { Replica } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../../access/scope.ts';
import type { Database } from '../../database/database.ts';
import { operation, operationEvent } from '../../operations/table.ts';
import { protectedVm } from '../../protected-vms/table.ts';
import { createSealer, type Sealer } from '../../secrets/seal.ts';
import { hostNameOf, storageKeyOf } from '../../targets/naming.ts';
import type { TargetServices } from '../../targets/target-work.ts';
import { scopeOf } from '../../test-support/people.ts';
import { freshDatabase } from '../../test-support/scratch-database.ts';
import { seed, type Seeded } from '../../test-support/seed.ts';
import { siteDouble, type SiteDouble } from '../../test-support/site-double.ts';
import { startFailover, type FailoverAccepted, type StartFailoverInput } from '../start.ts';
import { startTestFailover, type StartTestFailoverInput } from '../start-test.ts';
import { failover, failoverVm, mount } from '../table.ts';
import { failoverWorkflows } from '../workflows.ts';
import { inProcessEngine, mortalDatabase, type InProcessEngine, type MortalDatabase } from './in-process-engine.ts';
import { protectedTarget, replica } from './protected-target.ts';

/** A tenant with a scope of its own, on a database of its own, beside a site that is made anew for each test. */
export interface Fixture {
  database: Database;
  seeded: Seeded;
  ada: TenantScope;
  sealer: Sealer;
  drop(): Promise<void>;
}

export async function failoverFixture(): Promise<Fixture> {
  const { database, drop } = await freshDatabase();
  const seeded = await seed(database);
  const ada = await scopeOf(database, 'Ada', { identityId: seeded.acme.identityId });
  return { database, seeded, ada, sealer: createSealer(randomBytes(32)), drop };
}

export const names = ['web01', 'db01', 'app01'];

export const every = (text: string, machines: readonly string[] = names) =>
  Object.fromEntries(machines.map((name) => [name, text]));

let counter = 0;
export const key = () => `key-of-test-${(counter += 1)}`;

export function accepted(outcome: FailoverAccepted): string {
  if ('refusals' in outcome) throw new Error(JSON.stringify(outcome.refusals));
  return outcome.failoverId;
}

type Started = Pick<StartFailoverInput, 'selection' | 'confirm'> & Partial<StartFailoverInput>;

/** A site of doubles, an engine, and the few things that tests of failovers do with them. */
export function failoverStage({ database, seeded, ada, sealer }: Fixture) {
  const double: SiteDouble = siteDouble();
  const mortal: MortalDatabase = mortalDatabase(database);
  const services: TargetServices = { database, sites: double.sites, sealer };
  const engine: InProcessEngine = inProcessEngine(
    mortal,
    failoverWorkflows({ ...services, database: mortal.database }),
  );
  const stage = {
    double,
    mortal,
    services,
    engine,

    /** A target in service with these machines on it. */
    async site(machines: readonly (string | Replica)[] = names) {
      const replicas = machines.map((one) => (typeof one === 'string' ? replica(one) : one));
      const { target, vms } = await protectedTarget(services, double, seeded, ada, replicas);
      return { target, vms, vmOf: (name: string) => vms.find((vm) => vm.name === name)?.id ?? '' };
    },

    start: (input: Started, scope = ada) =>
      startFailover(
        { database, sites: double.sites },
        scope,
        { idempotencyKey: key(), relocation: 'IMMEDIATE', commitPolicy: 'NONE', ...input },
        'req-1',
      ),

    test: (input: Pick<StartTestFailoverInput, 'selection'> & Partial<StartTestFailoverInput>, scope = ada) =>
      startTestFailover(
        { database, sites: double.sites },
        scope,
        { idempotencyKey: key(), keepForSeconds: 3600, ...input },
        'req-1',
      ),

    all: (target: { id: string; name: string }) => ({
      selection: { targetIds: [target.id], networkId: seeded.acme.networkId },
      confirm: target.name,
    }),

    some: (target: { name: string }, vmIds: readonly string[]) => ({
      selection: { vms: vmIds.map((vmId) => ({ vmId })), networkId: seeded.acme.networkId },
      confirm: target.name,
    }),

    nestedHost(targetId: string) {
      const host = double.compute.hosts.get(hostNameOf(targetId));
      if (!host) throw new Error(`No host of ${targetId}.`);
      return host;
    },

    productionVms: () => [...double.compute.vms.values()],

    /** Whether a call is about this machine: by its path on the share, or by its reference in production. */
    isAbout: (name: string) => (args: readonly unknown[]) => {
      const text = JSON.stringify(args);
      const refs = stage.productionVms().filter((vm) => vm.name.includes(`-${name}-`));
      return text.includes(`${name}.vmx`) || refs.some(({ ref }) => text.includes(`"${ref}"`));
    },

    stateOf: (failoverId: string) => runState(database, failoverId),
    eventsOf: (failoverId: string) =>
      database.asMaintenance((tx) =>
        tx
          .select()
          .from(operationEvent)
          .where(eq(operationEvent.operationId, failoverId))
          .orderBy(asc(operationEvent.sequence)),
      ),

    /** Nothing of a run is left at the share, and the tenant may replicate again. */
    async expectShareGivenBack(targetId: string) {
      expect(double.compute.mounts).toEqual([]);
      const lock = double.network.locks.get(targetId);
      expect(double.storage.datastores.get(storageKeyOf(targetId))?.hosts).toEqual([lock?.ip]);
      expect(stage.nestedHost(targetId).account?.access).toBe('replicate');
      const rows = await database.asMaintenance((tx) => tx.select().from(mount).where(eq(mount.targetId, targetId)));
      expect(rows.map(({ state }) => state).filter((state) => state !== 'RELEASED')).toEqual([]);
    },
  };
  return stage;
}

export type Stage = ReturnType<typeof failoverStage>;

async function runState(database: Database, failoverId: string) {
  return database.asMaintenance(async (tx) => {
    const [run] = await tx
      .select()
      .from(failover)
      .innerJoin(operation, eq(operation.id, failover.id))
      .where(eq(failover.id, failoverId));
    if (!run) throw new Error(`No ${failoverId}.`);
    const vms = await tx
      .select({ part: failoverVm, vm: protectedVm })
      .from(failoverVm)
      .innerJoin(protectedVm, eq(protectedVm.id, failoverVm.vmId))
      .where(eq(failoverVm.failoverId, failoverId))
      .orderBy(asc(failoverVm.name));
    return { run: run.failover, operation: run.operation, vms };
  });
}

/** Each machine by its name: its part in the run, and what it is itself. */
export const shown = ({ vms }: Awaited<ReturnType<typeof runState>>) =>
  Object.fromEntries(vms.map(({ part, vm }) => [part.name, `${part.state}/${vm.state}`]));
