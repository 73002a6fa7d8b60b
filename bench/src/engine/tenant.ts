import { connectVeeam, type Lab } from '@bulkhead/lab';
import { createClient, unwrap, type Client } from '@bulkhead/sdk';
import { watchOperation } from '@bulkhead/sdk/subscriptions';
import { until } from './steps-round.ts';

export interface ProvisionedTarget {
  id: string;
  name: string;
  /** Of the tenant's servers. */
  networkId: string;
}

export interface Machines {
  count: number;
  memoryBytes: number;
  diskBytes: number;
}

export function clientOf(lab: Lab, url: string, who: string): Client {
  return createClient({ url, auth: { getToken: () => lab.identity.token(who) }, clientName: 'bulkhead-bench' });
}

/** The MSP orders a target for its tenant and waits until it is in service. */
export async function provisionTarget(nora: Client): Promise<ProvisionedTarget> {
  const organizations = await nora.listOrganizations({}).toArray({ limit: 20 });
  const acme = organizations.find(({ name }) => name.startsWith('Acme'));
  const [plan] = await nora.listTargetPlans();
  if (!acme || !plan) throw new Error('The catalogue has no Acme or no target plan.');
  const networks = await nora.listNetworks({ organizationId: acme.id }).toArray({ limit: 20 });
  const [replication, servers] = ['Replication', 'Servers'].map((name) => networks.find((one) => one.name === name));
  if (!replication || !servers) throw new Error('The catalogue has no networks for Acme.');
  const name = 'acme-dr';
  const place = { organizationId: acme.id, siteId: plan.site.id, planId: plan.id, networkId: replication.id };
  const operation = unwrap(await nora.provisionReplicationTarget({ ...place, name }), 'operation');
  for await (const event of watchOperation(nora, operation.id)) {
    if (event.type === 'FINISHED' && event.status !== 'SUCCEEDED') throw new Error(`No target: ${event.message}`);
  }
  return { id: operation.target.id, name, networkId: servers.id };
}

/** The n-th that the tenant replicates, from 1. */
export const machineName = (n: number): string => `vm${String(n).padStart(3, '0')}`;

/** The tenant's replication software pushes machines, and the gateway sees them. Answers with their ids, by their names. */
export async function replicate(
  ada: Client,
  target: ProvisionedTarget,
  machines: Machines,
  /** Where the host answers, if not where the connection sheet says: the customer's side is another network. */
  reachedAt?: string,
): Promise<string[]> {
  const { count, memoryBytes, diskBytes } = machines;
  const credential = unwrap(await ada.revealTargetCredential({ targetId: target.id }), 'credential');
  const seen = await ada.getReplicationTarget(target.id);
  if (!seen?.connection) throw new Error('The target has no connection sheet.');
  const { address, port, certificateSha256 } = seen.connection;
  const veeam = await connectVeeam({
    address: reachedAt ?? address,
    port,
    userName: credential.userName,
    password: credential.secret,
    certificateSha256: certificateSha256 ?? '',
    networkName: 'VM Network',
  });
  try {
    for (let n = 1; n <= count; n += 1) {
      const name = machineName(n);
      const mac = `00:50:56:01:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;
      const hardware = { cpuCount: 1, memoryBytes, disks: [{ sizeBytes: diskBytes }], nics: [{ mac }] };
      await veeam.pushReplica({ name, ...hardware, guestOs: 'ubuntu64Guest' });
      await veeam.addRestorePoint(name);
    }
  } finally {
    await veeam.disconnect();
  }
  unwrap(await ada.refreshProtectedVms({ targetId: target.id }), 'target');
  let ids: string[] = [];
  await until(async () => {
    const filter = { targetId: target.id, states: ['PROTECTED' as const] };
    const seen = await ada.listProtectedVms(filter).toArray({ limit: count });
    ids = seen.toSorted((one, other) => one.name.localeCompare(other.name)).map(({ id }) => id);
    return ids.length === count;
  });
  return ids;
}
