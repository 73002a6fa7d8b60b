import { setTimeout as sleep } from 'node:timers/promises';

const lostConnection = /^(ECONN|EPIPE|ETIMEDOUT|CONNECTION_|CONNECT_TIMEOUT|57P0|08|53300)/;

/** Rolled back for another transaction's sake: the same again succeeds. */
const chosenVictim = /^(40001|40P01)$/;

/** It took too long this time: behind a lock, or on a server that had too much to do. */
const tooSlow = /^(57014|55P03)$/;
const mostTooSlow = 5;

/** However long the database stays away: what was being written is written when it is back, unless this process leaves. */
export async function persistently<T>(fn: () => Promise<T>, leaving: AbortSignal): Promise<T> {
  let slow = 0;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 2000)) {
    try {
      return await fn();
    } catch (error) {
      if (hasCode(error, tooSlow)) slow += 1;
      const mayPass = isConnectionLost(error) || hasCode(error, chosenVictim) || hasCode(error, tooSlow);
      if (!mayPass || slow > mostTooSlow) throw error;
      await sleep(pauseMs, undefined, { signal: leaving });
    }
  }
}

/** Whether the database went away, rather than refused: the transaction did not commit, or nobody knows. */
export function isConnectionLost(error: unknown): boolean {
  return hasCode(error, lostConnection);
}

/** Whether the database was away or too slow for a statement that failed in the middle of something else. */
export function isDatabaseInTheWay(error: unknown): boolean {
  return isConnectionLost(error) || hasCode(error, chosenVictim) || hasCode(error, tooSlow);
}

function hasCode(error: unknown, wanted: RegExp): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    if ('code' in current && typeof current.code === 'string' && wanted.test(current.code)) return true;
    current = current.cause;
  }
  return false;
}
