import { setTimeout as sleep } from 'node:timers/promises';
import { PluginError } from '@bulkhead/plugin-sdk';
import { markAnswering, markFailing, type KnownEffect } from './effect-record.ts';
import { GivenUp, inOwnTime, tell, tellRecovered, type EffectKey, type LedgerServices } from './ledger.ts';
import { problemOf } from './problem.ts';
import type { EffectContext, WaitDefinition } from './workflow.ts';

/** One look at a backend. */
export const lookSeconds = 60;

/** A backend that blinks is told of once a minute, however often it does. */
const tellEveryMs = 60_000;

export interface WaitServices extends LedgerServices {
  /** Between two looks of a step that waits. */
  pollIntervalMs: number;
  /** How long a step that waits may see nothing but errors before a person is asked. Default: 15 minutes. */
  outageLimitSeconds?: number;
}

/**
 * Looks until there is an answer. Both limits, that of the wait and that of an outage in it, are counted over take-overs:
 * they begin anew only when the step has failed and a person has it tried again.
 * @throws GivenUp after an outage that lasted too long
 */
export async function waitFor<T>(
  services: WaitServices,
  key: EffectKey,
  definition: WaitDefinition<T>,
  effect: EffectContext,
  known: KnownEffect,
): Promise<T> {
  const { drain, lease } = services;
  const leaving = AbortSignal.any([drain.begun, lease.doubt]);
  const pauses = AbortSignal.any([effect.call.signal, leaving]);
  const until = Date.now() + definition.timeoutSeconds * 1000 - known.ageMs;
  const outage = openOutage(services, key, known);
  for (;;) {
    const seen = await look(definition, effect);
    if ('found' in seen) return seen.found;
    const { trouble } = seen;
    if (trouble) {
      // What a cut call says is nothing that the backend said.
      leaving.throwIfAborted();
      await outage.goesOn(trouble);
    } else {
      await outage.ended();
    }
    if (Date.now() >= until) {
      // Out of retries' reach on purpose: it has been waited for long enough.
      throw new PluginError(
        'conflict',
        `${definition.title}: it did not happen within ${definition.timeoutSeconds} seconds.`,
        `${definition.name} timed out`,
        { cause: trouble },
      );
    }
    await sleep(definition.intervalMs ?? services.pollIntervalMs, undefined, { signal: pauses });
  }
}

type Seen<T> = { found: T } | { trouble: PluginError | undefined };

async function look<T>(definition: WaitDefinition<T>, effect: EffectContext): Promise<Seen<T>> {
  try {
    const deadline = new Date(Date.now() + lookSeconds * 1000);
    const found = await definition.check({ ...effect, call: { ...effect.call, deadline } });
    return found === undefined ? { trouble: undefined } : { found };
  } catch (error) {
    if (!PluginError.is(error) || !error.isRetryable) throw error;
    return { trouble: error };
  }
}

/** Looks in a row that met nothing but errors which may pass. Whoever watches sees the first of them, and the end. */
function openOutage(services: WaitServices, key: EffectKey, known: KnownEffect) {
  const limitMs = (services.outageLimitSeconds ?? 15 * 60) * 1000;
  let since = known.failing?.since;
  let until = Date.now() + limitMs - (known.failing?.forMs ?? 0);
  // Told by the worker before this one, perhaps: then the log keeps it once, but the step shows it no longer.
  let isTold = since !== undefined;
  let isShown = false;
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    /** @throws GivenUp when it has lasted too long */
    async goesOn(error: PluginError): Promise<void> {
      const now = Date.now();
      if (since === undefined) {
        since = await inOwnTime(services, key, (tx) => markFailing(tx, key));
        until = now + limitMs;
      }
      if (now >= until) throw new GivenUp(error, since);
      if (isShown || now - shownAt < tellEveryMs) return;
      const problem = problemOf(error, since);
      const { operationId, unit, name: step } = key;
      services.log.warn({ problem, operationId, unit, step }, 'A step that waits meets errors.');
      const event = `failing-${since.getTime()}`;
      const told = { state: 'RETRYING', attempt: known.attempts, problem, event } as const;
      await inOwnTime(services, key, (tx) => tell(tx, key, told));
      [isTold, isShown, shownAt] = [true, true, now];
    },

    async ended(): Promise<void> {
      if (since === undefined) return;
      const event = `answering-${since.getTime()}`;
      const isToBeTold = isTold;
      await inOwnTime(services, key, async (tx) => {
        await markAnswering(tx, key);
        if (isToBeTold) await tellRecovered(tx, key, { attempt: known.attempts, event });
      });
      since = undefined;
      [isTold, isShown] = [false, false];
    },
  };
}
