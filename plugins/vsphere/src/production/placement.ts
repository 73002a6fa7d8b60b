import { PluginError, type Placement, type PlacementRequest } from '@bulkhead/plugin-sdk';
import { hardwareNumber, type DatastoreRoom, type HostRoom } from './host-room.ts';

type Machine = PlacementRequest['machines'][number];

export interface PlacementRules {
  memoryHeadroomPercent: number;
  cpusPerCore: number;
  storageAddress(host: HostRoom): string | undefined;
}

/** What is left of a host or a datastore while machines are put there. */
interface OpenHost {
  host: HostRoom;
  address: string;
  freeMemoryBytes: number;
  freeCpus: number;
  placed: number;
}

/**
 * Chooses the fewest hosts that have room, one where it fits: for each number of hosts the sets of those with the most
 * room are tried, largest machine first. Pure: reads only what it is given.
 * @throws PluginError `exhausted`, naming what is missing.
 */
export function place(
  request: PlacementRequest,
  hosts: readonly HostRoom[],
  datastores: ReadonlyMap<string, DatastoreRoom>,
  rules: PlacementRules,
): Placement[] {
  if (request.machines.length === 0) return [];
  const refusals: string[] = [];
  const open = hosts.flatMap((host) => openHost(request, host, rules, refusals) ?? []);
  const roomiest = open.toSorted(
    (one, other) => other.freeMemoryBytes - one.freeMemoryBytes || other.freeCpus - one.freeCpus,
  );
  const machines = request.machines.toSorted(
    (one, other) => other.memoryBytes - one.memoryBytes || other.diskBytes - one.diskBytes,
  );
  const targets = assignDatastores(request, machines, datastores);
  for (let count = 1; count <= roomiest.length; count += 1) {
    const hostOf = assignHosts(machines, roomiest.slice(0, count));
    if (!hostOf) continue;
    return request.machines.flatMap((machine) => {
      const [open, datastore] = [hostOf.get(machine.id), targets.get(machine.id)];
      return open && datastore ? [placementOf(machine, open, datastore)] : [];
    });
  }
  throw exhausted(describeShortage(machines, roomiest, refusals));
}

function openHost(
  request: PlacementRequest,
  host: HostRoom,
  rules: PlacementRules,
  refusals: string[],
): OpenHost | undefined {
  const address = rules.storageAddress(host);
  const lacking = [
    ...(host.isUsable ? [] : ['is disconnected or in maintenance']),
    ...(address === undefined ? ['has no VMkernel NIC for storage'] : []),
    ...request.portGroups.filter((name) => !host.networks.has(name)).map((name) => `lacks port group ${name}`),
    ...request.datastores
      .filter((name) => !host.datastores.has(name))
      .map((name) => `does not reach datastore ${name}`),
  ];
  if (lacking.length > 0 || address === undefined) {
    refusals.push(`${host.name} ${lacking.join(', ')}`);
    return undefined;
  }
  const held = request.reserved.hosts[host.name] ?? { memoryBytes: 0, cpuCount: 0 };
  const headroom = host.memoryBytes * (rules.memoryHeadroomPercent / 100);
  const idleShare = host.cpuMhz > 0 ? Math.max(0, 1 - host.usedCpuMhz / host.cpuMhz) : 0;
  return {
    host,
    address,
    freeMemoryBytes: host.memoryBytes - host.usedMemoryBytes - headroom - held.memoryBytes,
    freeCpus: host.cpuCores * rules.cpusPerCore * idleShare - held.cpuCount,
    placed: 0,
  };
}

/** Puts every machine on one of these hosts; undefined when one does not fit. */
function assignHosts(machines: readonly Machine[], hosts: readonly OpenHost[]): Map<string, OpenHost> | undefined {
  const left = hosts.map((host) => ({ ...host }));
  const chosen = new Map<string, OpenHost>();
  for (const machine of machines) {
    // Where it fits best, so that the larger gaps stay for what comes.
    const [best] = left
      .filter((host) => fits(machine, host))
      .toSorted((one, other) => one.freeMemoryBytes - other.freeMemoryBytes);
    if (!best) return undefined;
    best.freeMemoryBytes -= machine.memoryBytes;
    best.freeCpus -= machine.cpuCount;
    best.placed += 1;
    chosen.set(machine.id, best);
  }
  return chosen;
}

function fits(machine: Machine, open: OpenHost): boolean {
  return (
    machine.memoryBytes <= open.freeMemoryBytes &&
    machine.cpuCount <= open.freeCpus &&
    hardwareNumber(machine.hardwareVersion) <= open.host.hardwareVersion
  );
}

/** Each machine's disks go to the datastore with the most room left. */
function assignDatastores(
  request: PlacementRequest,
  machines: readonly Machine[],
  datastores: ReadonlyMap<string, DatastoreRoom>,
): Map<string, string> {
  const left = request.datastores.flatMap((name) => {
    const room = datastores.get(name);
    const held = request.reserved.datastores[name] ?? 0;
    return room?.isAccessible ? [{ name, freeBytes: room.freeBytes - held }] : [];
  });
  const chosen = new Map<string, string>();
  for (const machine of machines.toSorted((one, other) => other.diskBytes - one.diskBytes)) {
    const [best] = left.toSorted((one, other) => other.freeBytes - one.freeBytes);
    if (!best || best.freeBytes < machine.diskBytes)
      throw exhausted(
        `machine ${machine.id} needs ${gib(machine.diskBytes)} of disk, the datastores have ` +
          (left.map((one) => `${one.name} ${gib(one.freeBytes)}`).join(', ') || 'none accessible'),
      );
    best.freeBytes -= machine.diskBytes;
    chosen.set(machine.id, best.name);
  }
  return chosen;
}

function placementOf(machine: Machine, open: OpenHost, datastore: string): Placement {
  const { host, address } = open;
  return { machineId: machine.id, host: { ref: host.ref.value, name: host.name, storageAddress: address }, datastore };
}

function describeShortage(
  machines: readonly Machine[],
  open: readonly OpenHost[],
  refusals: readonly string[],
): string {
  const needed = machines.reduce((sum, machine) => sum + machine.memoryBytes, 0);
  const cpus = machines.reduce((sum, machine) => sum + machine.cpuCount, 0);
  const newest = Math.max(...machines.map((machine) => hardwareNumber(machine.hardwareVersion)));
  const rooms = open.map(
    ({ host, freeMemoryBytes, freeCpus }) =>
      `${host.name} has ${gib(freeMemoryBytes)} and ${Math.max(0, Math.floor(freeCpus))} CPUs free, runs vmx-${host.hardwareVersion}`,
  );
  const wanted = `${machines.length} machines need ${gib(needed)} of memory, ${cpus} CPUs and up to vmx-${newest}`;
  return [wanted, ...rooms, ...refusals].join('; ');
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

function exhausted(detail: string): PluginError {
  return new PluginError('exhausted', 'The provider has no room for these machines at the moment.', detail);
}
