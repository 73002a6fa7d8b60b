import { RequestError } from '../access/errors.ts';

export const requestDeadlineMs = 10_000;

/** A request's signal, and the end of its time. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The caller has gone away: nobody waits for the answer. */
  abort(): void;
  /** Gives the answer of `work`, or the refusal when it takes too long; what still runs is told by the signal. */
  race<T>(work: Promise<T>): Promise<T>;
}

/** @param ms how long the request may take as a whole */
export function startDeadline(ms: number): Deadline {
  const controller = new AbortController();
  const refusal = () =>
    new RequestError(
      'BACKEND_TIMEOUT',
      'The request took too long and was given up. Ask for less at once; a change may be sent again with the same idempotency key.',
      { isRetryable: true },
    );
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    async race(work) {
      // Its failure after the deadline is nobody's any more.
      work.catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          controller.abort();
          reject(refusal());
        }, ms);
      });
      try {
        return await Promise.race([work, late]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
