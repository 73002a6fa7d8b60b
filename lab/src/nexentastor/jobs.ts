import { randomUUID } from 'node:crypto';
import type { LabClock } from '../clock.ts';
import { NefFault } from './nef-fault.ts';

type Outcome = { state: 'running' } | { state: 'done'; location?: string } | { state: 'failed'; fault: NefFault };

/** The asynchronous jobs of one node. A job goes on whether or not anybody asks for it; a take-over forgets it. */
export class Jobs {
  private readonly outcomes = new Map<string, Outcome>();

  constructor(
    private readonly clock: LabClock,
    private readonly seconds: number,
  ) {}

  /** Does `work` after the job's time. @returns the job's id */
  start(work: () => { created?: string }): string {
    const id = randomUUID();
    this.outcomes.set(id, { state: 'running' });
    void this.clock.pass(this.seconds).then(() => {
      if (this.outcomes.has(id)) this.outcomes.set(id, outcomeOf(work));
    });
    return id;
  }

  find(id: string): Outcome {
    const outcome = this.outcomes.get(id);
    if (!outcome) throw new NefFault('ENOENT', `Job ${id} not found`);
    return outcome;
  }

  forget(): void {
    this.outcomes.clear();
  }
}

function outcomeOf(work: () => { created?: string }): Outcome {
  try {
    const { created } = work();
    return created === undefined ? { state: 'done' } : { state: 'done', location: created };
  } catch (error) {
    return { state: 'failed', fault: error instanceof NefFault ? error : new NefFault('EINVAL', String(error)) };
  }
}
