import type { MoRef } from '../vim25/value.ts';
import type { House, Host, Vm } from './house.ts';
import { datastoresOf } from './vm-properties.ts';

/** The machines that have any file on it. */
export function usersOf(house: House, datastore: MoRef): Vm[] {
  return [...house.vms.values()].filter((vm) => datastoresOf(vm).some((ref) => ref.id === datastore.id));
}

/** Whether machines run on this host: it cannot enter maintenance. */
export function isInUseOn(house: House, host: Host): boolean {
  return [...house.vms.values()].some((vm) => vm.host.id === host.ref.id && vm.power === 'poweredOn');
}
