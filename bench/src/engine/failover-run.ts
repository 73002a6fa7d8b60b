import { labQueuedSeconds, labTaskSeconds, type JournalEntry, type Lab } from '@bulkhead/lab';
import { apiUrl, openHouse } from '../runner/house.ts';
import { openRun, type Run } from '../runner/run.ts';
import { quantile } from '../runner/statistics.ts';
import { criticalPath, type BackendTimes, type PlacedMachine } from './critical-path.ts';
import { pressAndWatch } from './failover-watch.ts';
import { clientOf, provisionTarget, replicate, type Machines } from './tenant.ts';

/** What one failover came to, in the clock's seconds. */
export interface FailoverFound {
  /** From the mutation's call to the event that says that every machine is on. */
  liveSeconds: number;
  relocatedSeconds: number;
  /** Between a machine's first step and its last, beyond what its own tasks take at the backend. */
  overheadSeconds: { p50: number; p95: number };
  /** Of the gateway's process. */
  cpuSeconds: number;
  /** Hosts that machines were put on. */
  hosts: number;
  /** What a machine's own tasks take. */
  bringUpSeconds: number;
  /** The backend's own time, for where the gateway has put the machines. */
  criticalPath: { liveSeconds: number; relocatedSeconds: number };
}

const gigabyte = 2 ** 30;
const machine = { memoryBytes: 4 * gigabyte, diskBytes: 5 * gigabyte };
const limits = { powerOnsPerHost: 8, relocationsPerDatastore: 2 };
/** While what is not measured is made ready. */
const hurry = 0.002;

/** A datacentre and a gateway of its own, a tenant with so many machines, and their failover, at the given speed. */
export async function failOverMachines(
  outer: Run,
  { count, scale, nodeFlags = [] }: { count: number; scale: number; nodeFlags?: readonly string[] },
): Promise<FailoverFound> {
  const run = openRun({ isQuick: outer.isQuick, say: (line) => outer.say(line) });
  try {
    const house = await openHouse(run, { lab: { scale: hurry } });
    const gateway = await house.bulkhead('start', { nodeFlags });
    const { lab } = house;
    const [nora, ada] = ['nora', 'ada'].map((who) => clientOf(lab, apiUrl(gateway), who));
    if (!nora || !ada) throw new Error('Nobody signs in.');
    const target = await provisionTarget(nora);
    const machines: Machines = { count, ...machine };
    const vmIds = await replicate(ada, target, machines);

    lab.clock.scale = scale;
    const tasks: JournalEntry[] = [];
    const stop = lab.journal.onRecord((entry) => {
      if (entry.backend === 'vcenter' && entry.call.endsWith('_Task')) tasks.push(entry);
    });
    const before = await gateway.meter();
    const seen = await pressAndWatch(ada, target, vmIds);
    const after = await gateway.meter();
    stop();
    lab.clock.scale = hurry;

    const times = backendTimes(tasks, count, scale);
    const placed = placementsOf(lab, seen.order);
    const overheads = seen.bringUps.map((seconds) => Math.max(0, seconds - times.bringUpSeconds));
    return {
      liveSeconds: seen.liveSeconds,
      relocatedSeconds: seen.relocatedSeconds,
      overheadSeconds: { p50: quantile(overheads, 0.5), p95: quantile(overheads, 0.95) },
      cpuSeconds: (after.cpuMicroseconds - before.cpuMicroseconds) / 1e6,
      hosts: new Set(placed.map(({ host }) => host)).size,
      bringUpSeconds: times.bringUpSeconds,
      criticalPath: criticalPath(placed, times, limits),
    };
  } finally {
    await run.close();
  }
}

const taskSeconds: Readonly<Record<string, number>> = {
  RegisterVM_Task: labTaskSeconds.register,
  CreateSnapshot_Task: labTaskSeconds.snapshot,
  Rename_Task: labTaskSeconds.reconfigure,
  ReconfigVM_Task: labTaskSeconds.reconfigure,
  PowerOnVM_Task: labTaskSeconds.powerOn,
};

/**
 * What the appliance takes before the first machine can be registered: of two accepted changes, the share's snapshot and its
 * export, one is answered by a job.
 */
const shareSeconds = 2;

/**
 * One machine's tasks, as the datacentre has carried them out: each waits its turn, then runs. Calls that no task stands
 * behind count as nothing.
 * @throws Error when machines were not all treated alike, or by a task of which nothing is known
 */
function backendTimes(tasks: readonly JournalEntry[], count: number, scale: number): BackendTimes {
  let bringUp = 0;
  const calls = new Map<string, number>();
  for (const { call } of tasks) calls.set(call, (calls.get(call) ?? 0) + 1);
  for (const [call, times] of calls) {
    if (call === 'RelocateVM_Task') continue;
    const seconds = taskSeconds[call];
    if (seconds === undefined || times % count !== 0)
      throw new Error(`${call} was carried out ${times} times for ${count}.`);
    bringUp += (times / count) * (seconds + labQueuedSeconds);
  }
  const relocate = Math.max(2, (machine.diskBytes / gigabyte) * labTaskSeconds.relocatePerGigabyte);
  return {
    shareSeconds: scale * shareSeconds,
    bringUpSeconds: scale * bringUp,
    relocateSeconds: scale * (relocate + labQueuedSeconds),
  };
}

/** Where the lab's own vCenter has the machines, in the run's order. */
function placementsOf(lab: Lab, order: readonly string[]): PlacedMachine[] {
  const vms = lab.vcenter
    .snapshotOfWorld()
    .vms.filter(({ folder }) => folder.includes(lab.vcenter.names.failoverFolder));
  return order.map((id) => {
    const found = vms.find(({ name }) => name.endsWith(id.slice(-6)));
    if (!found || found.power !== 'poweredOn') throw new Error(`The vCenter does not run ${id}.`);
    return { host: found.host, datastore: found.datastore };
  });
}
