import { connectVeeam } from '@bulkhead/lab';
import { ApiError, unwrap, type Client } from '@bulkhead/sdk';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Schedule } from './schedule.ts';

/** Each tenant's administrator, and how its organization's name begins. */
const administrators = {
  acme: { person: 'ada', name: 'Acme' },
  globex: { person: 'gus', name: 'Globex' },
  initech: { person: 'ian', name: 'Initech' },
} as const;

export function personOf(tenant: Schedule['tenant']): string {
  return administrators[tenant].person;
}

/** What the provider's catalogue has for a tenant. */
export interface Catalogue {
  organizationId: string;
  siteId: string;
  planId: string;
  replicationNetworkId: string;
  serverNetworkId: string;
}

export async function readCatalogue(client: Client, tenant: Schedule['tenant']): Promise<Catalogue> {
  const organizations = await client.listOrganizations({}).toArray({ limit: 20 });
  const organization = organizations.find(({ name }) => name.startsWith(administrators[tenant].name));
  const [plan] = await client.listTargetPlans();
  if (!organization || !plan) throw new Error(`The catalogue has no ${tenant} or no target plan.`);
  const networks = await client.listNetworks({ organizationId: organization.id }).toArray({ limit: 20 });
  const idOf = (wanted: string) => {
    const network = networks.find(({ name }) => name === wanted);
    if (!network) throw new Error(`${tenant} has no network ${wanted}.`);
    return network.id;
  };
  return {
    organizationId: organization.id,
    siteId: plan.site.id,
    planId: plan.id,
    replicationNetworkId: idOf('Replication'),
    serverNetworkId: idOf('Servers'),
  };
}

/** The tenant's own software signs in and pushes the schedule's machines, small ones. @returns their names */
export async function pushMachines(client: Client, targetId: string, { seed, machines }: Schedule): Promise<string[]> {
  const credential = unwrap(await client.revealTargetCredential({ targetId }), 'credential');
  const connection = (await client.getReplicationTarget(targetId))?.connection;
  if (!connection) throw new Error(`Target ${targetId} has no connection sheet.`);
  const veeam = await connectVeeam({
    address: connection.address,
    port: connection.port,
    userName: credential.userName,
    password: credential.secret,
    certificateSha256: connection.certificateSha256 ?? '',
    networkName: 'VM Network',
  });
  try {
    const names = Array.from({ length: machines }, (_, index) => `vm${seed}-${index + 1}`);
    for (const [index, name] of names.entries()) {
      const hardware = { cpuCount: 1, memoryBytes: 2 ** 28, disks: [{ sizeBytes: 1e9 }] };
      await veeam.pushReplica({
        name,
        ...hardware,
        nics: [{ mac: macOf(seed * 4 + index) }],
        guestOs: 'ubuntu64Guest',
      });
      await veeam.addRestorePoint(name);
    }
    return names;
  } finally {
    await veeam.disconnect();
  }
}

function macOf(number: number): string {
  const bytes = [(number >> 16) & 0x0f, (number >> 8) & 0xff, number & 0xff];
  return `00:50:56:${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
}

/** Their ids in the API, once all of them are protected there. */
export async function protectedIds(client: Client, targetId: string, names: readonly string[]): Promise<string[]> {
  for (let waited = 0; waited < 60_000; waited += 100) {
    unwrap(await client.refreshProtectedVms({ targetId }), 'target');
    const vms = await client.listProtectedVms({ targetId, states: ['PROTECTED'] }).toArray({ limit: 50 });
    const ids = names.flatMap((name) => vms.find((vm) => vm.name === name)?.id ?? []);
    if (ids.length === names.length) return ids;
    await sleep(100);
  }
  throw new Error(`Target ${targetId} did not show ${names.join(', ')} as protected within a minute.`);
}

/** Asks until the API answers again: for the moments in which its database is restarted. */
export async function insist<T>(ask: () => Promise<T>, limitMs = 30_000): Promise<T> {
  const started = Date.now();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const mayPass = error instanceof ApiError && ['INTERNAL', 'NETWORK'].includes(error.code);
      if (!mayPass || Date.now() - started > limitMs) throw error;
      await sleep(100);
    }
  }
}
