import type { Credential, TargetNetworkingSpec, TargetSession } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import type { Database, Tx } from '../database/database.ts';
import { findTargetAddresses, type TargetAddresses } from '../networks/allocate.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { Site, Sites } from '../sites/site.ts';
import { findTargetPlan, type TargetPlanRow } from '../target-plans/store.ts';
import { hostNameOf, replicationAccountOf, rootAccount } from './naming.ts';
import { findTarget, findTargetAccount, findTargetHost, type TargetHostRow, type TargetRow } from './store.ts';

/** What the workflows of targets work with. */
export interface TargetServices {
  database: Database;
  sites: Sites;
  sealer: Sealer;
}

/**
 * Everything known of one target, read anew for each step: nothing is carried over in memory, so a step that is resumed
 * by another process sees what the first one saw.
 */
export interface TargetWork {
  services: TargetServices;
  scope: TenantScope;
  target: TargetRow;
  plan: TargetPlanRow;
  site: Site;
  /** Absent until the addresses are reserved. */
  host: TargetHostRow | undefined;
  addresses: TargetAddresses | undefined;
}

export async function readTargetWork(
  tx: Tx,
  services: TargetServices,
  scope: TenantScope,
  targetId: string,
): Promise<TargetWork> {
  const [target, host, addresses] = await Promise.all([
    findTarget(tx, scope, targetId),
    findTargetHost(tx, scope, targetId),
    findTargetAddresses(tx, targetId),
  ]);
  if (!target) throw new Error(`Target ${targetId} does not exist in the scope of its operation.`);
  const plan = await findTargetPlan(tx, scope, target.planId);
  if (!plan) throw new Error(`Target plan ${target.planId} of ${targetId} does not exist.`);
  return { services, scope, target, plan, site: services.sites.of(target.siteId), host, addresses };
}

/** For steps behind the reservation. */
export function addressesOf({ addresses, target }: TargetWork): TargetAddresses {
  if (!addresses) throw new Error(`Target ${target.id} holds no addresses.`);
  return addresses;
}

/** A column of the host's row that an earlier step has filled. */
export function hostFact(
  work: TargetWork,
  column: 'hostRef' | 'managementPortGroup' | 'remoteHost' | 'remotePath',
): string {
  const value = work.host?.[column];
  if (!value) throw new Error(`Target ${work.target.id} has no ${column} yet.`);
  return value;
}

/** Opens a sealed credential. It stays inside the step that needs it. */
export async function credentialOf(work: TargetWork, kind: 'ROOT' | 'REPLICATION'): Promise<Credential> {
  const { services, scope, target } = work;
  const account = await services.database.inScope(scope, (tx) => findTargetAccount(tx, scope, target.id, kind));
  if (!account) throw new Error(`Target ${target.id} has no ${kind} account.`);
  const owner = { tenantId: target.tenantId, ownerId: target.id, kind };
  return { userName: account.userName, password: services.sealer.open(account.sealedSecret, owner) };
}

/** How we act on the nested host: as root, at its management address, and only if its certificate is the one we met. */
export async function sessionOf(work: TargetWork): Promise<TargetSession> {
  const { certificateSha256 } = work.target;
  return {
    endpoint: {
      address: addressesOf(work).management.ip,
      ...(certificateSha256 === null ? {} : { certificateSha256 }),
    },
    credential: await credentialOf(work, 'ROOT'),
  };
}

export function networkingOf(work: TargetWork): TargetNetworkingSpec {
  const { management, customer } = addressesOf(work);
  const { policy, network } = work.site;
  return {
    hostName: hostNameOf(work.target.id),
    domainName: policy.domainName,
    management: { mac: management.mac, address: management.ip, prefixLength: management.prefixLength },
    customer: { mac: customer.mac, address: customer.ip, prefixLength: customer.prefixLength },
    ...network.planRoutes({ management, customer, infrastructure: policy.infrastructure }),
    dnsServers: policy.dnsServers,
    ntpServers: policy.ntpServers,
  };
}

/** The address as the network plugin knows it. */
export function lockedAddressOf(work: TargetWork) {
  const { mac, ip, cidr, vlanId, generation } = addressesOf(work).management;
  return { targetId: work.target.id, mac, ip, cidr, vlanId, generation };
}

/** The two accounts on the nested host. */
export function accountNames(targetId: string): { kind: 'ROOT' | 'REPLICATION'; userName: string }[] {
  return [
    { kind: 'ROOT', userName: rootAccount },
    { kind: 'REPLICATION', userName: replicationAccountOf(targetId) },
  ];
}
