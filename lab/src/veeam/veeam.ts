import { readFile, writeFile } from './datastore-files.ts';
import { findMachine, readHouse, readMachines, type Machine } from './inventory.ts';
import { VeeamJobError } from './job-error.ts';
import { createSpec, type ReplicaSpec } from './replica-spec.ts';
import { openTransport, type HostEndpoint, type Transport } from './transport.ts';
import { refElement, retrieveServiceContent, vimClient, type ServiceContent, type VimClient } from './vim-client.ts';
import { element } from './xml.ts';

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
  /** How many restore points the job keeps; the oldest are removed after the new one stands. Default: all. */
  keep?: number;
}

/** A customer's Veeam, seen from the host that it pushes to. Calls of one connection are made one after the other. */
export interface Veeam {
  /** First run: creates the replica and sends its disks. An interrupted one is made good; one with restore points stays. */
  pushReplica(spec: ReplicaSpec): Promise<void>;
  /** A later run: sends what changed and takes the restore point. The same run again changes nothing. Returns its name. */
  addRestorePoint(name: string, options?: RestorePointOptions): Promise<string>;
  list(): Promise<ReplicaState[]>;
  disconnect(): Promise<void>;
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
    async addRestorePoint(name, { at: when = new Date(), writes, keep } = {}) {
      const point = restorePointName(when);
      try {
        const house = await readHouse(client, datastore);
        const machine = await findMachine(client, name);
        if (!machine) throw new VeeamJobError(`There is no replica of ${name} on the host.`, 'NotFound');
        if (machine.restorePoints.some((taken) => taken.name === point)) return point;
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
        if (keep !== undefined) await removeOldest(client, name, keep);
        return point;
      } catch (error) {
        throw failed(`Job "Replicate ${name}"`, error);
      }
    },
    async list() {
      const machines = await readMachines(client);
      return machines.map(({ name, vmxPath, restorePoints }) => ({
        name,
        vmxPath,
        restorePoints: restorePoints.map((point) => point.name),
      }));
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
    const sent = writes.map((line) => `${line}\n`).join('');
    // A run that broke off after sending is run again: it must not send twice.
    if (how === 'append' && before.endsWith(sent)) continue;
    await writeFile(transport, file, before + sent);
  }
}

/** Retention of the job: only points that a job took, never a snapshot of somebody else's. */
async function removeOldest(client: VimClient, name: string, keep: number): Promise<void> {
  const points = (await findMachine(client, name))?.restorePoints.filter((point) =>
    point.name.startsWith('Restore Point '),
  );
  for (const point of points?.slice(0, Math.max(0, points.length - keep)) ?? []) {
    await client.runTask(
      'RemoveSnapshot_Task',
      point.ref,
      '<removeChildren>false</removeChildren><consolidate>true</consolidate>',
    );
  }
}
