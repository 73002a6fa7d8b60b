import type { Handlers } from '../vim25/endpoint.ts';
import { notFoundObject, VimFault } from '../vim25/fault.ts';
import type { MoRef } from '../vim25/value.ts';
import { datastoreOf, hostOf, openStore, storeOf, vmOf } from './house.ts';
import type { House, Vm } from './house.ts';
import { refuseForeignLock } from './file-lock.ts';
import { SECONDS, startVmTask, stopRun } from './power.ts';
import { addSnapshot, allSnapshots, consolidate, detachSnapshot, needsConsolidation } from './snapshots.ts';
import type { Snapshot } from './snapshots.ts';
import { createDelta, readChain } from './disks.ts';
import { addSnapshotObject, changed, persist } from './virtual-machines.ts';
import { cloneConfig } from './vm-config.ts';
import type { VmConfig } from './vm-config.ts';
import { snapshotRef } from './vm-properties.ts';
import { removeSnapshotFiles } from './vmsd.ts';

const MAX_DEPTH = 32;

export function snapshotHandlers(house: House): Handlers {
  const { endpoint } = house;

  /** New topmost files over those that the configuration names. */
  const cover = (vm: Vm, config: VmConfig) => {
    for (const disk of config.disks) {
      disk.path = createDelta(openStore(house, datastoreOf(house, disk.datastore), hostOf(house, vm.host)), disk.path);
    }
  };

  /** Folds what nobody names any more, on every datastore that holds disks of the machine. */
  const foldAway = (vm: Vm): boolean => {
    let did = false;
    for (const { ref, store } of diskStores(house, vm)) did = consolidate(store, ref, vm.config, vm.snapshots) || did;
    vm.needsConsolidation = false;
    return did;
  };

  const find = (ref: MoRef): { vm: Vm; snapshot: Snapshot } => {
    for (const vm of house.vms.values()) {
      const snapshot = allSnapshots(vm.snapshots).find((each) => each.ref === ref.id);
      if (snapshot) return { vm, snapshot };
    }
    throw notFoundObject(ref);
  };

  const revert = async (vm: Vm, snapshot: Snapshot) => {
    if (vm.power !== 'poweredOff') await stopRun(house, vm);
    const name = vm.name;
    const reverted = cloneConfig(snapshot.config);
    // Where and as what it is registered is the inventory's, not the snapshot's.
    reverted.instanceUuid = vm.config.instanceUuid;
    reverted.uuidLocation = vm.config.uuidLocation;
    cover(vm, reverted);
    vm.config = reverted;
    vm.snapshots.current = snapshot;
    vm.name = name;
    foldAway(vm);
    persist(house, vm);
    changed(house, vm);
  };

  const remove = (vm: Vm, snapshots: readonly Snapshot[], withConsolidation: boolean) => {
    removeSnapshotFiles(storeOf(house, vm), vm.vmxPath, snapshots);
    for (const gone of snapshots) endpoint.objects.remove(snapshotRef(gone));
    if (withConsolidation) foldAway(vm);
    else
      vm.needsConsolidation = diskStores(house, vm).some(({ ref, store }) =>
        needsConsolidation(store, ref, vm.config, vm.snapshots),
      );
    persist(house, vm);
    changed(house, vm);
  };

  return {
    CreateSnapshot_Task: (call, { name, description = '', quiesce }) => {
      const vm = vmOf(house, call.self.ref);
      if (name === '') throw new VimFault('InvalidName', { name }, 'The name of a snapshot is empty.');
      return startVmTask(house, call, vm, async (progress) => {
        await progress.spend(SECONDS.snapshot);
        refuseForeignLock(house, vm);
        if (vm.config.disks.some((disk) => depthOf(house, vm, disk.path, disk.datastore) >= MAX_DEPTH)) {
          throw new VimFault('TooManySnapshotLevels', {}, 'The snapshot chain is too deep.');
        }
        const frozen = cloneConfig(vm.config);
        cover(vm, vm.config);
        const snapshot = addSnapshot(vm.snapshots, {
          id: vm.snapshots.lastId + 1,
          ref: endpoint.objects.newId('snapshot-'),
          name,
          description,
          createdAt: new Date(),
          isQuiesced: quiesce,
          config: frozen,
        });
        persist(house, vm);
        addSnapshotObject(house, vm, snapshot);
        changed(house, vm);
        endpoint.record(call, true, vm.name, { snapshot: name });
        return snapshotRef(snapshot);
      });
    },
    RevertToSnapshot_Task: (call) => {
      const { vm, snapshot } = find(call.self.ref);
      return startVmTask(house, call, vm, async (progress) => {
        await progress.spend(SECONDS.revert);
        refuseForeignLock(house, vm);
        await revert(vm, snapshot);
        endpoint.record(call, true, vm.name, { snapshot: snapshot.name });
      });
    },
    RevertToCurrentSnapshot_Task: (call) => {
      const vm = vmOf(house, call.self.ref);
      return startVmTask(house, call, vm, async (progress) => {
        const { current } = vm.snapshots;
        if (!current) throw new VimFault('NotFound', {}, 'The machine has no current snapshot.');
        await progress.spend(SECONDS.revert);
        refuseForeignLock(house, vm);
        await revert(vm, current);
        endpoint.record(call, true, vm.name, { snapshot: current.name });
      });
    },
    RemoveSnapshot_Task: (call, { removeChildren, consolidate: isConsolidating = true }) => {
      const { vm, snapshot } = find(call.self.ref);
      return startVmTask(house, call, vm, async (progress) => {
        await progress.spend(SECONDS.removeSnapshot);
        refuseForeignLock(house, vm);
        remove(vm, detachSnapshot(vm.snapshots, snapshot, removeChildren), isConsolidating);
        endpoint.record(call, true, vm.name, { snapshot: snapshot.name });
      });
    },
    RemoveAllSnapshots_Task: (call, { consolidate: isConsolidating = true }) => {
      const vm = vmOf(house, call.self.ref);
      return startVmTask(house, call, vm, async (progress) => {
        const all = allSnapshots(vm.snapshots);
        await progress.spend(SECONDS.removeSnapshot);
        refuseForeignLock(house, vm);
        for (const root of vm.snapshots.roots.slice()) detachSnapshot(vm.snapshots, root, true);
        remove(vm, all, isConsolidating);
        endpoint.record(call, all.length > 0, vm.name);
      });
    },
    ConsolidateVMDisks_Task: (call) => {
      const vm = vmOf(house, call.self.ref);
      return startVmTask(house, call, vm, async (progress) => {
        await progress.spend(SECONDS.removeSnapshot);
        refuseForeignLock(house, vm);
        const did = foldAway(vm);
        if (did) persist(house, vm);
        changed(house, vm);
        endpoint.record(call, did, vm.name);
      });
    },
    RenameSnapshot: (call, { name, description }) => {
      const { vm, snapshot } = find(call.self.ref);
      endpoint.tasks.refuseBusy([vm.ref]);
      const isSame =
        (name ?? snapshot.name) === snapshot.name && (description ?? snapshot.description) === snapshot.description;
      snapshot.name = name ?? snapshot.name;
      snapshot.description = description ?? snapshot.description;
      persist(house, vm);
      changed(house, vm);
      endpoint.record(call, !isSame, vm.name, { snapshot: snapshot.name });
    },
  };
}

function diskStores(house: House, vm: Vm) {
  const refs = new Map(vm.config.disks.map((disk) => [disk.datastore.id, disk.datastore]));
  return [...refs.values()].map((ref) => ({
    ref,
    store: openStore(house, datastoreOf(house, ref), hostOf(house, vm.host)),
  }));
}

function depthOf(house: House, vm: Vm, path: string, datastore: MoRef): number {
  return readChain(openStore(house, datastoreOf(house, datastore), hostOf(house, vm.host)), path).length;
}
