import {
  claimBlock,
  Faults,
  Journal,
  LabClock,
  startVcenter,
  type AddressBlock,
  type Fabric,
  type NfsFile,
  type NfsServer,
  type NfsShare,
  type Vcenter,
} from '@bulkhead/lab';
import type {
  ComputePlugin,
  PluginInstance,
  TargetHostSpec,
  TargetNetworkingSpec,
  TargetSession,
} from '@bulkhead/plugin-sdk';
import plugin, { type VsphereConfig } from '../index.ts';
import { testCall, testLog } from './call.ts';

const gib = 2 ** 30;

/** One share in memory that the clients named in `allowed` may mount. */
export interface TestShare {
  readonly allowed: Set<string>;
  readonly files: Map<string, NfsFile>;
}

export interface TestHouse {
  vcenter: Vcenter;
  block: AddressBlock;
  faults: Faults;
  journal: Journal;
  share: TestShare;
  remotePath: string;
  /** Makes a share that starts with the files of the first one and goes its own way, as a clone does. */
  cloneShare(name: string): { share: TestShare; remotePath: string };
  clock: LabClock;
  /** The lock of the management network: these pairs of MAC and address pass. */
  locked: Map<string, string>;
  config: VsphereConfig;
  calls: ComputePlugin;
  /** A second instance, as another worker has one. */
  another(): PluginInstance<'compute'>;
  stop(): Promise<void>;
}

const vcenterPort = 18_443;
const esxiPort = 19_443;
export const managementVlan = 701;

/** A small house of the lab, without storage appliance and network controller: a share in memory, a lock in a table. */
export async function startHouse(): Promise<TestHouse> {
  const block = await claimBlock();
  const faults = new Faults();
  const journal = new Journal();
  const share: TestShare = { allowed: new Set(), files: new Map() };
  const remotePath = '/volumes/p/acme';
  const shares = new Map([[remotePath, share]]);
  const clock = new LabClock(0.01);
  const locked = new Map<string, string>();
  const vcenter = await startVcenter({
    block,
    vcenterPort,
    esxiPort,
    nfs: nfsOf(block.nfs, shares),
    fabric: fabricOf(locked),
    faults,
    journal,
    clock,
  });
  const config: VsphereConfig = {
    vcenter: {
      url: new URL(vcenter.url).origin,
      ...vcenter.credentials.service,
      certificateSha256: vcenter.certificate.sha256,
    },
    datacenter: vcenter.names.datacenter,
    distributedSwitch: vcenter.names.distributedSwitch,
    templateCredential: vcenter.credentials.templateRoot,
    targetPort: esxiPort,
    limits: { requestSeconds: 2, shutdownSeconds: 2, fileLockSeconds: 5 },
  };
  const open: PluginInstance<'compute'>[] = [];
  const another = () => {
    const instance = plugin.setup({ config, siteId: 'lab', log: testLog });
    open.push(instance);
    return instance;
  };
  const { calls } = another();
  return {
    vcenter,
    block,
    faults,
    journal,
    share,
    remotePath,
    cloneShare(name) {
      const clone: TestShare = { allowed: new Set(), files: new Map(share.files) };
      const path = `/volumes/p/${name}`;
      shares.set(path, clone);
      return { share: clone, remotePath: path };
    },
    clock,
    locked,
    config,
    calls,
    another,
    async stop() {
      await Promise.all(open.map((instance) => instance.dispose()));
      await vcenter.stop();
      await block.release();
    },
  };
}

function nfsOf(remoteHost: string, shares: ReadonlyMap<string, TestShare>): NfsServer {
  return {
    mount(client, host, path) {
      const share = shares.get(path);
      if (host !== remoteHost || !share) return { refused: 'no-such-export' };
      return share.allowed.has(client) ? { share: opened(path, share) } : { refused: 'access-denied' };
    },
  };
}

function opened(remotePath: string, share: TestShare): NfsShare {
  return {
    files: share.files,
    read: (client, path) => (share.allowed.has(client) ? share.files.get(path) : undefined),
    write: (client, path, file) => share.allowed.has(client) && share.files.set(path, file).has(path),
    remove: (client, path) => share.allowed.has(client) && share.files.delete(path),
    rename(client, from, to) {
      const file = share.files.get(from);
      if (!share.allowed.has(client) || !file) return false;
      share.files.set(to, file);
      return share.files.delete(from);
    },
    sizeBytes: 1000 * gib,
    freeBytes: 900 * gib,
    id: `share of ${remotePath}`,
  };
}

function fabricOf(locked: ReadonlyMap<string, string>): Fabric {
  return {
    lease(mac, vlanId) {
      const ip = vlanId === managementVlan ? locked.get(mac) : undefined;
      return ip === undefined ? undefined : { ip, prefixLength: 24 };
    },
    isAllowed: (mac, ip, vlanId) => vlanId !== managementVlan || locked.get(mac) === ip,
  };
}

export interface TestTarget {
  spec: TargetHostSpec;
  address: string;
  session: TargetSession;
  networking: TargetNetworkingSpec;
  account: { userName: string; password: string };
}

/** What the gateway would have decided about one target of the house. */
export function plannedTarget(house: TestHouse, n: number): TestTarget {
  const { block, vcenter } = house;
  const customer = block.customer(1);
  const address = `127.${block.octet}.66.${10 + n}`;
  const last = (10 + n).toString(16).padStart(2, '0');
  const macs = [`00:50:56:2a:00:${last}`, `00:50:56:2b:00:${last}`] as const;
  house.locked.set(macs[0], address);
  house.share.allowed.add(address);
  const customerAddress = customer.gateway.replace(/\.\d+$/, `.${100 + n}`);
  return {
    spec: {
      targetId: `target-${n}`,
      tenantId: 'acme',
      name: `bh-rt-target-${n}`,
      template: vcenter.names.template,
      placement: { cluster: vcenter.names.cluster, datastore: 'lun-1', folder: vcenter.names.targetFolder },
      cpuCount: 4,
      memoryBytes: 8 * gib,
      management: { mac: macs[0], attachment: { portGroup: `bh-m-${n}`, vlanId: managementVlan } },
      customer: { mac: macs[1], attachment: { portGroup: `vlan-${customer.vlanId}`, vlanId: customer.vlanId } },
    },
    address,
    session: { endpoint: { address }, credential: { userName: 'root', password: 'Own-Root-1!' } },
    networking: {
      hostName: `bh-rt-target-${n}`,
      domainName: 'targets.example.net',
      management: { mac: macs[0], address, prefixLength: 24 },
      customer: { mac: macs[1], address: customerAddress, prefixLength: 24 },
      defaultGateway: customer.gateway,
      staticRoutes: [{ network: `127.${block.octet}.0.0`, prefixLength: 24, gateway: block.managementGateway }],
      dnsServers: [block.managementGateway],
      ntpServers: [block.managementGateway],
    },
    account: { userName: `bhrep-target-${n}`, password: 'Replicate-Me-1!' },
  };
}

/** Provisions a target as far as its datastore and account. */
export async function provision(
  house: TestHouse,
  planned: TestTarget,
): Promise<{ session: TargetSession; vmRef: string }> {
  const { calls } = house;
  const made = await calls.ensureTargetHost(planned.spec, testCall());
  await calls.ensurePoweredOn({ ref: made.ref }, testCall());
  const session = await takenOver(house, planned);
  const mount = { name: 'Replica', remoteHost: house.block.nfs, remotePath: house.remotePath };
  await calls.ensureTargetNetworking(session, planned.networking, testCall());
  await calls.ensureTargetHardened(session, testCall());
  await calls.ensureTargetDatastore(session, mount, testCall());
  await calls.ensureTargetAccount(session, { credential: planned.account, profile: 'LIMITED_ROLE' }, testCall());
  return { session, vmRef: made.ref };
}

async function takenOver(house: TestHouse, planned: TestTarget): Promise<TargetSession> {
  const until = Date.now() + 20_000;
  for (;;) {
    const seen = await house.calls.observeTargetHost({ address: planned.address }, testCall());
    if (seen.isUp && seen.certificateSha256 !== undefined) {
      const endpoint = { address: planned.address, certificateSha256: seen.certificateSha256 };
      const session = { endpoint, credential: planned.session.credential };
      await house.calls.ensureTargetCredential(session, testCall());
      return session;
    }
    if (Date.now() > until) throw new Error(`${planned.address} does not come up`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Writes a machine's files to the share, as replication leaves them. */
export function writeReplica(house: TestHouse, name: string, mac: string, displayName = name): void {
  const uuid = (kind: string) => {
    const hex = Buffer.from(`${kind}${name}`.padEnd(16, '0').slice(0, 16)).toString('hex');
    const bytes = hex.match(/../g) ?? [];
    return `${bytes.slice(0, 8).join(' ')}-${bytes.slice(8).join(' ')}`;
  };
  const vmx = [
    ['.encoding', 'UTF-8'],
    ['config.version', '8'],
    ['virtualHW.version', '19'],
    ['displayName', displayName],
    ['guestOS', 'ubuntu-64'],
    ['numvcpus', '2'],
    ['memSize', '2048'],
    ['uuid.bios', uuid('b')],
    ['vc.uuid', uuid('i')],
    // Where it was made; that it runs elsewhere now is what raises the question at power-on.
    ['uuid.location', uuid('l')],
    ['scsi0.present', 'TRUE'],
    ['scsi0.virtualDev', 'pvscsi'],
    ['scsi0:0.present', 'TRUE'],
    ['scsi0:0.deviceType', 'scsi-hardDisk'],
    ['scsi0:0.fileName', `${name}.vmdk`],
    ['ethernet0.present', 'TRUE'],
    ['ethernet0.virtualDev', 'vmxnet3'],
    ['ethernet0.networkName', 'VM Network'],
    ['ethernet0.addressType', 'static'],
    ['ethernet0.address', mac],
    ['ethernet0.startConnected', 'FALSE'],
  ];
  const disk = [
    '# Disk DescriptorFile',
    'version=1',
    'CID=fffffffe',
    'parentCID=ffffffff',
    'createType="vmfs"',
    `RW ${gib / 512} VMFS "${name}-flat.vmdk"`,
    'ddb.thinProvisioned = "1"',
    `ddb.longContentID = "${'0'.repeat(32)}"`,
  ];
  const file = (lines: readonly string[]): NfsFile => ({
    content: Buffer.from(`${lines.join('\n')}\n`),
    sizeBytes: 1024,
    modifiedAt: new Date(),
  });
  house.share.files.set(`${name}/${name}.vmx`, file(vmx.map(([key, value]) => `${key} = "${value}"`)));
  house.share.files.set(`${name}/${name}.vmdk`, file(disk));
  house.share.files.set(`${name}/${name}-flat.vmdk`, file([]));
}
