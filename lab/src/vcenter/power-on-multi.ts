import type { Call, Handlers } from '../vim25/endpoint.ts';
import { asVimFault } from '../vim25/fault.ts';
import type { MoRef, VimObject } from '../vim25/value.ts';
import { datastoreOf, freeMemoryMb, hostOf, isAccessible, vmOf } from '../esxi/house.ts';
import type { House, Vm } from '../esxi/house.ts';
import { powerOn } from '../esxi/power.ts';
import { datastoresOf } from '../esxi/vm-properties.ts';
import { touchVm } from '../esxi/virtual-machines.ts';

/** Powering on several at once: each gets a task of its own, on a host that has room. */
export function powerOnMultiHandlers(house: House): Handlers {
  const { endpoint } = house;

  const start = (call: Call, vm: Vm): MoRef =>
    endpoint.tasks.start(
      {
        name: 'PowerOnVM_Task',
        entity: vm.ref,
        entityName: vm.name,
        userName: call.session.userName,
        exclusive: [vm.ref],
      },
      async (progress) => {
        placeForPower(house, vm);
        // Others that are placed meanwhile must not count on the same memory.
        vm.holdsMemory = true;
        try {
          await powerOn(house, vm, progress);
        } finally {
          vm.holdsMemory = false;
        }
        endpoint.record(call, true, vm.name);
        return undefined;
      },
    );

  return {
    PowerOnMultiVM_Task: (call, { vm: refs = [] }) => {
      for (const ref of refs) endpoint.require(call, 'VirtualMachine.Interact.PowerOn', ref);
      return endpoint.startTask(call, { entity: house.datacenter, entityName: call.self.label() }, async () => {
        const attempted: VimObject[] = [];
        const notAttempted: VimObject[] = [];
        for (const ref of refs) {
          try {
            attempted.push({ vm: ref, task: start(call, vmOf(house, ref)) });
          } catch (error) {
            notAttempted.push({ vm: ref, fault: asVimFault(error).toLocalized() });
          }
        }
        return { $type: 'ClusterPowerOnVmResult', attempted, notAttempted, recommendations: [] };
      });
    },
  };
}

/** The machine's own host when it has room, else the one with the most that reaches all of its datastores. */
function placeForPower(house: House, vm: Vm): void {
  const hasRoom = (id: MoRef) =>
    freeMemoryMb(house, hostOf(house, id)) >= vm.config.memoryMb && !hostOf(house, id).isInMaintenance;
  if (hasRoom(vm.host)) return;
  const [best] = [...house.hosts.values()]
    .filter((host) => hasRoom(host.ref))
    .filter((host) => datastoresOf(vm).every((ref) => isAccessible(house, datastoreOf(house, ref), host)))
    .sort((a, b) => freeMemoryMb(house, b) - freeMemoryMb(house, a));
  if (!best) return;
  touchVm(house, vm);
  vm.host = best.ref;
}
