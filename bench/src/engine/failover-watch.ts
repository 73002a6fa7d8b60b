import { unwrap, type Client } from '@bulkhead/sdk';
import { watchOperation } from '@bulkhead/sdk/subscriptions';
import type { ProvisionedTarget } from './tenant.ts';

export interface Watched {
  liveSeconds: number;
  relocatedSeconds: number;
  /** For each machine, from being started to being on. */
  bringUps: number[];
  /** Their ids in the run, in the order in which they were started. */
  order: string[];
}

/**
 * Presses the button and follows the run until every disk is on production storage.
 * @throws Error when a machine, or the run, is paused
 */
export async function pressAndWatch(
  ada: Client,
  target: ProvisionedTarget,
  vmIds: readonly string[],
): Promise<Watched> {
  const begun = performance.now();
  const sinceBegun = () => (performance.now() - begun) / 1000;
  const selection = { vms: vmIds.map((vmId) => ({ vmId })), networkId: target.networkId };
  const failover = unwrap(
    await ada.startFailover({ selection, confirm: target.name, reason: 'The bench loses its site.' }),
    'failover',
  );
  const started = new Map<string, number>();
  const live = new Map<string, number>();
  const settled = new Set<string>();
  let liveSeconds = 0;
  for await (const event of watchOperation(ada, failover.id)) {
    if (event.phase === 'PAUSED' || event.vm?.state === 'PAUSED')
      throw new Error(`The failover is paused: ${event.problem?.message ?? event.message}`);
    const at = new Date(event.occurredAt).getTime() / 1000;
    if (event.vm?.state === 'STARTING') started.set(event.vm.failoverVmId, at);
    if (event.vm?.state === 'LIVE') live.set(event.vm.failoverVmId, at);
    if (event.vm?.state === 'SETTLED') settled.add(event.vm.failoverVmId);
    if (liveSeconds === 0 && live.size === vmIds.length) liveSeconds = sinceBegun();
    if (settled.size === vmIds.length) break;
  }
  if (live.size !== vmIds.length) throw new Error(`${live.size} of ${vmIds.length} machines are live.`);
  const bringUps = [...live].map(([id, at]) => at - (started.get(id) ?? Number.NaN));
  return { liveSeconds, relocatedSeconds: sinceBegun(), bringUps, order: [...started.keys()] };
}
