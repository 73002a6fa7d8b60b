import { VeeamJobError } from './job-error.ts';
import { refOf, type MoRef, type VimClient } from './vim-client.ts';
import { at, childrenOf, textAt, type XmlElement } from './xml.ts';

/** A replica as the host has it. */
export interface Machine {
  name: string;
  vmxPath: string;
  ref: MoRef;
  restorePoints: { name: string; ref: MoRef }[];
  /** The disks' present files: `[Replica] web01/web01-000002.vmdk`. */
  disks: string[];
}

export interface House {
  datacenter: string;
  vmFolder: MoRef;
  pool: MoRef;
}

/** What a stand-alone host has one of each: datacenter, machine folder, pool; and the datastore that the provider mounted. */
export async function readHouse(client: VimClient, datastore: string): Promise<House> {
  const found = await client.read({
    Datacenter: ['name', 'vmFolder'],
    ComputeResource: ['resourcePool'],
    Datastore: ['name', 'summary.accessible'],
  });
  const target = found.find(
    ({ ref, properties }) => ref.type === 'Datastore' && properties.get('name')?.text === datastore,
  );
  if (!target) throw new VeeamJobError(`The host has no datastore ${datastore}.`, 'NotFound');
  if (target.properties.get('summary.accessible')?.text === 'false') {
    throw new VeeamJobError(`The datastore ${datastore} is not accessible.`, 'InaccessibleDatastore');
  }
  const datacenter = found.find(({ ref }) => ref.type === 'Datacenter');
  const resource = found.find(({ properties }) => properties.has('resourcePool'));
  const vmFolder = datacenter?.properties.get('vmFolder');
  const pool = resource?.properties.get('resourcePool');
  if (!datacenter || !vmFolder || !pool) {
    throw new VeeamJobError('The account does not see the host’s inventory.', 'NoPermission');
  }
  return {
    datacenter: datacenter.properties.get('name')?.text ?? 'ha-datacenter',
    vmFolder: { type: 'Folder', value: vmFolder.text },
    pool: { type: 'ResourcePool', value: pool.text },
  };
}

export async function findMachine(client: VimClient, name: string): Promise<Machine | undefined> {
  return (await readMachines(client)).find((machine) => machine.name === name);
}

export async function readMachines(client: VimClient): Promise<Machine[]> {
  const paths = ['name', 'config.files.vmPathName', 'config.hardware.device', 'snapshot'];
  const found = await client.read({ VirtualMachine: paths });
  return found.map(({ ref, properties }) => ({
    ref,
    name: properties.get('name')?.text ?? '',
    vmxPath: properties.get('config.files.vmPathName')?.text ?? '',
    disks: (properties.get('config.hardware.device')?.children ?? [])
      .filter((device) => device.type === 'VirtualDisk')
      .map((device) => textAt(device, 'backing', 'fileName')),
    restorePoints: snapshotsOf(childrenOf(properties.get('snapshot'), 'rootSnapshotList')),
  }));
}

function snapshotsOf(trees: readonly XmlElement[]): { name: string; ref: MoRef }[] {
  return trees.flatMap((tree) => [
    { name: textAt(tree, 'name'), ref: refOf(at(tree, 'snapshot')) },
    ...snapshotsOf(childrenOf(tree, 'childSnapshotList')),
  ]);
}
