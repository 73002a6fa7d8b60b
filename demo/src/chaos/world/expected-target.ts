import { Some, type Expected, type ExpectedObject } from './differences.ts';
import { newNestedHost } from './expected-nested-host.ts';
import type { Outcome, SiteFacts, TargetOutcome } from './outcome.ts';
import {
  copyOf,
  count,
  elements,
  isObject,
  linesWith,
  list,
  part,
  setElements,
  someNumber,
  someText,
  someTime,
  someUuid,
} from './part.ts';

// product.md 1 (P13 to P19, Q1 to Q10) and 4.1: what a target is made of, and that nothing of one that was given up stays.

export const keyOf = (targetId: string) => targetId.replaceAll('_', '-');
export const hostNameOf = (targetId: string) => `bh-${keyOf(targetId)}`;
const portNameOf = (targetId: string) => `bh-${targetId}`;
/** Never shared; snapshots and clones have their room here. */
const containerOf = (site: SiteFacts, targetId: string) => `${site.rootDataset}/${keyOf(targetId)}`;
export const shareOf = (site: SiteFacts, targetId: string) => `${containerOf(site, targetId)}/ds0`;

/** Puts what an order brought about into the world, or takes out what was removed since. */
export function applyTarget(world: ExpectedObject, { site }: Outcome, target: TargetOutcome): void {
  const stood = Object.hasOwn(part(world, 'nestedHosts'), hostNameOf(target.targetId));
  if (target.stands === 'ACTIVE') {
    if (!stood) addTarget(world, site, target);
    return;
  }
  if (stood) removeTarget(world, target);
  const appliance = part(world, 'nexentastor', 'world');
  const share = shareOf(site, target.targetId);
  delete part(appliance, 'shares')[share];
  if (target.stands === 'RETAINED') return;
  for (const path of [share, containerOf(site, target.targetId)]) delete part(appliance, 'filesystems')[path];
  const snapshots = part(appliance, 'snapshots');
  for (const path of Object.keys(snapshots)) if (path.startsWith(`${share}@`)) delete snapshots[path];
}

function addTarget(world: ExpectedObject, site: SiteFacts, target: TargetOutcome): void {
  const { management, customer } = target;
  if (!management || !customer) throw new Error(`${target.targetId} stands without addresses.`);
  const name = hostNameOf(target.targetId);
  const vcenter = part(world, 'vcenter');
  const vlans = site.managementVlans;
  if (management.vlanId < vlans.first || management.vlanId > vlans.last) {
    throw new Error(`${target.targetId} got VLAN ${management.vlanId}, which is not the management network's.`);
  }

  const ownPortGroup = `bh-mgmt-${management.vlanId}`;
  const customerPortGroup = portGroupOf(vcenter, customer.vlanId);
  const networks = part(vcenter, 'networks');
  networks[ownPortGroup] = managementPortGroup(part(networks, customerPortGroup), ownPortGroup, management.vlanId);
  count(vcenter, 'DistributedVirtualPortgroup', ownPortGroup, 1);

  const machine = hostMachine(vcenter, site, target, [ownPortGroup, customerPortGroup]);
  part(vcenter, 'vms')[name] = machine;
  count(vcenter, 'VirtualMachine', name, 1);
  Object.assign(part(vcenter, 'datastores', site.targetDatastore, 'lun', 'files'), hostFiles(site, name, machine));
  part(world, 'nestedHosts')[name] = newNestedHost(site, { ...target, management, customer });
  addShare(part(world, 'nexentastor', 'world'), site, target, management.address);
  addLock(part(world, 'northbound', 'tables'), site, target, management);
}

export function portGroupOf(vcenter: ExpectedObject, vlanId: number): string {
  for (const [name, network] of Object.entries(part(vcenter, 'networks'))) {
    if (isObject(network) && network['vlanId'] === vlanId && network['distributed'] !== undefined) return name;
  }
  throw new Error(`The world before has no port group of VLAN ${vlanId}.`);
}

/** Like a customer's own, which the provider has made: promiscuous mode, MAC changes and forged transmits refused (Q4, Q7). */
function managementPortGroup(model: ExpectedObject, name: string, vlanId: number): ExpectedObject {
  const made = copyOf(model);
  Object.assign(made, { name, vlanId });
  const label = `DistributedVirtualPortgroup ${name}`;
  const distributed = part(made, 'distributed');
  distributed['portgroupKey'] = label;
  const config = part(distributed, 'config');
  Object.assign(config, { key: label, name, description: someText('a description') });
  part(config, 'defaultPortConfig', 'vlan')['vlanId'] = vlanId;
  const no = { $type: 'BoolPolicy', inherited: false, value: false };
  Object.assign(part(config, 'defaultPortConfig', 'securityPolicy'), {
    allowPromiscuous: no,
    macChanges: no,
    forgedTransmits: no,
  });
  return made;
}

/** The nested host's machine: the template's, with the size of the plan, both MACs set and nothing else changed. */
function hostMachine(
  vcenter: ExpectedObject,
  site: SiteFacts,
  target: TargetOutcome,
  portGroups: readonly string[],
): ExpectedObject {
  const name = hostNameOf(target.targetId);
  const machine = copyOf(part(vcenter, 'vms', site.template));
  const config = part(machine, 'config');
  const switchUuid = part(vcenter, 'networks', portGroups[0] ?? '', 'distributed')['switchUuid'] ?? null;
  const macs = [target.management?.mac ?? '', target.customer?.mac ?? ''];
  Object.assign(config, {
    cpuCount: target.cpuCount,
    memoryMb: target.memoryBytes / 1024 / 1024,
    biosUuid: someUuid,
    instanceUuid: someUuid,
    annotation: someText('a note of what it is', new RegExp(target.targetId)),
    extra: { 'bulkhead.target': target.targetId, 'bulkhead.tenant': target.tenantId },
    nics: list(config, 'nics').map((nic, index) => ({
      ...(isObject(nic) ? nic : {}),
      mac: macs[index] ?? 'no third NIC',
      addressType: 'manual',
      backing: {
        kind: 'distributed',
        switchUuid,
        portgroupKey: `DistributedVirtualPortgroup ${portGroups[index] ?? 'of no third NIC'}`,
      },
      isConnected: true,
      startsConnected: true,
    })),
    disks: list(config, 'disks').map((disk) => ({
      ...(isObject(disk) ? disk : {}),
      datastore: `Datastore ${site.targetDatastore}`,
      path: `${name}/${name}.vmdk`,
      uuid: someText('an id of its content', /^[0-9a-f]{32}$/),
    })),
  });
  Object.assign(machine, {
    name,
    folder: `Folder ${site.targetFolder}`,
    pool: 'ResourcePool Resources',
    host: someHost(vcenter),
    isTemplate: false,
    power: 'poweredOn',
    datastore: `Datastore ${site.targetDatastore}`,
    vmxPath: `${name}/${name}.vmx`,
    areToolsRunning: true,
    ip: target.management?.address ?? null,
  });
  return machine;
}

/** Any production host may be chosen. */
export function someHost(vcenter: ExpectedObject): Expected {
  const names = Object.keys(part(vcenter, 'hosts'));
  return new Some('a production host', (actual) => names.some((name) => actual === `HostSystem ${name}`));
}

function hostFiles(site: SiteFacts, name: string, machine: ExpectedObject): ExpectedObject {
  const booted = /^boot 1 of [0-9a-f-]{36}\n$/;
  const [disk] = list(part(machine, 'config'), 'disks');
  const sectors = disk !== undefined && isObject(disk) ? Number(disk['capacityBytes']) / 512 : 0;
  return {
    [`${name}/${name}-flat.vmdk`]: {
      sizeBytes: someNumber('some bytes', (bytes) => bytes > 0),
      holds: someText('the trace of one boot', booted),
    },
    [`${name}/${name}.vmdk`]: linesWith(`RW ${sectors} VMFS "${name}-flat.vmdk"`),
    [`${name}/${name}.vmx`]: linesWith(`displayName = "${name}"`, `scsi0:0.fileName = "${name}.vmdk"`),
    [`${name}/${name}.nvram`]: { sizeBytes: someNumber('some bytes'), holds: 'nvram' },
    [`${name}/.lck of ${name}.vmx`]: { heldBy: someText('the vCenter', new RegExp(`^${site.vcenterAddress} `)) },
  };
}

/** Sold size on the dataset alone, snapshots on top of it, and this host the only one that may mount it (P15, Q1). */
function addShare(appliance: ExpectedObject, site: SiteFacts, target: TargetOutcome, address: string): void {
  const [container, share] = [containerOf(site, target.targetId), shareOf(site, target.targetId)];
  const plain = { nonBlockingMandatoryMode: false, smartCompression: false };
  const dataset = (path: string, settings: ExpectedObject): ExpectedObject => ({
    path,
    guid: someText('a guid', /^\d+$/),
    creationTxg: someNumber('a transaction group'),
    creationTime: someTime,
    settings,
    files: {},
    originalSnapshot: '',
    mountPoint: `${String(appliance['mountPrefix'])}/${path}`,
    isMounted: true,
    needsRemount: false,
  });
  const filesystems = part(appliance, 'filesystems');
  const headroom = someNumber('more than was sold', (bytes) => bytes > target.storageBytes);
  filesystems[container] = dataset(container, { ...plain, quotaSize: headroom });
  filesystems[share] = dataset(share, {
    ...plain,
    referencedQuotaSize: target.storageBytes,
    recordSize: someNumber('a record size'),
    compressionMode: someText('a compression'),
  });
  part(appliance, 'shares')[share] = {
    filesystem: share,
    anon: 'nobody',
    nohide: false,
    securityContexts: exportTo([address]),
  };
}

export function exportTo(hosts: readonly string[]): ExpectedObject[] {
  const rules = [...new Set(hosts)].sort().map((entity) => ({ allow: true, etype: 'fqdn', entity }));
  return [{ securityModes: ['sys'], readWriteList: rules, root: copyOf(rules) }];
}

/** The port that lets one MAC with one address out, and gives it that address (Q3 to Q5). */
function addLock(
  tables: ExpectedObject,
  site: SiteFacts,
  target: TargetOutcome,
  { address, mac, vlanId }: NonNullable<TargetOutcome['management']>,
): void {
  const name = portNameOf(target.targetId);
  const subnet = `${site.managementGateway.replace(/\.\d+$/, '.0')}/${site.managementPrefixLength}`;
  const { serverId, serverMac } = site.dhcp;
  const dhcp = {
    cidr: subnet,
    options: ['lease_time=3600', `server_id=${serverId}`, `server_mac=${serverMac}`],
    external_ids: `bh-dhcp=${subnet}`,
  };
  // One for the whole network: the first target brings it.
  const shared = part(tables, 'DHCP_Options');
  shared['without a name of its own'] ??= [dhcp];
  part(tables, 'Logical_Switch_Port')[name] = {
    name,
    type: '',
    parent_name: site.trunkPort,
    tag_request: vlanId,
    tag: vlanId,
    addresses: `${mac} ${address}`,
    port_security: `${mac} ${address}`,
    up: true,
    dhcpv4_options: `DHCP_Options ${JSON.stringify(dhcp)}`,
    external_ids: new Some('marks of its owner', (actual) =>
      [`bh-target=${target.targetId}`, `bh-tenant=${target.tenantId}`, `bh-ip=${address}`, `bh-mac=${mac}`].every(
        (mark) => Array.isArray(actual) && actual.includes(mark),
      ),
    ),
  };
  for (const [table, row] of holdersOf(site)) {
    const holder = part(tables, table, row);
    setElements(holder, 'ports', [...elements(holder, 'ports'), `Logical_Switch_Port ${name}`]);
  }
}

const holdersOf = (site: SiteFacts) =>
  [
    ['Logical_Switch', site.logicalSwitch],
    ['Port_Group', site.portGroup],
  ] as const;

/** Everything but the data: host, lock and port group. */
function removeTarget(world: ExpectedObject, target: TargetOutcome): void {
  const name = hostNameOf(target.targetId);
  const vcenter = part(world, 'vcenter');
  const [management] = list(part(vcenter, 'vms', name, 'config'), 'nics');
  const label = management === undefined ? '' : String(part({ nic: management }, 'nic', 'backing')['portgroupKey']);
  const portGroup = label.replace('DistributedVirtualPortgroup ', '');
  delete part(vcenter, 'networks')[portGroup];
  count(vcenter, 'DistributedVirtualPortgroup', portGroup, -1);
  delete part(vcenter, 'vms')[name];
  count(vcenter, 'VirtualMachine', name, -1);
  for (const datastore of Object.keys(part(vcenter, 'datastores'))) {
    const lun = part(vcenter, 'datastores', datastore)['lun'];
    if (!isObject(lun ?? null)) continue;
    const files = part(vcenter, 'datastores', datastore, 'lun', 'files');
    for (const path of Object.keys(files)) if (path.startsWith(`${name}/`)) delete files[path];
  }
  delete part(world, 'nestedHosts')[name];
  const tables = part(world, 'northbound', 'tables');
  const port = portNameOf(target.targetId);
  delete part(tables, 'Logical_Switch_Port')[port];
  for (const table of ['Logical_Switch', 'Port_Group']) {
    for (const row of Object.keys(part(tables, table))) {
      const holder = part(tables, table, row);
      const rest = elements(holder, 'ports').filter((each) => each !== `Logical_Switch_Port ${port}`);
      setElements(holder, 'ports', rest);
    }
  }
}
