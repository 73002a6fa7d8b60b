import type { Call, Handlers } from '../vim25/endpoint.ts';
import { invalidArgument, invalidPowerState, VimFault } from '../vim25/fault.ts';
import type { VirtualMachineConfigSpec } from '../vim25/types.generated.ts';
import { isA } from '../vim25/value.ts';
import type { MoRef } from '../vim25/value.ts';
import { applySpec, privilegesForSpec } from './config-spec.ts';
import { formatDatastorePath, joinPath, parseDatastorePath } from './datastore-path.ts';
import { refuseForeignLock } from './file-lock.ts';
import { datastoreByName, datastoreOf, hostOf, isAccessible, openStore, vmOf } from './house.ts';
import type { House, Host, Vm } from './house.ts';
import { SECONDS, startVmTask } from './power.ts';
import { emptyTree } from './snapshots.ts';
import {
  addVm,
  changed,
  deleteFiles,
  freeFolder,
  makeVm,
  newUuid,
  persist,
  readVm,
  refuseTakenName,
  removeVm,
} from './virtual-machines.ts';
import { cloneConfig } from './vm-config.ts';
import type { VmConfig } from './vm-config.ts';
import { changeVersionOf } from './vm-properties.ts';

const NEEDED_FOR_CREATION = new Set([
  'VirtualMachine.Config.AddNewDisk',
  'VirtualMachine.Config.AddExistingDisk',
  'VirtualMachine.Config.AdvancedConfig',
  'Network.Assign',
]);

/** What a host and a vCenter do alike with machines: make, register, change, unregister. */
export function vmHandlers(house: House): Handlers {
  const { endpoint } = house;

  const checkSpec = (call: Call, spec: VirtualMachineConfigSpec, vm: Vm | undefined) => {
    for (const need of privilegesForSpec(house, vm?.config, spec)) {
      // A new machine's own settings come with the right to make one; its disks and options do not.
      if (!vm && !NEEDED_FOR_CREATION.has(need.privilege)) continue;
      endpoint.require(call, need.privilege, need.on === 'vm' ? call.self.ref : need.on);
    }
  };

  return {
    CreateVM_Task: (call, { config: spec, pool, host: hostRef }) => {
      const name = spec.name ?? '';
      if (name === '' || name.length > 80) throw invalidArgument('configSpec.name');
      if (spec.files?.vmPathName === undefined) throw invalidArgument('configSpec.files.vmPathName');
      const { datastore: datastoreName, path } = parseDatastorePath(spec.files.vmPathName);
      const datastore = datastoreByName(house, datastoreName);
      endpoint.require(call, 'Datastore.AllocateSpace', datastore.ref);
      checkSpec(call, spec, undefined);
      const folder = call.self.ref;
      return endpoint.startTask(
        call,
        { entity: folder, entityName: call.self.label(), isCancelable: false },
        async (progress) => {
          const host = hostRef ? hostOf(house, hostRef) : anyHostWith(house, datastore.ref);
          refuseTakenName(house, folder, name);
          await progress.spend(SECONDS.create);
          refuseTakenName(house, folder, name);
          const store = openStore(house, datastore, host);
          const vmxPath = path.endsWith('.vmx')
            ? path
            : joinPath(path || freeFolder(store.paths(), name), `${name}.vmx`);
          if (store.find(vmxPath)) {
            const file = formatDatastorePath(datastore.name, vmxPath);
            throw new VimFault('FileAlreadyExists', { file }, `File ${file} already exists`);
          }
          const config = newConfig(spec);
          const home = { datastore: datastore.ref, path: vmxPath };
          const vm = makeVm(
            house,
            store,
            {
              name,
              folder,
              pool,
              host: host.ref,
              isTemplate: false,
              power: 'poweredOff',
              datastore: datastore.ref,
              vmxPath,
              config,
              snapshots: emptyTree(),
            },
            () => applySpec({ house, host, home, isOn: false }, config, spec),
          );
          endpoint.record(call, true, name, undefined, { vm });
          return vm.ref;
        },
      );
    },

    RegisterVM_Task: (call, { path, name, asTemplate, pool, host: hostRef }) => {
      const parsed = parseDatastorePath(path);
      if (!parsed.path.endsWith('.vmx') && !parsed.path.endsWith('.vmtx')) throw invalidArgument('path');
      if (!asTemplate && !pool) throw invalidArgument('pool');
      const folder = call.self.ref;
      return endpoint.startTask(call, { entity: folder, entityName: call.self.label() }, async (progress) => {
        const datastore = datastoreByName(house, parsed.datastore);
        const host = hostRef ? hostOf(house, hostRef) : anyHostWith(house, datastore.ref);
        await progress.spend(SECONDS.register);
        const known = [...house.vms.values()].find(
          (vm) => vm.datastore.id === datastore.ref.id && vm.vmxPath === parsed.path,
        );
        if (known)
          throw new VimFault(
            'AlreadyExists',
            { name: path },
            `The specified key, name, or identifier '${path}' already exists.`,
          );
        const read = readVm(house, host, datastore.ref, parsed.path);
        const finalName = name ?? read.displayName;
        if (finalName === '') throw new VimFault('InvalidName', { name: finalName }, 'The name is empty.');
        refuseTakenName(house, folder, finalName);
        const vm = addVm(house, {
          name: finalName,
          folder,
          pool: asTemplate ? undefined : pool,
          host: host.ref,
          isTemplate: asTemplate,
          power: 'poweredOff',
          datastore: datastore.ref,
          vmxPath: parsed.path,
          config: read.config,
          snapshots: read.snapshots,
        });
        persist(house, vm);
        endpoint.record(call, true, `${finalName} ${path}`, undefined, { vm });
        return vm.ref;
      });
    },

    UnregisterVM: (call) => {
      const vm = vmOf(house, call.self.ref);
      endpoint.tasks.refuseBusy([vm.ref]);
      if (vm.power !== 'poweredOff') throw invalidPowerState('poweredOff', vm.power);
      removeVm(house, vm);
      endpoint.record(call, true, vm.name);
    },

    ReconfigVM_Task: (call, { spec }) => {
      const vm = vmOf(house, call.self.ref);
      checkSpec(call, spec, vm);
      return startVmTask(house, call, vm, async (progress) => {
        await progress.spend(SECONDS.reconfigure);
        refuseForeignLock(house, vm);
        if (spec.changeVersion !== undefined && spec.changeVersion !== changeVersionOf(vm)) {
          throw new VimFault('ConcurrentAccess', {}, 'The configuration was changed since it was read.');
        }
        const isOn = vm.power === 'poweredOn';
        refuseHotChange(vm, spec);
        const config = cloneConfig(vm.config);
        const home = { datastore: vm.datastore, path: vm.vmxPath };
        let isChanged = applySpec({ house, host: hostOf(house, vm.host), home, isOn }, config, spec);
        if (spec.name !== undefined && spec.name !== vm.name) {
          refuseTakenName(house, vm.folder, spec.name, vm.ref);
          vm.name = spec.name;
          isChanged = true;
        }
        vm.config = config;
        if (isChanged) {
          persist(house, vm);
          changed(house, vm);
        }
        endpoint.record(call, isChanged, vm.name, undefined, { more: { configSpec: spec } });
      });
    },

    MarkAsTemplate: (call) => {
      const vm = vmOf(house, call.self.ref);
      endpoint.tasks.refuseBusy([vm.ref]);
      if (vm.power !== 'poweredOff') throw invalidPowerState('poweredOff', vm.power);
      const isChanged = !vm.isTemplate;
      vm.isTemplate = true;
      vm.pool = undefined;
      changed(house, vm);
      endpoint.record(call, isChanged, vm.name);
    },

    MarkAsVirtualMachine: (call, { pool, host }) => {
      const vm = vmOf(house, call.self.ref);
      endpoint.tasks.refuseBusy([vm.ref]);
      if (!vm.isTemplate) throw new VimFault('InvalidState', {}, `${vm.name} is no template.`);
      vm.isTemplate = false;
      vm.pool = pool;
      if (host) vm.host = host;
      changed(house, vm);
      endpoint.record(call, true, vm.name);
    },

    UpgradeVM_Task: (call, { version = 'vmx-21' }) => {
      const vm = vmOf(house, call.self.ref);
      return startVmTask(house, call, vm, async (progress) => {
        if (vm.power !== 'poweredOff') throw invalidPowerState('poweredOff', vm.power);
        if (vm.config.hardwareVersion >= version) {
          throw new VimFault('AlreadyUpgraded', {}, `${vm.name} is at ${vm.config.hardwareVersion}.`);
        }
        await progress.spend(SECONDS.reconfigure);
        vm.config.hardwareVersion = version;
        persist(house, vm);
        changed(house, vm);
        endpoint.record(call, true, vm.name);
      });
    },
  };
}

/** Deletes the machine and its files; the part of `Destroy_Task` that is about machines. */
export function destroyVm(house: House, call: Call, vm: Vm): MoRef {
  house.endpoint.require(call, 'VirtualMachine.Inventory.Delete', vm.ref);
  return startVmTask(house, call, vm, async (progress) => {
    if (vm.power !== 'poweredOff') throw invalidPowerState('poweredOff', vm.power);
    await progress.spend(SECONDS.destroy);
    refuseForeignLock(house, vm);
    await house.onDestroy(vm);
    deleteFiles(house, vm);
    removeVm(house, vm);
    house.endpoint.record(call, true, vm.name);
  });
}

/** @throws DuplicateName */
export function renameVm(house: House, call: Call, vm: Vm, name: string): MoRef {
  house.endpoint.require(call, 'VirtualMachine.Config.Rename', vm.ref);
  return startVmTask(house, call, vm, async (progress) => {
    if (name === '' || name.length > 80) throw new VimFault('InvalidName', { name }, `'${name}' is no valid name.`);
    await progress.spend(SECONDS.reconfigure);
    refuseTakenName(house, vm.folder, name, vm.ref);
    const isChanged = vm.name !== name;
    vm.name = name;
    // Only the display name changes; files keep theirs until the storage is moved.
    if (isChanged) persist(house, vm);
    changed(house, vm);
    house.endpoint.record(call, isChanged, name);
  });
}

export function newConfig(spec: VirtualMachineConfigSpec): VmConfig {
  const scsi = (spec.deviceChange ?? []).map(({ device }) => device).find((d) => isA(d, 'VirtualSCSIController'));
  return {
    guestId: spec.guestId ?? 'otherGuest64',
    hardwareVersion: spec.version ?? 'vmx-19',
    cpuCount: spec.numCPUs ?? 1,
    coresPerSocket: spec.numCoresPerSocket ?? 1,
    memoryMb: spec.memoryMB ?? 128,
    biosUuid: spec.uuid ?? newUuid(),
    instanceUuid: spec.instanceUuid ?? newUuid(),
    annotation: '',
    hasNestedVirtualisation: false,
    firmware: 'bios',
    uuidLocation: '',
    extra: {},
    scsiType: scsi?.$type ?? 'ParaVirtualSCSIController',
    nics: [],
    disks: [],
    others: [],
  };
}

export function anyHostWith(house: House, datastore: MoRef): Host {
  const found = [...house.hosts.values()].find(
    (host) => !host.isInMaintenance && isAccessible(house, datastoreOf(house, datastore), host),
  );
  if (!found)
    throw new VimFault('InvalidDatastorePath', { datastore, datastorePath: '' }, 'No host can use the datastore.');
  return found;
}

function refuseHotChange(vm: Vm, spec: VirtualMachineConfigSpec): void {
  if (vm.power === 'poweredOff') return;
  const isCold = [spec.numCPUs, spec.memoryMB, spec.uuid, spec.nestedHVEnabled, spec.guestId, spec.firmware].some(
    (value) => value !== undefined,
  );
  if (isCold) throw invalidPowerState('poweredOff', vm.power);
}
