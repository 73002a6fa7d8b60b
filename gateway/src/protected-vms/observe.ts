import type { PluginCall, PluginLog } from '@bulkhead/plugin-sdk';
import { housekeepingScope } from '../access/system-scope.ts';
import { datastoreName, storageKeyOf } from '../targets/naming.ts';
import { findTargetOwner, listTargetsToObserve, lockTarget, updateTarget } from '../targets/store.ts';
import type { TargetState } from '../targets/target.ts';
import { readTargetWork, sessionOf, type TargetServices } from '../targets/target-work.ts';
import { chain } from '../workflows/problem.ts';
import { applyObservation } from './observation.ts';

/** Channel that rings when somebody wants a target to be looked at now; the payload is its id. */
export const observeChannel = 'observe_target';

/** A target that was given up is not looked at any more; one that is suspended can still be failed over from. */
const observedStates: readonly TargetState[] = ['ACTIVE', 'SUSPENDED'];
const deadlineMs = 60_000;
const atOnce = 4;

interface ObserveOptions {
  log: PluginLog;
  /** One that was looked at since then need not be looked at again: another worker was first. */
  notBefore: Date;
  signal: AbortSignal;
}

/**
 * Looks at one target and writes down what is there. A target that does not answer keeps what was seen last, with its age.
 * @returns whether it was looked at
 */
export async function observeTarget(
  services: TargetServices,
  owner: { id: string; tenantId: string },
  { log, notBefore, signal }: ObserveOptions,
): Promise<boolean> {
  const scope = housekeepingScope(owner.tenantId, 'observe');
  const { database } = services;
  return database.exclusively(`observe:${owner.id}`, async () => {
    const work = await database.inScope(scope, (tx) => readTargetWork(tx, services, scope, owner.id));
    const { state, observedAt } = work.target;
    if (!observedStates.includes(state) || (observedAt && observedAt >= notBefore)) return false;
    const call: PluginCall = {
      callId: `observe/${owner.id}`,
      tenantId: owner.tenantId,
      attempt: 1,
      deadline: new Date(Date.now() + deadlineMs),
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
      log,
      progress: () => undefined,
    };
    // The time before the question: what changes while it is answered is seen the next time.
    const at = new Date();
    const replicas = await work.site.compute.listReplicas(await sessionOf(work), { name: datastoreName }, call);
    const usage = await work.site.storage
      .observeUsage({ key: storageKeyOf(owner.id) }, call)
      .catch((error: unknown) => {
        log.warn({ targetId: owner.id, error: chain(error) }, 'The use of a datastore could not be read.');
        return undefined;
      });
    return database.inScope(scope, async (tx) => {
      // The target before its machines, as whoever starts a failover locks them; given up meanwhile, nothing is kept.
      const now = await lockTarget(tx, scope, owner.id);
      if (!now || !observedStates.includes(now.state)) return false;
      await applyObservation(tx, scope, work.target, replicas, at);
      const used = usage && { usedBytes: usage.usedBytes, storageObservedAt: usage.observedAt };
      await updateTarget(tx, scope, owner.id, { observedAt: at, ...used });
      return true;
    });
  });
}

export interface Observing {
  stop(): Promise<void>;
}

/** Looks at every target in service again and again, and at once where somebody asks for it. Any number of workers may. */
export async function startObserving(
  services: TargetServices,
  { everySeconds, log }: { everySeconds: number; log: PluginLog },
): Promise<Observing> {
  const { database } = services;
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();
  // A target that does not answer is not asked by every tick.
  const triedAt = new Map<string, number>();

  const observe = (owner: { id: string; tenantId: string }, notBefore: Date): void => {
    if (stopping.signal.aborted || running.has(owner.id)) return;
    triedAt.set(owner.id, Date.now());
    const run = observeTarget(services, owner, { log, notBefore, signal: stopping.signal })
      .then(
        () => undefined,
        (error: unknown) => {
          if (!stopping.signal.aborted) {
            log.warn({ targetId: owner.id, error: chain(error) }, 'A target could not be looked at.');
          }
        },
      )
      .finally(() => running.delete(owner.id));
    running.set(owner.id, run);
  };

  const tick = async (): Promise<void> => {
    const notBefore = new Date(Date.now() - everySeconds * 1000);
    const due = await database.asMaintenance((tx) =>
      listTargetsToObserve(tx, { states: observedStates, notBefore, limit: 200 }),
    );
    for (const owner of due) {
      if (running.size >= atOnce) return;
      if (Date.now() - (triedAt.get(owner.id) ?? 0) >= everySeconds * 1000) observe(owner, notBefore);
    }
  };

  const onBell = async (targetId: string | null): Promise<void> => {
    if (targetId === null) return tick();
    const askedAt = new Date();
    const owner = await database.asMaintenance((tx) => findTargetOwner(tx, targetId));
    // One that is being looked at may have been asked before this wish: it is looked at once more.
    await running.get(targetId);
    if (owner) observe(owner, askedAt);
  };

  const guarded = (task: Promise<void>) =>
    void task.catch((error: unknown) => {
      if (!stopping.signal.aborted) log.warn({ error: chain(error) }, 'Looking at targets failed.');
    });
  const unlisten = await database.listen(observeChannel, (payload) => guarded(onBell(payload)));
  const timer = setInterval(() => guarded(tick()), Math.max(50, Math.min(1000, everySeconds * 250)));
  guarded(tick());

  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await unlisten();
      await Promise.all(running.values());
    },
  };
}
