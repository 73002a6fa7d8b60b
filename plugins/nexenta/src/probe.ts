import type { PluginCall, ProbeResult } from '@bulkhead/plugin-sdk';
import type { Nef } from './nef.ts';

/** The contract gives two seconds for all of it. */
const patienceMilliseconds = { nodes: 900, whole: 1800 };

/** Looks at the pair, its NFS service, pools and licence. Read only; says what it found and never throws. */
export async function probe(nef: Nef, outer: PluginCall): Promise<ProbeResult> {
  const within = (milliseconds: number): PluginCall => ({
    ...outer,
    signal: AbortSignal.any([outer.signal, AbortSignal.timeout(milliseconds)]),
  });
  const call = within(patienceMilliseconds.whole);
  try {
    const nodes = await nef.inspectNodes(within(patienceMilliseconds.nodes));
    const silent = nodes.filter((node) => node.error !== undefined);
    if (!nodes.some((node) => node.hasPools)) {
      const reasons = silent.map(({ url, error }) => `${url}: ${textOf(error)}`);
      return { state: 'failed', reason: reasons.join('; ') || `no node has the dataset ${nef.layout.root}` };
    }
    const [service, license, pools, software] = await Promise.all([
      nef.read(
        'GET /services/nfs',
        (client, init) => client.GET('/services/{service}', { params: { path: { service: 'nfs' } }, ...init }),
        call,
      ),
      nef.read('GET /settings/license', (client, init) => client.GET('/settings/license', init), call),
      nef.read(
        'GET /storage/pools',
        (client, init) =>
          client.GET('/storage/pools', { params: { query: { fields: ['poolName', 'health', 'status'] } }, ...init }),
        call,
      ),
      nef.read('GET /software/current', (client, init) => client.GET('/software/current', init), call),
    ]);
    const product = `NexentaStor ${[software.version, software.build].filter((part) => part !== undefined).join('.')}`;
    if (service.state !== 'online') {
      return { state: 'failed', reason: `the NFS service is ${service.state ?? 'in an unknown state'}`, product };
    }
    const complaints = [
      ...silent.map(({ url, error }) => `node ${url} does not answer: ${textOf(error)}`),
      ...(license.valid === false ? ['the licence has expired'] : []),
      ...pools.data
        .filter((pool) => pool.health !== undefined && pool.health.toUpperCase() !== 'ONLINE')
        .map((pool) => `pool ${pool.poolName} is ${pool.health}`),
    ];
    return complaints.length > 0
      ? { state: 'degraded', reason: complaints.join('; '), product }
      : { state: 'ready', product };
  } catch (error) {
    return { state: 'failed', reason: textOf(error) };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
