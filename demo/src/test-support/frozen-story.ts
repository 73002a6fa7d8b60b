import { watchOperation, type OperationEvent } from '@bulkhead/sdk/subscriptions';
import { expect } from 'vitest';
import { readShares } from '../final-state/appliance.ts';
import { checkFinalState } from '../final-state/final-state.ts';
import { commitAndWatch, expectations, machinesOf } from '../story.ts';
import type { Workshop } from '../workshop.ts';
import { ourEffects, repeatedEffects } from './effects.ts';
import { failOver, holdAnswers, movesOn, openArmoury } from './freeze.ts';
import { inPhase, openTenant, protectedByName, replicate, type Tenant } from './tenant.ts';
import { waitFor } from './wait-for.ts';
import { endProcesses, startProcess, type GatewayProcess } from './worker-process.ts';

/** Answers come while their caller is frozen. */
const heldMs = 15_000;

export interface Promised {
  /** After so many ms a frozen worker's runs have moved on. */
  frozenMs: number;
  killedMs: number;
}

/**
 * One worker has everything in hand and freezes at four places at once: inside a backend call, after its effect and before
 * its record; between the two calls that it makes under the lock of a share; during a move of disks; between two steps. A
 * second one takes over and carries on, also with what changes the same share. Then the first one wakes.
 */
export async function freezeAndWake(workshop: Workshop, configuration: string, promised: Promised): Promise<void> {
  const { lab } = workshop;
  const armoury = await openArmoury(workshop);
  const processes: GatewayProcess[] = [];
  const start = async () => {
    const started = await startProcess('work', configuration, armoury.environment);
    processes.push(started);
    return started;
  };
  const tenants: Tenant[] = [];
  try {
    const freezing = await start();
    const [one, two] = [await openTenant(workshop), await openTenant(workshop, 'acme-dr-2')];
    tenants.push(one, two);
    await replicate(one.veeam, [{ name: 'acting' }, { name: 'moving' }, { name: 'between' }]);
    await replicate(two.veeam, [{ name: 'releasing' }, { name: 'mounting' }]);
    const onOne = await protectedByName(one.ada, one.targetId, ['acting', 'moving', 'between']);
    const onTwo = await protectedByName(two.ada, two.targetId, ['releasing', 'mounting']);
    const idOf = (name: string) => onOne.get(name) ?? onTwo.get(name) ?? '';

    const held = holdAnswers(
      lab,
      [
        { call: 'RegisterVM_Task', about: 'acting' },
        { call: 'RelocateVM_Task', about: 'moving' },
        { call: 'RemoveDatastore', about: '' },
      ],
      heldMs,
    );
    const releasing = await failOver(two, [idOf('releasing')], { target: 'acme-dr-2' });
    await held.isHeld('RemoveDatastore');
    const moving = await failOver(one, [idOf('moving')], { target: 'acme-dr' });
    await held.isHeld('RelocateVM_Task');
    const acting = await failOver(one, [idOf('acting')], { target: 'acme-dr' });
    await held.isHeld('RegisterVM_Task');
    const stop = await armoury.arm({
      workflow: 'failover-vm',
      unit: '*',
      step: 'mount-datastore',
      point: 'recorded',
      signal: 'SIGSTOP',
    });
    const between = await failOver(one, [idOf('between')], { target: 'acme-dr' });
    const frozen = await stop.met();
    expect(frozen.pid).toBe(freezing.pid);
    const frozenAt = new Date(frozen.at);

    // Only now, so that it has no part in what the first one has in hand.
    const survivor = await start();
    const runs = { acting, moving, between, releasing };
    for (const [name, operationId] of Object.entries(runs)) {
      const afterMs = await movesOn(workshop, operationId, frozenAt, promised.frozenMs);
      process.stdout.write(`Frozen while ${name}: moved on after ${afterMs} ms.\n`);
      expect(afterMs).toBeLessThan(promised.frozenMs);
    }
    for (const operationId of Object.values(runs)) await inPhase(one.ada, operationId, 'LIVE', 120_000);
    await waitFor(
      'all disks moved and the share of the second target released',
      async () => {
        const moved = await Promise.all(Object.values(runs).map((id) => one.ada.getFailover(id)));
        const isSettled = moved.every((run) => run?.vms.nodes.every(({ state }) => state === 'SETTLED'));
        return isSettled && (await heldMounts(workshop)) === 0 ? true : undefined;
      },
      120_000,
    );

    // What the frozen worker was about to write, the export list without this host, would now cut off a live machine.
    const mounting = await failOver(two, [idOf('mounting')], { target: 'acme-dr-2', relocation: 'ON_COMMIT' });
    await inPhase(two.ada, mounting, 'LIVE', 120_000);
    const before = {
      effects: ourEffects(lab).length,
      exports: await exportsOf(workshop, two),
      events: await eventCount(workshop),
    };
    // The nested host, and the one that runs the machine.
    expect(before.exports).toHaveLength(2);
    await held.areGiven();
    freezing.kill('SIGCONT');
    await waitFor('the end of the worker that woke', async () => freezing.ended());
    expect(freezing.ended()).toEqual({ code: 1, signal: null });
    expect(freezing.log()).toContain('another worker has taken over');
    expect({
      effects: ourEffects(lab).length,
      exports: await exportsOf(workshop, two),
      events: await eventCount(workshop),
    }).toEqual(before);

    // New work is taken as ever; and a killed worker's goes to the next one.
    await start();
    const kill = await armoury.arm({
      workflow: 'commit-failover-vm',
      unit: '*',
      step: 'remove-protective-snapshot',
      point: 'acted',
      signal: 'SIGKILL',
    });
    const committing = Object.values({ ...runs, mounting }).map(async (operationId) => {
      const events: OperationEvent[] = [];
      const seen = await one.ada.getFailover(operationId);
      await commitAndWatch(one.ada, operationId, seen?.eventCursor, (event) => events.push(event));
    });
    const killed = await kill.met();
    await Promise.all(committing);
    const killedAt = new Date(killed.at);
    const [victim] = await stepsOf(workshop, killed.unit);
    const afterMs = await movesOn(workshop, victim ?? '', killedAt, promised.killedMs);
    process.stdout.write(`Killed: moved on after ${afterMs} ms.\n`);
    expect(afterMs).toBeLessThan(promised.killedMs);
    expect(survivor.ended()).toEqual(killed.pid === survivor.pid ? { code: null, signal: 'SIGKILL' } : undefined);

    await eachToldOnce(one, Object.values({ ...runs, mounting }));
    for (const [tenant, ids] of [
      [one, [acting, moving, between]],
      [two, [releasing, mounting]],
    ] as const) {
      const machines = (await Promise.all(ids.map((id) => machinesOf(tenant.ada, id)))).flat();
      const { datacentre, expected } = expectations(workshop, tenant.targetId, machines);
      expect((await checkFinalState(datacentre, expected)).filter(({ isMet }) => !isMet)).toEqual([]);
    }
    expect(repeatedEffects(lab)).toEqual([]);
  } catch (error) {
    for (const each of processes) process.stdout.write(`What process ${each.pid} said:\n${each.log().slice(-6000)}\n`);
    throw error;
  } finally {
    for (const { veeam } of tenants) await veeam.disconnect();
    await endProcesses(processes);
  }
}

/** The log has no gap, no step failed, and each was done once. */
async function eachToldOnce({ ada }: Tenant, operationIds: readonly string[]): Promise<void> {
  for (const operationId of operationIds) {
    const events: OperationEvent[] = [];
    for await (const event of watchOperation(ada, operationId)) events.push(event);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'STEP_FAILED' || type === 'STEP_RETRYING')).toEqual([]);
    const done = events
      .filter(({ type }) => type === 'STEP_SUCCEEDED')
      .map(({ stepOfFailoverVmId, step }) => `${stepOfFailoverVmId}/${step?.name}`);
    expect(done).toEqual([...new Set(done)]);
    expect((await ada.getFailover(operationId))?.phase).toBe('COMMITTED');
  }
}

/** Who may mount the target's share, read by a plain request. */
async function exportsOf(workshop: Workshop, { targetId }: Tenant): Promise<readonly string[]> {
  const { datacentre, expected } = expectations(workshop, targetId, []);
  const shares = await readShares(datacentre.appliance);
  return shares.find(({ filesystem }) => filesystem.split('/').includes(expected.storageKey))?.readWrite ?? [];
}

function rows<Row extends Record<string, unknown>>({ gateway }: Workshop, query: string) {
  return gateway.database.asMaintenance((tx) => tx.execute<Row>(query));
}

async function heldMounts(workshop: Workshop): Promise<number> {
  return (await rows(workshop, `select 1 from mount where state = 'HELD'`)).length;
}

async function eventCount(workshop: Workshop): Promise<number> {
  return (await rows(workshop, 'select 1 from operation_event')).length;
}

/** Whose steps these are: the operation of a machine's unit. */
async function stepsOf(workshop: Workshop, unit: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    workshop,
    `select operation_id as id from operation_step where unit = '${unit}' order by started_at desc limit 1`,
  );
  return [...found].map(({ id }) => id);
}
