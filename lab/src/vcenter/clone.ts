import type { Handlers } from '../vim25/endpoint.ts';
import { invalidArgument, VimFault } from '../vim25/fault.ts';
import type { VirtualMachineConfigSpec } from '../vim25/types.generated.ts';
import { applySpec, privilegesForSpec } from '../esxi/config-spec.ts';
import { joinPath } from '../esxi/datastore-path.ts';
import { createDisk, readContent, readDescriptor } from '../esxi/disks.ts';
import { datastoreOf, hostOf, isAccessible, openStore, vmOf } from '../esxi/house.ts';
import type { House, Vm } from '../esxi/house.ts';
import { powerOn, SECONDS } from '../esxi/power.ts';
import { emptyTree } from '../esxi/snapshots.ts';
import type { Store } from '../esxi/store.ts';
import { freeFolder, makeVm, newMac, newUuid, refuseTakenName } from '../esxi/virtual-machines.ts';
import { cloneConfig } from '../esxi/vm-config.ts';
import { anyHostWith } from '../esxi/vm-handlers.ts';

export function cloneHandlers(house: House): Handlers {
  const { endpoint } = house;
  return {
    CloneVM_Task: (call, { folder, name, spec }) => {
      const source = vmOf(house, call.self.ref);
      const privilege = source.isTemplate ? 'DeployTemplate' : 'Clone';
      endpoint.require(call, `VirtualMachine.Provisioning.${privilege}`, source.ref);
      endpoint.require(call, 'VirtualMachine.Inventory.CreateFromExisting', folder);
      const { location, config } = spec;
      // Cards may be changed in either place: govc writes them into the location.
      const placed: VirtualMachineConfigSpec[] = location.deviceChange
        ? [{ $type: 'VirtualMachineConfigSpec', deviceChange: location.deviceChange }]
        : [];
      const changes = config ? [...placed, config] : placed;
      const pool = location.pool ?? source.pool;
      if (!pool && !spec.template) throw invalidArgument('spec.location.pool');
      if (pool) endpoint.require(call, 'Resource.AssignVMToPool', pool);
      if (location.datastore) endpoint.require(call, 'Datastore.AllocateSpace', location.datastore);
      for (const need of changes.flatMap((change) => privilegesForSpec(house, source.config, change))) {
        if (need.on !== 'vm') endpoint.require(call, need.privilege, need.on);
      }
      if (!house.folders.has(folder.id)) throw invalidArgument('folder');
      if (name === '' || name.length > 80) throw new VimFault('InvalidName', { name }, `'${name}' is no valid name.`);
      return endpoint.startTask(
        call,
        // A template can be cloned many times at once; a machine only once.
        {
          entity: source.ref,
          entityName: source.name,
          exclusive: source.isTemplate ? [] : [source.ref],
          isCancelable: true,
        },
        async (progress) => {
          refuseTakenName(house, folder, name);
          const datastore = datastoreOf(house, location.datastore ?? source.datastore);
          const host = location.host ? hostOf(house, location.host) : anyHostWith(house, datastore.ref);
          if (!isAccessible(house, datastore, host)) {
            throw new VimFault(
              'InaccessibleDatastore',
              { datastore: datastore.ref, name: datastore.name },
              `${host.name} cannot use '${datastore.name}'.`,
            );
          }
          await progress.spend(SECONDS.clone);
          refuseTakenName(house, folder, name);
          const target = openStore(house, datastore, host);
          const directory = freeFolder(target.paths(), name);
          const vmxPath = joinPath(directory, `${name}.vmx`);
          const copy = cloneConfig(source.config);
          copy.biosUuid = newUuid();
          copy.instanceUuid = newUuid();
          for (const nic of copy.nics) if (nic.addressType !== 'manual') Object.assign(nic, newMac(house));
          const diskPath = (index: number) =>
            joinPath(directory, index === 0 ? `${name}.vmdk` : `${name}_${index}.vmdk`);
          const home = { datastore: datastore.ref, path: vmxPath };
          const vm = makeVm(
            house,
            target,
            {
              name,
              folder,
              pool: spec.template ? undefined : pool,
              host: host.ref,
              isTemplate: spec.template,
              power: 'poweredOff',
              datastore: datastore.ref,
              vmxPath,
              config: copy,
              snapshots: emptyTree(),
            },
            () => {
              copyDisks(house, source, target, diskPath);
              copy.disks.forEach((disk, index) =>
                Object.assign(disk, { datastore: datastore.ref, path: diskPath(index) }),
              );
              for (const change of changes) applySpec({ house, host, home, isOn: false }, copy, change);
            },
          );
          const sourceVm = { name: source.name, vm: source.ref };
          endpoint.record(call, true, name, undefined, { vm, more: { sourceVm } });
          if (spec.powerOn) await powerOn(house, vm, progress);
          return vm.ref;
        },
      );
    },
  };
}

/** A clone has one file per disk, whatever chain the source has. */
function copyDisks(house: House, source: Vm, target: Store, pathOf: (index: number) => string): void {
  source.config.disks.forEach((disk, index) => {
    const store = openStore(house, datastoreOf(house, disk.datastore), hostOf(house, source.host));
    const { capacityBytes, isThin } = readDescriptor(store, disk.path);
    const content = readContent(store, disk.path);
    const made = createDisk(target, pathOf(index), capacityBytes, isThin);
    if (content.length === 0) return;
    const bytes = Buffer.from(`${content.join('\n')}\n`);
    target.write(made.extent, bytes, isThin ? bytes.length : capacityBytes);
  });
}
