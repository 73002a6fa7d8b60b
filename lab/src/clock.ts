import { setTimeout as sleep } from 'node:timers/promises';

/** Scales the durations of the simulated datacentre: a task of 10 s takes 10 s × `scale`. */
export class LabClock {
  /** May be changed while the datacentre runs; waits that have begun keep theirs. */
  constructor(public scale: number) {}

  /** Waits for so many simulated seconds. */
  async pass(seconds: number, signal?: AbortSignal): Promise<void> {
    await sleep(seconds * 1000 * this.scale, undefined, { ...(signal ? { signal } : {}), ref: false });
  }
}
