import { readShares, type ApplianceAccess } from './appliance.ts';
import { readPorts } from './northbound.ts';
import { readProduction, type ProductionAccess } from './production.ts';

export interface Datacentre {
  production: ProductionAccess;
  appliance: ApplianceAccess;
  northbound: { host: string; port: number };
}

/** What must be true after a committed failover. */
export interface Expected {
  vms: { name: string; portGroup: string; grant: string }[];
  /** Production datastores, one of which must hold every file. */
  productionDatastores: string[];
  /** The tenant's share ends in this path element, and only this host may mount it. */
  storageKey: string;
  targetAddress: string;
  /** The lock's port and its `MAC IP`. */
  lockPort: string;
}

export interface Finding {
  check: string;
  isMet: boolean;
  seen: string;
}

/** Compares the datacentre with what the story promised. One finding per promise; none is left out. */
export async function checkFinalState(datacentre: Datacentre, expected: Expected): Promise<Finding[]> {
  const [production, shares, ports] = await Promise.all([
    readProduction(datacentre.production),
    readShares(datacentre.appliance),
    readPorts(datacentre.northbound),
  ]);
  const findings: Finding[] = [];
  const find = (check: string, isMet: boolean, seen: unknown) =>
    findings.push({ check, isMet, seen: typeof seen === 'string' ? seen : JSON.stringify(seen) });

  for (const { name, portGroup, grant } of expected.vms) {
    const vm = production.vms.find((candidate) => candidate.name === name);
    find(`${name} is powered on`, vm?.powerState === 'poweredOn', vm?.powerState ?? 'not registered');
    find(
      `${name} is connected to ${portGroup} only`,
      vm !== undefined && vm.portGroups.length > 0 && vm.portGroups.every((group) => group === portGroup),
      vm?.portGroups ?? 'not registered',
    );
    find(
      `${name} is given to ${grant}`,
      vm?.grants.length === 1 && vm.grants[0] === grant,
      vm?.grants ?? 'not registered',
    );
    const onProductionStorage =
      vm !== undefined &&
      vm.datastores.length === 1 &&
      expected.productionDatastores.includes(vm.datastores[0] ?? '') &&
      vm.vmxPath.startsWith(`[${vm.datastores[0]}] `);
    find(
      `${name} is on production storage`,
      onProductionStorage,
      vm ? [...vm.datastores, vm.vmxPath] : 'not registered',
    );
  }
  const mounted = production.nfsDatastores.filter(({ hosts }) => hosts > 0);
  find("no production host mounts a tenant's share", mounted.length === 0, mounted);
  const share = shares.find(({ filesystem }) => filesystem.split('/').includes(expected.storageKey));
  const exported =
    share !== undefined &&
    share.state === 'online' &&
    [share.readWrite, share.root].every((hosts) => hosts.length === 1 && hosts[0] === expected.targetAddress);
  find('the share is exported to the nested host alone', exported, share ?? 'no such share');
  const port = ports.find(({ name }) => name === expected.lockPort);
  const [lock, ...more] = port?.portSecurity ?? [];
  const isLocked =
    more.length === 0 &&
    /^([0-9a-f]{2}:){5}[0-9a-f]{2} /.test(lock ?? '') &&
    lock?.endsWith(` ${expected.targetAddress}`) === true;
  find('the address lock is in place', isLocked && port?.hasReservation === true, port ?? 'no such port');
  return findings;
}
