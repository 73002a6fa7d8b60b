/**
 * How a process leaves: what is in hand may end, nothing new begins. What has to be left is never answered at all, for the
 * engine would keep a result or a failure; whoever takes the run over finds the ledger and carries on from there.
 */
export interface Drain {
  /** Fires when nothing new may begin; who only waits, stops waiting. */
  readonly begun: AbortSignal;
  /** Fires when the work in hand has to be left. */
  readonly over: AbortSignal;
  /** Runs one piece of work. Settles only while the process still owns it. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Waits until nothing is in hand, `graceMs` at most; then `over` fires. */
  finish(graceMs: number): Promise<void>;
}

export function openDrain(): Drain {
  const begun = new AbortController();
  const over = new AbortController();
  let inHand = 0;
  let onEmpty = (): void => undefined;
  const never = <T>() => new Promise<T>(() => undefined);
  const release = () => {
    inHand -= 1;
    if (inHand === 0) onEmpty();
  };
  return {
    begun: begun.signal,
    over: over.signal,

    async run<T>(work: () => Promise<T>): Promise<T> {
      if (begun.signal.aborted) return never<T>();
      inHand += 1;
      try {
        return await work();
      } catch (error) {
        if (isLeaving(error) || over.signal.aborted) return never<T>();
        throw error;
      } finally {
        release();
      }
    },

    async finish(graceMs) {
      begun.abort(new Leaving());
      if (inHand > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, graceMs);
          onEmpty = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      over.abort(new Leaving());
    },
  };
}

/** This process has to let go of what it has in hand: it stops, or another worker has taken over. */
export class Leaving extends Error {
  override readonly name = 'Leaving';

  constructor() {
    super('This worker leaves; another one carries on.');
  }
}

/** Whether work ended only because this process leaves; also when it is the cause of another error. */
export function isLeaving(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause)
    if (current instanceof Leaving) return true;
  return false;
}
