import type { Handlers } from '../vim25/endpoint.ts';
import { notSupported, VimFault } from '../vim25/fault.ts';
import type { MoRef } from '../vim25/value.ts';
import { addEntity, addService } from './entity.ts';
import { removeDatastoreObject } from './datastores.ts';
import { usersOf } from './datastore-use.ts';
import type { Folder, House, Network } from './house.ts';

import { refuseTakenName, touchVm } from './virtual-machines.ts';
import { destroyVm, renameVm } from './vm-handlers.ts';

export function addFolder(house: House, folder: Folder): Folder {
  house.folders.set(folder.ref.id, folder);
  addEntity(house.endpoint, {
    ref: folder.ref,
    name: () => folder.name,
    parent: () => folder.parent,
    properties: {
      childType: () => folder.childType,
      childEntity: () =>
        [...house.endpoint.objects.all()]
          .filter((object) => object.entity()?.id === object.ref.id && object.parent()?.id === folder.ref.id)
          .map((object) => object.ref),
    },
  });
  if (folder.parent) house.endpoint.objects.touch(folder.parent);
  return folder;
}

export function addDatacenter(
  house: House,
  name: string,
  parent: MoRef,
  folders: Record<'vmFolder' | 'hostFolder' | 'datastoreFolder' | 'networkFolder', MoRef>,
): void {
  addEntity(house.endpoint, {
    ref: house.datacenter,
    name: () => name,
    parent: () => parent,
    properties: {
      vmFolder: () => folders.vmFolder,
      hostFolder: () => folders.hostFolder,
      datastoreFolder: () => folders.datastoreFolder,
      networkFolder: () => folders.networkFolder,
      datastore: () => [...house.datastores.values()].map((datastore) => datastore.ref),
      network: () => [...house.networks.values()].map((network) => network.ref),
      configuration: () => ({ $type: 'DatacenterConfigInfo' }),
    },
  });
}

/** A cluster, or the compute resource of a single host. */
export function addComputeResource(house: House, ref: MoRef, name: string, parent: MoRef): void {
  const hosts = () => [...house.hosts.values()];
  const memory = () => hosts().reduce((sum, host) => sum + host.memoryBytes, 0);
  const cpu = () => hosts().reduce((sum, host) => sum + host.cpuCores * host.cpuMhz, 0);
  addEntity(house.endpoint, {
    ref,
    name: () => name,
    parent: () => parent,
    properties: {
      resourcePool: () => house.rootPool,
      host: () => hosts().map((host) => host.ref),
      datastore: () => [...house.datastores.values()].map((datastore) => datastore.ref),
      network: () => [...house.networks.values()].map((network) => network.ref),
      summary: () => ({
        $type: ref.moType === 'ClusterComputeResource' ? 'ClusterComputeResourceSummary' : 'ComputeResourceSummary',
        totalCpu: cpu(),
        totalMemory: memory(),
        numCpuCores: hosts().reduce((sum, host) => sum + host.cpuCores, 0),
        numCpuThreads: hosts().reduce((sum, host) => sum + host.cpuCores * 2, 0),
        effectiveCpu: cpu(),
        effectiveMemory: Math.floor(memory() / 1024 / 1024),
        numHosts: hosts().length,
        numEffectiveHosts: hosts().filter((host) => host.connection === 'connected' && !host.isInMaintenance).length,
        overallStatus: 'green',
        ...(ref.moType === 'ClusterComputeResource' ? { currentFailoverLevel: 1, numVmotions: 0 } : {}),
      }),
      environmentBrowser: () => ({ moType: 'EnvironmentBrowser', id: `envbrowser-${house.rootPool.id}` }),
    },
  });
  addService(house.endpoint, {
    ref: { moType: 'EnvironmentBrowser', id: `envbrowser-${house.rootPool.id}` },
    label: () => name,
    entity: ref,
  });
}

export function addPool(house: House, ref: MoRef, name: string, parent: MoRef, owner: MoRef): void {
  const usage = (max: number) => ({
    reservationUsed: 0,
    reservationUsedForVm: 0,
    unreservedForPool: max,
    unreservedForVm: max,
    overallUsage: 0,
    maxUsage: max,
  });
  const allocation = {
    reservation: 0,
    expandableReservation: true,
    limit: -1,
    shares: { shares: 4000, level: 'normal' },
  };
  const config = { cpuAllocation: allocation, memoryAllocation: allocation };
  addEntity(house.endpoint, {
    ref,
    name: () => name,
    parent: () => parent,
    properties: {
      owner: () => owner,
      resourcePool: () =>
        [...house.endpoint.objects.all()]
          .filter((object) => object.ref.moType === 'ResourcePool' && object.parent()?.id === ref.id)
          .map((object) => object.ref),
      vm: () => [...house.vms.values()].filter((vm) => vm.pool?.id === ref.id).map((vm) => vm.ref),
      config: () => ({ $type: 'ResourceConfigSpec', entity: ref, ...config }),
      runtime: () => ({ $type: 'ResourcePoolRuntimeInfo', memory: usage(0), cpu: usage(0), overallStatus: 'green' }),
      summary: () => ({
        $type: 'ResourcePoolSummary',
        name,
        config,
        runtime: { memory: usage(0), cpu: usage(0), overallStatus: 'green' },
      }),
    },
  });
}

export function addNetwork(house: House, network: Network, parent: MoRef): void {
  house.networks.set(network.ref.id, network);
  const { distributed } = network;
  addEntity(house.endpoint, {
    ref: network.ref,
    name: () => network.name,
    parent: () => parent,
    properties: {
      summary: () => ({
        $type: 'NetworkSummary',
        network: network.ref,
        name: network.name,
        accessible: true,
        ipPoolName: '',
      }),
      host: () => [...house.hosts.values()].map((host) => host.ref),
      vm: () =>
        [...house.vms.values()]
          .filter((vm) =>
            vm.config.nics.some(({ backing }) =>
              backing.kind === 'standard'
                ? !distributed && backing.network === network.name
                : backing.portgroupKey === distributed?.portgroupKey,
            ),
          )
          .map((vm) => vm.ref),
      ...(distributed
        ? { key: () => distributed.portgroupKey, config: () => distributed.config, portKeys: () => [] }
        : {}),
    },
  });
}

/** Names, folders and deletion, whatever the entity is. */
export function inventoryHandlers(house: House): Handlers {
  const { endpoint } = house;

  const destroyOther = (call: Parameters<NonNullable<Handlers['Destroy_Task']>>[0]) => {
    const { ref } = call.self;
    const [datastore, network, folder] = [
      house.datastores.get(ref.id),
      house.networks.get(ref.id),
      house.folders.get(ref.id),
    ];
    const label = call.self.label();
    const run = (privilege: string, work: () => void) => {
      endpoint.require(call, privilege, ref);
      return endpoint.startTask(call, { entity: ref, entityName: label, exclusive: [ref] }, async (progress) => {
        await progress.spend(1);
        work();
        endpoint.record(call, true, label);
        return undefined;
      });
    };
    if (datastore) {
      return run('Datastore.Delete', () => {
        if (usersOf(house, ref).length > 0 || datastore.lun) throw inUse(datastore.name, 'Datastore');
        removeDatastoreObject(house, datastore);
      });
    }
    if (network?.distributed) {
      return run('DVPortgroup.Delete', () => {
        const isUsed = [...house.vms.values()].some((vm) =>
          vm.config.nics.some(
            ({ backing }) =>
              backing.kind === 'distributed' && backing.portgroupKey === network.distributed?.portgroupKey,
          ),
        );
        if (isUsed) throw inUse(network.name, 'DistributedVirtualPortgroup');
        house.networks.delete(ref.id);
        endpoint.authorization.forget(ref);
        endpoint.objects.remove(ref);
      });
    }
    if (folder) {
      return run('Folder.Delete', () => {
        const isUsed = [...endpoint.objects.all()].some((object) => object.parent()?.id === ref.id);
        if (isUsed) throw new VimFault('InvalidState', {}, `Folder ${folder.name} is not empty.`);
        house.folders.delete(ref.id);
        endpoint.objects.remove(ref);
      });
    }
    throw notSupported();
  };

  return {
    Destroy_Task: (call) => {
      const vm = house.vms.get(call.self.ref.id);
      return vm ? destroyVm(house, call, vm) : destroyOther(call);
    },
    Rename_Task: (call, { newName }) => {
      const vm = house.vms.get(call.self.ref.id);
      if (vm) return renameVm(house, call, vm, newName);
      const target = house.datastores.get(call.self.ref.id) ?? house.folders.get(call.self.ref.id);
      if (!target) throw notSupported();
      endpoint.require(call, 'lun' in target || 'remote' in target ? 'Datastore.Rename' : 'Folder.Rename', target.ref);
      return endpoint.startTask(
        call,
        { entity: target.ref, entityName: target.name, exclusive: [target.ref] },
        async (progress) => {
          await progress.spend(1);
          const isChanged = target.name !== newName;
          const taken = [...house.datastores.values(), ...house.folders.values()].find(
            (other) =>
              other.ref.moType === target.ref.moType && other.name === newName && other.ref.id !== target.ref.id,
          );
          if (taken)
            throw new VimFault(
              'DuplicateName',
              { name: newName, object: taken.ref },
              `The name '${newName}' already exists.`,
            );
          target.name = newName;
          endpoint.objects.touch(target.ref);
          endpoint.record(call, isChanged, newName);
          return undefined;
        },
      );
    },
    CreateFolder: (call, { name }) => {
      const parent = house.folders.get(call.self.ref.id);
      if (!parent || endpoint.options.backend === 'esxi') throw notSupported();
      if (name === '') throw new VimFault('InvalidName', { name }, 'The name is empty.');
      refuseTakenName(house, parent.ref, name);
      const ref = { moType: 'Folder', id: endpoint.objects.newId('group-v') };
      addFolder(house, { ref, name, parent: parent.ref, childType: parent.childType });
      endpoint.record(call, true, name);
      return ref;
    },
    MoveIntoFolder_Task: (call, { list = [] }) => {
      const target = house.folders.get(call.self.ref.id);
      if (!target || endpoint.options.backend === 'esxi') throw notSupported();
      endpoint.require(call, 'VirtualMachine.Inventory.Move', target.ref);
      return endpoint.startTask(
        call,
        { entity: target.ref, entityName: target.name, exclusive: list },
        async (progress) => {
          await progress.spend(1);
          let isChanged = false;
          for (const ref of list) {
            const vm = house.vms.get(ref.id);
            if (!vm)
              throw new VimFault('InvalidFolder', { target: target.ref }, `${ref.moType} cannot be moved there.`);
            refuseTakenName(house, target.ref, vm.name, vm.ref);
            isChanged ||= vm.folder.id !== target.ref.id;
            endpoint.objects.touch(vm.folder);
            vm.folder = target.ref;
            touchVm(house, vm);
          }
          endpoint.record(call, isChanged, target.name);
          return undefined;
        },
      );
    },
    CancelTask: (call) => {
      endpoint.tasks.cancel(call.self.ref);
      endpoint.record(call, true);
    },
    Reload: () => undefined,
  };
}

function inUse(name: string, type: string): VimFault {
  return new VimFault('ResourceInUse', { name, type }, `The resource '${name}' is in use.`);
}
