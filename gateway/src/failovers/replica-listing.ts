import type { PluginCall, Replica } from '@bulkhead/plugin-sdk';
import { sessionOf } from '../targets/target-work.ts';
import type { VmWork } from './failover-work.ts';

/** How long one look at a nested host serves the machines of one run. */
const freshMs = 30_000;

const listings = new Map<string, { at: number; replicas: Promise<Replica[]> }>();

/**
 * The machines on a target, read once for many of the same run. That is safe here only: the run has taken the tenant's
 * write rights before its first machine begins, so nobody but the run itself changes anything there.
 */
export async function readReplicas(work: VmWork, datastore: string, call: PluginCall): Promise<Replica[]> {
  const { failover, target } = work;
  const now = Date.now();
  for (const [key, { at }] of listings) if (now - at > freshMs) listings.delete(key);
  const key = `${failover.id}/${target.target.id}`;
  const known = listings.get(key);
  if (known) return known.replicas;
  const replicas = sessionOf(target).then((session) =>
    target.site.compute.listReplicas(session, { name: datastore }, call),
  );
  listings.set(key, { at: now, replicas });
  // A failure is of this call's own; the next machine asks again.
  replicas.catch(() => listings.delete(key));
  return replicas;
}
