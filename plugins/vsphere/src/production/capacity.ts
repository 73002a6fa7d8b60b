import type { ComputePlugin, PluginCall } from '@bulkhead/plugin-sdk';
import { listAll } from '../inventory/names.ts';
import { listPortGroups, standardVlans } from '../inventory/port-groups.ts';
import { datastoresByName, hostsOf } from './host-room.ts';
import type { Production } from './production.ts';

type Scope = Parameters<ComputePlugin['capacity']>[0];
type Capacity = Awaited<ReturnType<ComputePlugin['capacity']>>;

export async function capacity(production: Production, scope: Scope, call: PluginCall): Promise<Capacity> {
  const hosts = await hostsOf(production, scope.clusters, call);
  const datastores = await datastoresByName(production, call);
  return {
    hosts: hosts.map((host) => ({
      name: host.name,
      isUsable: host.isUsable,
      memoryBytes: host.memoryBytes,
      freeMemoryBytes: Math.max(0, host.memoryBytes - host.usedMemoryBytes),
      cpuCount: host.cpuCores,
    })),
    datastores: scope.datastores.flatMap((name) => {
      const room = datastores.get(name);
      return room ? [{ name, totalBytes: room.totalBytes, freeBytes: room.freeBytes }] : [];
    }),
  };
}

/** Port groups that a machine can be plugged into, with the VLAN where there is exactly one. */
export async function listNetworks(
  production: Production,
  call: PluginCall,
): Promise<{ portGroup: string; vlanId: number | null }[]> {
  const groups = await listPortGroups(production, call);
  const standard = standardVlans(await listAll(production, 'HostSystem', ['config.network.portgroup'], call));
  return [...groups.values()]
    .filter((group) => !group.isUplink)
    .map((group) => ({
      portGroup: group.name,
      vlanId: group.key === undefined ? (standard.get(group.name) ?? null) : group.vlanId,
    }))
    .toSorted((one, other) => one.portGroup.localeCompare(other.portGroup));
}
