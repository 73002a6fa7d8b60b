import type { ComputePlugin, ProbeResult } from '@bulkhead/plugin-sdk';
import { vmRef } from './inventory/vm.ts';
import { capacity, listNetworks } from './production/capacity.ts';
import { ensureMounted, hostRef, removeMount } from './production/datastores.ts';
import { datastoresByName, hostsOf, storageAddress } from './production/host-room.ts';
import { listMarked } from './production/marked.ts';
import { ensureName } from './production/naming.ts';
import { observeVm } from './production/observation.ts';
import { ensureAccess, removeAccess } from './production/permissions.ts';
import { place } from './production/placement.ts';
import { ensurePoweredOff, ensurePoweredOn } from './production/power.ts';
import type { Production } from './production/production.ts';
import { ensureRegistered, removeRegistration } from './production/registration.ts';
import { beginRelocate, cancelRelocate, observeTask } from './production/relocate.ts';
import {
  ensureProtectiveSnapshot,
  removeProtectiveSnapshot,
  revertToProtectiveSnapshot,
} from './production/snapshots.ts';
import { ensureTargetHost, removeTargetHost } from './production/target-host.ts';
import { ensureNetworks } from './production/vm-networks.ts';
import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { describe, told } from './session/plugin-errors.ts';
import { VimFault } from './session/vim-fault.ts';

type ProductionCalls = Pick<
  ComputePlugin,
  | 'ensureTargetHost'
  | 'removeTargetHost'
  | 'findPlacement'
  | 'ensureDatastoreMounted'
  | 'removeDatastoreMount'
  | 'ensureRegistered'
  | 'removeRegistration'
  | 'observeVm'
  | 'listMarked'
  | 'ensureNetworks'
  | 'ensureAccess'
  | 'removeAccess'
  | 'ensurePoweredOn'
  | 'ensurePoweredOff'
  | 'ensureProtectiveSnapshot'
  | 'revertToProtectiveSnapshot'
  | 'removeProtectiveSnapshot'
  | 'ensureName'
  | 'beginRelocate'
  | 'cancelRelocate'
  | 'observeTask'
  | 'listNetworks'
  | 'capacity'
  | 'probe'
>;

/** The calls that go to vCenter. */
export function productionCalls(production: Production): ProductionCalls {
  const { session, limits } = production;
  return {
    ensureTargetHost: (spec, call) => told('make the target’s host', () => ensureTargetHost(production, spec, call)),
    removeTargetHost: (target, call) =>
      told('remove the target’s host', () => removeTargetHost(production, target, call)),
    findPlacement: (request, call) =>
      told('find room for the machines', async () =>
        place(request, await hostsOf(production, request.clusters, call), await datastoresByName(production, call), {
          ...limits,
          storageAddress: (host) => storageAddress(production, host),
        }),
      ),
    ensureDatastoreMounted: ({ hostRef: host, ...mount }, call) =>
      told('reach the machines’ storage', async () => {
        await ensureMounted(session, hostRef(host), mount, call);
      }),
    removeDatastoreMount: ({ hostRef: host, name }, call) =>
      told('let go of the machines’ storage', () => removeMount(session, hostRef(host), name, call)),
    ensureRegistered: (spec, call) =>
      told('register the machine', async () => ({ ref: (await ensureRegistered(production, spec, call)).value })),
    removeRegistration: (vm, call) =>
      told('unregister the machine', () => removeRegistration(production, vmRef(vm.ref), call)),
    observeVm: (vm, call) => told('look at the machine', () => observeVm(production, vmRef(vm.ref), call)),
    listMarked: (call) => told('list the machines that we made', () => listMarked(production, call)),
    ensureNetworks: (vm, call) =>
      told('connect the machine’s networks', () =>
        ensureNetworks(production, vmRef(vm.ref), vm.failoverId, vm.nics, call),
      ),
    ensureAccess: (vm, call) =>
      told('give access to the machine', () => ensureAccess(session, vmRef(vm.ref), vm, call)),
    removeAccess: (vm, call) =>
      told('take access to the machine away', () => removeAccess(session, vmRef(vm.ref), vm.principal, call)),
    ensurePoweredOn: (vm, call) => told('power on the machine', () => ensurePoweredOn(production, vmRef(vm.ref), call)),
    ensurePoweredOff: (vm, call) =>
      told('power off the machine', () => ensurePoweredOff(production, vmRef(vm.ref), vm.graceful, call)),
    ensureProtectiveSnapshot: (vm, call) =>
      told('take the machine’s protective snapshot', async () => {
        const { ref: _, ...spec } = vm;
        return { snapshotRef: (await ensureProtectiveSnapshot(session, vmRef(vm.ref), spec, call)).value };
      }),
    revertToProtectiveSnapshot: (vm, call) =>
      told('go back to the machine’s protective snapshot', () =>
        revertToProtectiveSnapshot(session, vmRef(vm.ref), vm.name, call),
      ),
    removeProtectiveSnapshot: (vm, call) =>
      told('remove the machine’s protective snapshot', () =>
        removeProtectiveSnapshot(session, vmRef(vm.ref), vm.name, call),
      ),
    ensureName: (vm, call) => told('name the machine', () => ensureName(session, vmRef(vm.ref), vm.name, call)),
    beginRelocate: ({ ref, ...to }, call) =>
      told('move the machine’s disks', () => beginRelocate(production, vmRef(ref), to, call)),
    cancelRelocate: (vm, call) =>
      told('stop the move of the machine’s disks', () => cancelRelocate(session, vmRef(vm.ref), call)),
    observeTask: (task, call) => told('finish the work', () => observeTask(session, task, call)),
    listNetworks: (call) => told('list the networks', () => listNetworks(production, call)),
    capacity: (scope, call) => told('read the capacity', () => capacity(production, scope, call)),
    probe: (call) => probe(production, call),
  };
}

const probeLimitMs = 1800;

/** Signed in and answering? Says why not, and never throws. */
async function probe(production: Production, call: PluginCall): Promise<ProbeResult> {
  const context = { callId: call.callId, signal: AbortSignal.any([call.signal, AbortSignal.timeout(probeLimitMs)]) };
  try {
    const { product } = await production.session.about(context);
    await production.session.call('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' }, {}, context);
    return { state: 'ready', product };
  } catch (error) {
    const reason = error instanceof VimFault ? describe(error) : PluginError.is(error) ? error.detail : String(error);
    return { state: 'failed', reason };
  }
}
