import type { Placement, RegistrationSpec, TargetSession } from '@bulkhead/plugin-sdk';
import { defaultLimits } from '../config.ts';
import { openConnections } from '../connections.ts';
import { vmRef } from '../inventory/vm.ts';
import { runTask } from '../session/tasks.ts';
import { testCall } from './call.ts';
import { writeReplica, type TestHouse } from './house.ts';

/** Where failed-over machines of these tests are plugged in. */
export const attachment = { portGroup: 'vlan-121', vlanId: 121 };

export async function findHost(house: TestHouse): Promise<Placement> {
  const [placement] = await house.calls.findPlacement(
    {
      clusters: [house.vcenter.names.cluster],
      datastores: ['lun-1', 'lun-2'],
      portGroups: [attachment.portGroup],
      machines: [{ id: 'vm-1', cpuCount: 2, memoryBytes: 2 ** 31, diskBytes: 2 ** 30, hardwareVersion: 'vmx-19' }],
      reserved: { hosts: {}, datastores: {} },
    },
    testCall(),
  );
  if (!placement) throw new Error('no placement');
  house.share.allowed.add(placement.host.storageAddress);
  return placement;
}

/** A machine as replication left it, registered on the target, with two restore points. Returns its path there. */
export async function replicated(house: TestHouse, session: TargetSession, name: string, mac: string): Promise<string> {
  writeReplica(house, name, mac);
  const vmxPath = `[Replica] ${name}/${name}.vmx`;
  const { ref } = await house.calls.registerReplica(session, { vmxPath, name }, testCall());
  const connections = openConnections(house.config, defaultLimits);
  try {
    for (const point of ['Restore Point 1', 'Restore Point 2']) {
      const args = { name: point, description: 'by the test', memory: false, quiesce: false };
      await runTask(connections.target(session), 'CreateSnapshot_Task', vmRef(ref), args, testCall());
    }
  } finally {
    await connections.dispose();
  }
  return vmxPath;
}

/** What the gateway would ask for one machine of a failover on a host. */
export function planOf(house: TestHouse, placement: Placement, name: string, failoverId: string) {
  const { host } = placement;
  const mount = {
    hostRef: host.ref,
    name: `bh-fo-${failoverId}`,
    remoteHost: house.block.nfs,
    remotePath: house.remotePath,
  };
  const registration: RegistrationSpec = {
    failoverId,
    vmId: `vm-${name}`,
    tenantId: 'acme',
    datastore: mount.name,
    relativeVmxPath: `${name}/${name}.vmx`,
    name: `acme-${name}`,
    hostRef: host.ref,
    folder: house.vcenter.names.failoverFolder,
  };
  return { mount, registration };
}
