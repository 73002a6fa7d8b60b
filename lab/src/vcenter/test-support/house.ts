import { claimBlock } from '../../block.ts';
import type { AddressBlock } from '../../block.ts';
import { LabClock } from '../../clock.ts';
import { Faults } from '../../faults.ts';
import { Journal } from '../../journal.ts';
import type { NfsFile, NfsShare } from '../../nfs.ts';
import { startVcenter } from '../vcenter.ts';
import type { Vcenter, VcenterSizes } from '../vcenter.ts';
import { soapClient } from './soap-client.ts';
import type { SoapClient } from './soap-client.ts';

export const PORTS = { vcenter: 18_089, esxi: 18_090 };
export const SHARE = '/exports/acme';
export const MANAGEMENT_MAC = '00:50:56:01:00:01';
export const CUSTOMER_MAC = '00:50:56:01:00:02';

/** A share whose export list and quota the test holds. */
export interface TestShare extends NfsShare {
  readonly files: Map<string, NfsFile>;
  readonly clients: Set<string>;
  quotaBytes: number;
}

export interface TestHouse {
  vcenter: Vcenter;
  block: AddressBlock;
  faults: Faults;
  journal: Journal;
  share: TestShare;
  /** MAC to address: what DHCP leases and the lock lets pass. */
  locks: Map<string, string>;
  admin: SoapClient;
  service: SoapClient;
  nfsHost: string;
  stop(): Promise<void>;
}

export async function startHouse(sizes: Partial<VcenterSizes> = {}, scale = 0.005): Promise<TestHouse> {
  const block = await claimBlock();
  const faults = new Faults();
  const journal = new Journal();
  const share = createShare();
  const locks = new Map([
    [MANAGEMENT_MAC, block.managementCidr.replace('.0/24', '.10')],
    [CUSTOMER_MAC, block.customer(1).cidr.replace('.0/24', '.5')],
  ]);
  for (let n = 1; n <= 3; n += 1) share.clients.add(block.productionHost(n));
  const managementAddress = locks.get(MANAGEMENT_MAC) ?? '';
  share.clients.add(managementAddress);
  const vcenter = await startVcenter({
    block,
    vcenterPort: PORTS.vcenter,
    esxiPort: PORTS.esxi,
    faults,
    journal,
    clock: new LabClock(scale),
    nfs: {
      mount: (client, _host, path) => {
        if (path !== SHARE) return { refused: 'no-such-export' };
        return share.clients.has(client) ? { share } : { refused: 'access-denied' };
      },
    },
    fabric: {
      lease: (mac) => {
        const ip = mac === MANAGEMENT_MAC ? locks.get(mac) : undefined;
        return ip === undefined ? undefined : { ip, prefixLength: 24 };
      },
      isAllowed: (mac, ip) => locks.get(mac) === ip,
    },
    sizes,
  });
  const client = () => soapClient({ address: block.vcenter, port: PORTS.vcenter, certificate: vcenter.certificate });
  const [admin, service] = [client(), client()];
  const { administrator, service: account } = vcenter.credentials;
  await admin.login(administrator.userName, administrator.password);
  await service.login(account.userName, account.password);
  return {
    vcenter,
    block,
    faults,
    journal,
    share,
    locks,
    admin,
    service,
    nfsHost: block.nfs,
    stop: async () => {
      await vcenter.stop();
      await block.release();
    },
  };
}

function createShare(): TestShare {
  const files = new Map<string, NfsFile>();
  const clients = new Set<string>();
  const used = () => [...files.values()].reduce((sum, file) => sum + file.sizeBytes, 0);
  const share: TestShare = {
    files,
    read: (client, path) => (clients.has(client) ? files.get(path) : undefined),
    clients,
    quotaBytes: 2 ** 40,
    id: 'share-acme',
    get sizeBytes() {
      return share.quotaBytes;
    },
    get freeBytes() {
      return Math.max(0, share.quotaBytes - used());
    },
    write(client, path, file) {
      if (!clients.has(client) || used() - (files.get(path)?.sizeBytes ?? 0) + file.sizeBytes > share.quotaBytes)
        return false;
      files.set(path, file);
      return true;
    },
    remove: (client, path) => clients.has(client) && files.delete(path),
    rename(client, from, to) {
      const file = files.get(from);
      if (!file || !clients.has(client)) return false;
      files.delete(from);
      files.set(to, file);
      return true;
    },
  };
  return share;
}

/** Waits until a condition holds. */
export async function until<T>(what: string, test: () => T | undefined | false, seconds = 10): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = test();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const vmFolder = ['Folder', 'group-v3'] as const;
export const failoverFolder = ['Folder', 'group-v12'] as const;
export const pool = '<pool type="ResourcePool">resgroup-9</pool>';
export const host = (n: number) => `<host type="HostSystem">host-${30 + n}</host>`;
export const datastoreSystem = (n: number) => ['HostDatastoreSystem', `datastoreSystem-host-${30 + n}`] as const;

export const nasSpec = (house: TestHouse, name: string, path = SHARE) =>
  `<spec><remoteHost>${house.nfsHost}</remoteHost><remotePath>${path}</remotePath><localPath>${name}</localPath>` +
  `<accessMode>readWrite</accessMode><type>NFS</type></spec>`;

/** A configuration with one thin disk of `gigabytes` and one NIC. */
export const vmSpec = (
  name: string,
  datastore: string,
  options: { gigabytes?: number; network?: string; memoryMb?: number } = {},
) =>
  `<config><name>${name}</name><version>vmx-19</version><guestId>ubuntu64Guest</guestId>` +
  `<files><vmPathName>[${datastore}]</vmPathName></files><numCPUs>2</numCPUs><memoryMB>${options.memoryMb ?? 2048}</memoryMB>` +
  '<deviceChange><operation>add</operation><fileOperation>create</fileOperation><device xsi:type="VirtualDisk"><key>-1</key>' +
  '<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName></fileName><diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned></backing>' +
  `<controllerKey>1000</controllerKey><unitNumber>0</unitNumber><capacityInKB>${(options.gigabytes ?? 40) * 2 ** 20}</capacityInKB></device></deviceChange>` +
  '<deviceChange><operation>add</operation><device xsi:type="VirtualVmxnet3"><key>-2</key>' +
  `<backing xsi:type="VirtualEthernetCardNetworkBackingInfo"><deviceName>${options.network ?? 'VM Network'}</deviceName></backing>` +
  '<addressType>manual</addressType><macAddress>00:50:56:3f:00:10</macAddress></device></deviceChange></config>';

/** Makes a powered-off machine on a datastore of the vCenter. */
export async function createVm(
  house: TestHouse,
  name: string,
  datastore = 'lun-1',
  options: Parameters<typeof vmSpec>[2] = {},
): Promise<readonly ['VirtualMachine', string]> {
  const id = await house.admin.task('CreateVM_Task', vmFolder, `${vmSpec(name, datastore, options)}${pool}${host(1)}`);
  return ['VirtualMachine', id];
}

export const worldVm = (house: TestHouse, name: string) => {
  const found = house.vcenter.snapshotOfWorld().vms.find((vm) => vm.name === name);
  if (!found) throw new Error(`no machine ${name}`);
  return found;
};

export const snapshotSpec = (name: string) =>
  `<name>${name}</name><description>made by a test</description><memory>false</memory><quiesce>false</quiesce>`;
