import { readFile, writeFile } from './datastore-files.ts';
import { VeeamJobError } from './job-error.ts';
import { createSpec, type ReplicaSpec } from './replica-spec.ts';
import { openTransport, type HostEndpoint, type Transport } from './transport.ts';
import {
  refElement,
  retrieveServiceContent,
  vimClient,
  type MoRef,
  type ServiceContent,
  type VimClient,
} from './vim-client.ts';
import { at, childrenOf, element, textAt, type XmlElement } from './xml.ts';

export interface VeeamOptions extends HostEndpoint {
  /** The account that the provider made for the tenant's software on its nested host. */
  userName: string;
  password: string;
  /** Port group that replicas' NICs are mapped to. */
  networkName: string;
  /** Default `Replica`. */
  datastore?: string;
}

export interface ReplicaState {
  name: string;
  vmxPath: string;
  /** Names of its snapshots, oldest first. */
  restorePoints: string[];
}

export interface RestorePointOptions {
  /** When the job ran; the name tells it. Default: now. */
  at?: Date;
  /** Blocks that changed since the last run, one line each, per disk. Default: one line that names the run. */
  writes?: readonly string[];
}

/** A customer's Veeam, seen from the host that it pushes to. Calls of one connection are made one after the other. */
export interface Veeam {
  /** First run: creates the replica and sends its disks. An interrupted one is made good; one with restore points stays. */
  pushReplica(spec: ReplicaSpec): Promise<void>;
  /** A later run: sends what changed and takes the restore point. Returns its name. */
  addRestorePoint(name: string, options?: RestorePointOptions): Promise<string>;
  list(): Promise<ReplicaState[]>;
  disconnect(): Promise<void>;
}

interface Machine extends ReplicaState {
  ref: MoRef;
  /** The disks' present files: `[Replica] web01/web01-000002.vmdk`. */
  disks: string[];
}

/** Signs in at the nested host as the tenant's account. @throws VeeamJobError */
export async function connectVeeam(options: VeeamOptions): Promise<Veeam> {
  const transport = openTransport(options);
  const datastore = options.datastore ?? 'Replica';
  let content: ServiceContent;
  try {
    content = await retrieveServiceContent(transport);
    const credentials = element('userName', options.userName) + element('password', options.password);
    await vimClient(transport, content).call('Login', content.sessionManager, credentials);
  } catch (error) {
    await transport.close();
    throw failed(`Connecting to ${options.address} as ${options.userName}`, error);
  }
  const client = vimClient(transport, content);

  return {
    async pushReplica(spec) {
      try {
        const house = await readHouse(client, datastore);
        let machine = await findMachine(client, spec.name);
        if (!machine) {
          const config = createSpec(spec, datastore, options.networkName);
          await client.runTask('CreateVM_Task', house.vmFolder, config + refElement('pool', house.pool));
          machine = await findMachine(client, spec.name);
        }
        if (!machine) throw new VeeamJobError(`The host created ${spec.name} and does not list it.`, 'BadAnswer');
        // What a restore point holds is never sent again: it would no longer be that point.
        if (machine.restorePoints.length > 0) return;
        await sendDisks(transport, house.datacenter, machine, [`full backup of ${spec.name}`], 'replace');
      } catch (error) {
        throw failed(`Job "Replicate ${spec.name}"`, error);
      }
    },
    async addRestorePoint(name, { at: when = new Date(), writes } = {}) {
      const point = restorePointName(when);
      try {
        const house = await readHouse(client, datastore);
        const machine = await findMachine(client, name);
        if (!machine) throw new VeeamJobError(`There is no replica of ${name} on the host.`, 'NotFound');
        await sendDisks(
          transport,
          house.datacenter,
          machine,
          writes ?? [`changes of ${name} up to ${point}`],
          'append',
        );
        const description = `<description>Veeam Backup &amp; Replication: replica of ${name}</description>`;
        const flags = '<memory>false</memory><quiesce>false</quiesce>';
        await client.runTask('CreateSnapshot_Task', machine.ref, element('name', point) + description + flags);
        return point;
      } catch (error) {
        throw failed(`Job "Replicate ${name}"`, error);
      }
    },
    async list() {
      const machines = await readMachines(client);
      return machines.map(({ name, vmxPath, restorePoints }) => ({ name, vmxPath, restorePoints }));
    },
    async disconnect() {
      try {
        await client.call('Logout', content.sessionManager);
      } finally {
        await transport.close();
      }
    },
  };
}

/** `Restore Point 11-24-2026 18:20:33`, in UTC so that it is the same wherever the lab runs. */
export function restorePointName(when: Date): string {
  const iso = when.toISOString();
  return `Restore Point ${iso.slice(5, 7)}-${iso.slice(8, 10)}-${iso.slice(0, 4)} ${iso.slice(11, 19)}`;
}

function failed(what: string, error: unknown): VeeamJobError {
  const reason = error instanceof Error ? error.message : String(error);
  const fault = error instanceof VeeamJobError ? error.fault : 'Unexpected';
  return new VeeamJobError(`${what} failed: ${reason}`, fault, { cause: error });
}

/** Sends one run's blocks into the file that each disk writes to now: the base disk, or the delta above the last restore point. */
async function sendDisks(
  transport: Transport,
  datacenter: string,
  machine: Machine,
  writes: readonly string[],
  how: 'replace' | 'append',
): Promise<void> {
  for (const disk of machine.disks) {
    const [, datastore, path] = /^\[(.+)\] (.+)\.vmdk$/.exec(disk) ?? [];
    if (datastore === undefined || path === undefined) {
      throw new VeeamJobError(`The disk file ${disk} of ${machine.name} has no name that can be read.`, 'BadAnswer');
    }
    const suffix = /-\d{6}$/.test(path) ? 'delta' : 'flat';
    const file = { datacenter, datastore, path: `${path}-${suffix}.vmdk` };
    const before = how === 'append' ? ((await readFile(transport, file)) ?? '') : '';
    await writeFile(transport, file, before + writes.map((line) => `${line}\n`).join(''));
  }
}

interface House {
  datacenter: string;
  vmFolder: MoRef;
  pool: MoRef;
}

/** What a stand-alone host has one of each: datacenter, machine folder, pool; and the datastore that the provider mounted. */
async function readHouse(client: VimClient, datastore: string): Promise<House> {
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

async function findMachine(client: VimClient, name: string): Promise<Machine | undefined> {
  return (await readMachines(client)).find((machine) => machine.name === name);
}

async function readMachines(client: VimClient): Promise<Machine[]> {
  const paths = ['name', 'config.files.vmPathName', 'config.hardware.device', 'snapshot'];
  const found = await client.read({ VirtualMachine: paths });
  return found.map(({ ref, properties }) => ({
    ref,
    name: properties.get('name')?.text ?? '',
    vmxPath: properties.get('config.files.vmPathName')?.text ?? '',
    disks: (properties.get('config.hardware.device')?.children ?? [])
      .filter((device) => device.type === 'VirtualDisk')
      .map((device) => textAt(device, 'backing', 'fileName')),
    restorePoints: snapshotNames(childrenOf(properties.get('snapshot'), 'rootSnapshotList')),
  }));
}

function snapshotNames(trees: readonly XmlElement[]): string[] {
  return trees.flatMap((tree) => [
    at(tree, 'name')?.text ?? '',
    ...snapshotNames(childrenOf(tree, 'childSnapshotList')),
  ]);
}
