import postgres from 'postgres';
import { disturb } from './disturbances.ts';
import { leftovers } from './leftovers.ts';
import { gapsOf, type OperationLog } from './operation-log.ts';
import { play } from './play.ts';
import {
  drawSchedule,
  tellSchedule,
  type DatabaseRestart,
  type Schedule,
  type StepStrike,
  type TimedStrike,
} from './schedule.ts';
import { journalTail, type Stage } from './stage.ts';
import { personOf } from './tenant.ts';
import { differences } from './world/differences.ts';
import { effectsDoneTwice } from './world/effects-done-twice.ts';
import { expectedWorld } from './world/expected.ts';
import { readOutcome } from './world/outcome.ts';
import { tellViolation, watchWorld, type Violation, type WorldWatch } from './world/watch.ts';
import { captureSettledWorld, type World } from './world/world.ts';

/** How one schedule ended. */
export interface RunOutcome {
  seed: number;
  schedule: Schedule;
  told: string;
  seconds: number;
  met: StepStrike[];
  timed: TimedStrike[];
  restarts: DatabaseRestart[];
  faultsShown: string[];
  /** Empty when everything held. */
  violations: string[];
  /** The journal's last lines, when something did not hold. */
  journal: string[];
}

/** Plays one seed's schedule and judges what has become of the datacentre and of the records. */
export async function runSeed(stage: Stage, seed: number): Promise<RunOutcome> {
  const { workshop, workers } = stage;
  const { lab, gateway } = workshop;
  const started = Date.now();
  const schedule = drawSchedule(seed, gateway.workflows);
  const firstEntry = lab.journal.entries.length;
  const violations: string[] = [];
  await workers.resize(schedule.workers);
  await workers.ready();
  const accidentsBefore = workers.accidents.length;
  const disturbances = await disturb(stage, schedule);
  const faultsBefore = lab.faults.shown.length;
  let before = await captureSettledWorld(workshop);
  const watch = watchWorld(workshop);
  const judge = async () => violations.push(...(await worldDifferences(stage, before)));
  let logs: OperationLog[] = [];
  try {
    logs = await play(stage.as(personOf(schedule.tenant)), schedule, {
      ...disturbances,
      async atRest(moment) {
        if (moment !== 'pushed') await judge();
        before = await captureSettledWorld(workshop);
      },
    });
  } catch (error) {
    violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  await disturbances.end();
  violations.push(...disturbances.violations, ...logs.flatMap(gapsOf));
  violations.push(...(await left(stage)), ...(await broken(stage, watch)));
  violations.push(...workers.accidents.slice(accidentsBefore));
  violations.push(...effectsDoneTwice(lab.journal.entries.slice(firstEntry)).map((effect) => `done twice: ${effect}`));
  // What was left half done is told by now; the world would only repeat it.
  if (violations.length === 0) await judge();
  return {
    seed,
    schedule,
    told: tellSchedule(schedule),
    seconds: (Date.now() - started) / 1000,
    met: [...disturbances.met],
    timed: [...disturbances.timed],
    restarts: [...disturbances.restarts],
    faultsShown: lab.faults.shown
      .slice(faultsBefore)
      .map(({ backend, call, when, what }) => `${what} ${when} ${backend} ${call}`),
    violations,
    journal: violations.length === 0 ? [] : journalTail(lab, 60),
  };
}

async function left({ database }: Stage): Promise<string[]> {
  const admin = postgres(database.url, { max: 1, onnotice: () => undefined });
  try {
    return await leftovers(admin);
  } finally {
    await admin.end();
  }
}

async function worldDifferences({ workshop }: Stage, before: World): Promise<string[]> {
  const outcome = await readOutcome(workshop);
  // Whose target is gone was judged before it went, and belongs to the world before since then.
  const standing = new Set(outcome.targets.filter(({ stands }) => stands === 'ACTIVE').map(({ targetId }) => targetId));
  const machines = outcome.machines.filter(({ targetId }) => standing.has(targetId));
  const world = await captureSettledWorld(workshop);
  return differences(expectedWorld(before, { ...outcome, machines }), world).map(
    (difference) => `world: ${difference}`,
  );
}

const writesRule = 'while a machine is away from its target and on its share, the tenant cannot write to it';

/**
 * What the watch has seen. Machines of a target that is given up are away from it as well, since its removal unregisters
 * them first; nobody runs them elsewhere, so its account may stay until its host is gone.
 */
async function broken({ workshop }: Stage, watch: WorldWatch): Promise<string[]> {
  const removals = await workshop.gateway.database.asMaintenance((tx) =>
    tx.execute<{ target: string; since: Date }>(
      `select subject_id as target, created_at as since from operation where kind = 'DEPROVISION_TARGET'`,
    ),
  );
  const isOfRemoval = ({ rule, what, entry }: Violation) =>
    rule === writesRule &&
    [...removals].some(
      ({ target, since }) =>
        what.endsWith(` on bh-${target.replaceAll('_', '-')}`) && entry && entry.at >= new Date(since),
    );
  return watch
    .stop()
    .filter((violation) => !isOfRemoval(violation))
    .map(tellViolation);
}
