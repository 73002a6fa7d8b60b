import { setTimeout as sleep } from 'node:timers/promises';
import type { MetStrike } from './armoury.ts';
import type { Director } from './play.ts';
import type { Act, DatabaseRestart, Schedule, TimedStrike } from './schedule.ts';
import { frozenAfterSeconds, type Stage } from './stage.ts';

export interface Disturbances extends Omit<Director, 'atRest'> {
  /** Strikes at steps, in the order in which they were met. */
  readonly met: readonly MetStrike[];
  /** Strikes at a moment that found a worker there. */
  readonly timed: readonly TimedStrike[];
  readonly restarts: readonly DatabaseRestart[];
  readonly violations: readonly string[];
  /** Takes back what was not met, and waits until everybody who was frozen is awake. */
  end(): Promise<void>;
}

/** How long a frozen worker sleeps: longer than the others wait for it. */
const freezeMs = (frozenAfterSeconds + 1.5) * 1000;
/** A worker that loses its database may end, and does so within this time. */
const lossMs = 20_000;

/** Arms what a schedule has in store. */
export async function disturb(stage: Stage, schedule: Schedule): Promise<Disturbances> {
  const { workers, armoury, database } = stage;
  const { faults } = stage.workshop.lab;
  const met: MetStrike[] = [];
  const timed: TimedStrike[] = [];
  const restarts: DatabaseRestart[] = [];
  const violations: string[] = [];
  const thaws: Promise<void>[] = [];
  const thaw = (pid: number) => {
    thaws.push(sleep(freezeMs).then(() => workers.thaw(pid)));
  };
  // Waves may be played side by side.
  let acts = 0;
  /** What may stand in somebody's way; a delay does not. */
  const obstacles = () => faults.shown.filter(({ what }) => what !== 'delay').length;
  faults.clear();
  await armoury.arm(schedule.stepStrikes);
  const watching = armoury.watch((strike) => {
    met.push(strike);
    if (strike.signal === 'SIGSTOP') thaw(strike.pid);
  });

  const strike = async (each: TimedStrike) => {
    await sleep(each.afterMs);
    const pid = workers.pidOf(each.worker);
    if (pid === undefined) return;
    workers.strike(each.worker, each.signal);
    timed.push(each);
    if (each.signal === 'SIGSTOP') thaw(pid);
  };
  const restart = async (each: DatabaseRestart) => {
    await sleep(each.afterMs);
    workers.expectLosses(Date.now() + lossMs);
    await database.restart(each.mode);
    workers.expectLosses(Date.now() + lossMs);
    restarts.push(each);
  };

  return {
    met,
    timed,
    restarts,
    violations,
    violated: (what) => void violations.push(what),
    watchFaults() {
      let before = obstacles();
      return {
        clear() {
          const shown = obstacles() - before;
          before = obstacles();
          faults.clear();
          return shown;
        },
      };
    },
    renewWorker: () => workers.strike(0, 'SIGTERM'),
    async during(act, play) {
      const isOf = (each: { act: Act }) => each.act === act;
      if (acts === 0) faults.clear();
      acts += 1;
      for (const { rule } of schedule.faults.filter(isOf)) faults.add(rule);
      const going = [...schedule.timedStrikes.filter(isOf).map(strike), ...schedule.restarts.filter(isOf).map(restart)];
      try {
        const [result] = await Promise.all([play(), ...going]);
        return result;
      } finally {
        await Promise.allSettled(going);
        acts -= 1;
      }
    },
    async end() {
      await armoury.disarm();
      await watching.close();
      await Promise.all(thaws);
      faults.clear();
    },
  };
}
