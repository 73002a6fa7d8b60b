import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { watchOperation, type OperationEvent } from '@bulkhead/sdk/subscriptions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkFinalState } from './final-state/final-state.ts';
import { commitAndWatch, expectations, machinesOf } from './story.ts';
import { repeatedEffects } from './test-support/effects.ts';
import { failOver, workersConfiguration } from './test-support/freeze.ts';
import { openTenant, protectedByName, replicate, type Tenant } from './test-support/tenant.ts';
import { waitFor } from './test-support/wait-for.ts';
import { endProcesses, startProcess, type GatewayProcess } from './test-support/worker-process.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
let tenant: Tenant;
/** The API and workers in one process, and workers alone. The API alone is the workshop's own. */
let processes: GatewayProcess[] = [];

beforeAll(async () => {
  workshop = await openWorkshop({ worker: false });
  const configuration = await workersConfiguration(workshop);
  processes = [await startProcess('start', configuration), await startProcess('work', configuration)];
  tenant = await openTenant(workshop);
});
afterAll(async () => {
  await tenant?.veeam.disconnect();
  await endProcesses(processes);
  await workshop?.close();
});

/** How PostgreSQL is told to end: with its sessions cut, or at once and with a recovery. */
const restarts = [
  ['fast', 'SIGINT'],
  ['immediate', 'SIGQUIT'],
] as const;

test.each(restarts)(
  'a restart of the database (%s) in the middle of a run costs no process, no step and no event',
  async (name, signal) => {
    const { ada, targetId } = tenant;
    const names = ['a', 'b'].map((letter) => `${name}${letter}`);
    await replicate(
      tenant.veeam,
      names.map((each) => ({ name: each })),
    );
    const vms = await protectedByName(ada, targetId, names);
    // One restart while machines are brought up, and one while they move.
    const restarted = ['RegisterVM_Task', 'RelocateVM_Task'].map((call) => onceAsked(call, () => restart(signal)));
    const failoverId = await failOver(tenant, [...vms.values()], { target: 'acme-dr' });
    const events: OperationEvent[] = [];
    for await (const event of watchOperation(ada, failoverId)) {
      events.push(event);
      expect(event.phase, event.message).not.toBe('PAUSED');
      if (event.phase === 'LIVE') break;
    }
    await Promise.all(restarted);
    await commitAndWatch(ada, failoverId, events.at(-1)?.cursor, (event) => events.push(event));

    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'STEP_FAILED')).toEqual([]);
    expect((await ada.getFailover(failoverId))?.phase).toBe('COMMITTED');
    expect(processes.map((each) => each.ended())).toEqual([undefined, undefined]);
    const { datacentre, expected } = expectations(workshop, targetId, await machinesOf(ada, failoverId));
    expect((await checkFinalState(datacentre, expected)).filter(({ isMet }) => !isMet)).toEqual([]);
    expect(repeatedEffects(workshop.lab)).toEqual([]);
  },
  300_000,
);

/** Does something when the datacentre is first asked for this. */
function onceAsked(call: string, then: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = workshop.lab.journal.onRecord((entry) => {
      if (entry.call !== call) return;
      forget();
      then().then(resolve, reject);
    });
  });
}

/** Ends the server; the processes that use it bring it up again. */
async function restart(signal: NodeJS.Signals): Promise<void> {
  const before = await postmaster();
  if (before === undefined) throw new Error('No server runs.');
  process.kill(before, signal);
  await waitFor('another server', async () => {
    const now = await postmaster().catch(() => undefined);
    return now === undefined || now === before ? undefined : true;
  });
}

async function postmaster(): Promise<number | undefined> {
  const { directory } = workshop.configuration.database;
  if (directory === undefined) throw new Error('The workshop has a server of its own.');
  const [line] = (await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  return line ? Number(line) : undefined;
}
