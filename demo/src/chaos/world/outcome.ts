import type { Workshop } from '../../workshop.ts';

/** What the provider's site gives to every target, as its configuration says. */
export interface SiteFacts {
  targetFolder: string;
  targetDatastore: string;
  template: string;
  /** Of root in each clone of it; nobody's once a target is handed over. */
  templatePassword: string;
  failoverFolder: string;
  role: string;
  /** Production datastores that disks may end on. */
  datastores: readonly string[];
  managementGateway: string;
  managementPrefixLength: number;
  managementVlans: { first: number; last: number };
  infrastructure: readonly string[];
  dnsServers: readonly string[];
  ntpServers: readonly string[];
  domainName: string;
  vcenterAddress: string;
  storageAddress: string;
  rootDataset: string;
  logicalSwitch: string;
  trunkPort: string;
  portGroup: string;
  dhcp: { serverMac: string; serverId: string };
}

/** One target that was ever ordered. */
export interface TargetOutcome {
  targetId: string;
  tenantId: string;
  /** GONE: given up and taken back, or removed with all its data. RETAINED: only its data are left. */
  stands: 'ACTIVE' | 'RETAINED' | 'GONE';
  cpuCount: number;
  memoryBytes: number;
  storageBytes: number;
  /** Of the provider's network and of the customer's; nothing of a target that is gone. */
  management?: { address: string; mac: string; vlanId: number };
  customer?: { address: string; mac: string; vlanId: number; prefixLength: number; gateway: string };
  userName?: string;
}

/** One machine of a run that was pressed. */
export interface MachineOutcome {
  failoverId: string;
  failoverVmId: string;
  vmId: string;
  tenantId: string;
  targetId: string;
  /** On its target. */
  name: string;
  productionName: string;
  /** LEFT_OUT stays on its target. ON_SHARE runs in production from its share; MOVED from production storage. */
  stands: 'LEFT_OUT' | 'ON_SHARE' | 'MOVED';
  isCommitted: boolean;
  host: string;
  hostStorageAddress: string;
  /** Where it is to be moved, or was. */
  datastore: string;
  /** By MAC, as no server numbers them anew. */
  nics: readonly { mac: string; vlanId: number; cidr: string; isConnected: boolean }[];
  principal: string;
}

/** How everything ended that was asked for: what the world has to be judged by. */
export interface Outcome {
  site: SiteFacts;
  targets: readonly TargetOutcome[];
  machines: readonly MachineOutcome[];
}

/** Phases of a run that has touched nothing. */
const withoutTrace = ['QUEUED', 'AWAITING_APPROVAL', 'PREFLIGHT', 'REJECTED', 'CANCELLED'];

/**
 * Reads from the gateway's own records how everything ended, to hold the datacentre against it.
 * @throws Error when something is under way or paused: nothing can be said then of what must stand.
 */
export async function readOutcome(workshop: Pick<Workshop, 'lab' | 'gateway' | 'configuration'>): Promise<Outcome> {
  const { targets, machines } = await workshop.gateway.database.asMaintenance(async (tx) => ({
    targets: await tx.execute<TargetRow>(targetRows),
    machines: await tx.execute<MachineRow>(machineRows),
  }));
  const outcome = {
    site: siteFacts(workshop),
    targets: [...targets].map(targetOutcome),
    machines: [...machines].flatMap(machineOutcome),
  };
  for (const {
    target_id: targetId,
    failover_id: failoverId,
    holds_mount: isMounted,
    holds_writes: isHeld,
  } of machines) {
    const isNeeded = outcome.machines.some((each) => each.targetId === targetId && each.stands === 'ON_SHARE');
    if (isMounted && !isNeeded) throw new Error(`The share of ${targetId} is still mounted for ${failoverId}.`);
    if (isHeld && !isNeeded) throw new Error(`The write rights on ${targetId} are still held by ${failoverId}.`);
  }
  return outcome;
}

function siteFacts({ lab, configuration }: Pick<Workshop, 'lab' | 'configuration'>): SiteFacts {
  const [site] = configuration.sites;
  if (!site) throw new Error('The configuration has no site.');
  const { targetHosts, failover, management, infrastructure, dnsServers, ntpServers, domainName } = site.policy;
  const { logicalSwitch, trunkPort, portGroup } = lab.ovn;
  const { managementGateway, managementCidr, vcenter, nfs } = lab.block;
  return {
    targetFolder: targetHosts.folder,
    targetDatastore: targetHosts.datastore,
    template: targetHosts.template,
    templatePassword: lab.vcenter.credentials.templateRoot.password,
    failoverFolder: failover.folder,
    role: failover.role,
    datastores: Object.values(failover.storageClasses).flat(),
    managementGateway,
    managementPrefixLength: Number(managementCidr.split('/')[1]),
    managementVlans: management.vlans,
    infrastructure,
    dnsServers,
    ntpServers,
    domainName,
    vcenterAddress: vcenter,
    storageAddress: nfs,
    rootDataset: lab.nexentastor.rootDataset,
    logicalSwitch,
    trunkPort,
    portGroup,
    // As the lab's configuration has it for the network plugin.
    dhcp: { serverMac: '00:50:56:3f:ff:01', serverId: managementGateway },
  };
}

interface TargetRow extends Record<string, unknown> {
  id: string;
  tenant_id: string;
  state: string;
  cpu_count: number;
  memory_bytes: string;
  storage_bytes: string;
  user_name: string | null;
  customer_address: string | null;
  customer_mac: string | null;
  management_address: string | null;
  management_mac: string | null;
  management_vlan_id: number | null;
  vlan_id: number;
  cidr: string;
  gateway: string;
}

const targetRows = `
  select t.id, t.tenant_id, t.state, p.cpu_count, p.memory_bytes::text, t.storage_bytes::text, t.user_name,
    t.customer_address, h.customer_mac, h.management_address, h.management_mac, h.management_vlan_id,
    n.vlan_id, n.cidr, n.gateway
  from target t join target_plan p on p.id = t.plan_id join network n on n.id = t.network_id
    left join target_host h on h.target_id = t.id
  order by t.id`;

function targetOutcome(row: TargetRow): TargetOutcome {
  const stands = standing[row.state];
  if (!stands) throw new Error(`Target ${row.id} is ${row.state}: it is not known yet what will stand of it.`);
  const outcome = {
    targetId: row.id,
    tenantId: row.tenant_id,
    stands,
    cpuCount: row.cpu_count,
    memoryBytes: Number(row.memory_bytes),
    storageBytes: Number(row.storage_bytes),
  };
  const { management_address: address, management_mac: mac, management_vlan_id: vlanId } = row;
  const { customer_address: customerAddress, customer_mac: customerMac, user_name: userName } = row;
  if (stands !== 'ACTIVE') return outcome;
  if (address === null || mac === null || vlanId === null || !customerAddress || !customerMac || !userName) {
    throw new Error(`Target ${row.id} is ACTIVE without addresses or account in the gateway's records.`);
  }
  const prefixLength = Number(row.cidr.split('/')[1]);
  const customer = { address: customerAddress, mac: customerMac, vlanId: row.vlan_id, prefixLength };
  return {
    ...outcome,
    management: { address, mac, vlanId },
    customer: { ...customer, gateway: row.gateway },
    userName,
  };
}

const standing: Readonly<Record<string, TargetOutcome['stands']>> = {
  ACTIVE: 'ACTIVE',
  RETAINED: 'RETAINED',
  DEPROVISIONED: 'GONE',
  FAILED: 'GONE',
};

interface MachineRow extends Record<string, unknown> {
  id: string;
  failover_id: string;
  vm_id: string;
  tenant_id: string;
  target_id: string;
  name: string;
  organization: string;
  phase: string;
  state: string;
  io_location: string | null;
  relocation: string;
  holds_mount: boolean;
  holds_writes: boolean;
  restore_point_id: string | null;
  host_name: string | null;
  storage_address: string | null;
  datastore: string | null;
  nics: { sourceMac: string; networkId: string; connected: boolean }[];
  networks: Record<string, { vlanId: number; cidr: string }> | null;
  account: string | null;
}

const machineRows = `
  select v.id, v.failover_id, v.vm_id, v.tenant_id, v.target_id, v.name, o.name as organization, f.phase, v.state,
    f.relocation, exists (select 1 from mount m where m.failover_id = v.failover_id and m.target_id = v.target_id
      and m.host_ref = p.host_ref and m.state = 'HELD') as holds_mount,
    exists (select 1 from failover_target ft where ft.target_id = v.target_id and ft.access_suspended_at is not null
      and ft.access_restored_at is null) as holds_writes,
    v.io_location, v.restore_point_id, p.host_name, p.storage_address, p.datastore, v.nics, pp.account,
    (select jsonb_object_agg(n.id, jsonb_build_object('vlanId', n.vlan_id, 'cidr', n.cidr))
      from network n where n.tenant_id = v.tenant_id) as networks
  from failover_vm v join failover f on f.id = v.failover_id join organization o on o.id = v.tenant_id
    join target t on t.id = v.target_id
    left join failover_placement p on p.failover_vm_id = v.id
    left join production_principal pp on pp.tenant_id = v.tenant_id and pp.site_id = t.site_id
  order by v.id`;

function machineOutcome(row: MachineRow): MachineOutcome[] {
  if (withoutTrace.includes(row.phase)) return [];
  if (!['LIVE', 'COMMITTED', 'ROLLED_BACK'].includes(row.phase)) {
    throw new Error(`${row.failover_id} is ${row.phase}: it is not known yet what will stand of it.`);
  }
  if (row.restore_point_id !== null) {
    throw new Error(`${row.name} runs from an older restore point; what stands then is not described here.`);
  }
  const isLeftOut = row.state === 'SKIPPED' || row.state === 'BACK';
  if (!isLeftOut && !['LIVE', 'SETTLED'].includes(row.state)) {
    throw new Error(`${row.name} of ${row.failover_id} is ${row.state}: it is not known yet what will stand of it.`);
  }
  const { host_name: host, storage_address: hostStorageAddress, datastore, account } = row;
  if (host === null || hostStorageAddress === null || datastore === null || account === null) {
    throw new Error(`${row.name} of ${row.failover_id} has no placement or no production account in the records.`);
  }
  const suffix = row.id.slice(-6);
  const stands = isLeftOut ? 'LEFT_OUT' : row.io_location === 'PRODUCTION_STORAGE' ? 'MOVED' : 'ON_SHARE';
  const isSettled = isLeftOut || (stands === 'ON_SHARE' ? row.relocation === 'ON_COMMIT' : row.state === 'SETTLED');
  if (!isSettled) throw new Error(`${row.name} of ${row.failover_id} is still being moved.`);
  return [
    {
      failoverId: row.failover_id,
      failoverVmId: row.id,
      vmId: row.vm_id,
      tenantId: row.tenant_id,
      targetId: row.target_id,
      name: row.name,
      // Two tenants may have machines of one name, and one tenant two: product.md promises both a place.
      productionName:
        `${row.organization}-${row.name}`.replaceAll(/[%/\\]/g, '-').slice(0, 79 - suffix.length) + `-${suffix}`,
      stands,
      isCommitted: row.phase === 'COMMITTED',
      host,
      hostStorageAddress,
      datastore,
      nics: row.nics.map(({ sourceMac, networkId, connected }) => {
        const network = row.networks?.[networkId];
        if (!network) throw new Error(`${row.name} was mapped to ${networkId}, which is not its tenant's.`);
        return { mac: sourceMac, ...network, isConnected: connected };
      }),
      principal: account,
    },
  ];
}
