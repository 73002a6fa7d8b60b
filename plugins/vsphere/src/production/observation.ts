import type { PluginCall, ProductionVm } from '@bulkhead/plugin-sdk';
import { all, at, isSameRef, members, numberAt, refAt, refsOf, textAt, type MoRef } from '../soap/element.ts';
import { isConnected, macOf } from '../inventory/cards.ts';
import { nameOf } from '../inventory/names.ts';
import { listPortGroups, portGroupNameOf } from '../inventory/port-groups.ts';
import { ethernetCards, isPoweredOn } from '../inventory/vm.ts';
import { readIfThere, readMany } from '../session/property-collector.ts';
import { isFault } from '../session/vim-fault.ts';
import { grantsOn, listRoles } from './permissions.ts';
import type { Production } from './production.ts';
import { readQuestion } from './questions.ts';
import { currentSnapshot, snapshotsOf } from './snapshots.ts';

const paths = [
  'name',
  'config.files.vmPathName',
  'config.hardware.device',
  'runtime.powerState',
  'runtime.host',
  'runtime.question',
  'datastore',
  'snapshot',
  'guest.ipAddress',
  'guest.net',
  'guest.toolsRunningStatus',
];

/** Sees a machine of production as it is; null when it does not exist. */
export async function observeVm(production: Production, self: MoRef, call: PluginCall): Promise<ProductionVm | null> {
  const { session } = production;
  const vm = await readIfThere(session, self, paths, call);
  if (!vm) return null;
  const isOn = isPoweredOn(vm);
  const groups = await listPortGroups(production, call);
  const datastores = await readMany(session, refsOf(members(vm.get('datastore'))), ['name'], call);
  const current = currentSnapshot(vm.get('snapshot'));
  const question = readQuestion(vm.get('runtime.question'));
  const addresses = [
    ...members(vm.get('guest.net')).flatMap((nic) => all(nic, 'ipAddress')),
    ...(vm.get('guest.ipAddress') ? [vm.get('guest.ipAddress')] : []),
  ].flatMap((address) => textAt(address) ?? []);
  return {
    ref: self.value,
    name: nameOf(vm),
    isPoweredOn: isOn,
    hostRef: refAt(vm.get('runtime.host'))?.value ?? '',
    vmxPath: textAt(vm.get('config.files.vmPathName')) ?? '',
    datastores: datastores.map((datastore) => nameOf(datastore)),
    nics: ethernetCards(vm).map((card) => ({
      key: numberAt(card, 'key') ?? 0,
      mac: macOf(card),
      portGroup: portGroupNameOf(card, groups),
      isConnected: isConnected(card, isOn),
    })),
    grants: await grantsOf(production, self, call),
    snapshots: snapshotsOf(vm.get('snapshot')).map((one) => ({
      name: one.name,
      ref: one.ref.value,
      isCurrent: isSameRef(one.ref, current),
    })),
    ipAddresses: [...new Set(addresses)],
    areToolsRunning: textAt(vm.get('guest.toolsRunningStatus')) === 'guestToolsRunning',
    ...(question && question.choice === undefined ? { question: { id: question.id, text: question.text } } : {}),
  };
}

async function grantsOf(production: Production, self: MoRef, call: PluginCall): Promise<ProductionVm['grants']> {
  try {
    const grants = await grantsOn(production.session, self, call);
    if (grants.length === 0) return [];
    const roles = await listRoles(production.session, call);
    return grants.map((grant) => ({
      principal: grant.principal,
      role: roles.find((role) => role.id === grant.roleId)?.name ?? String(grant.roleId),
    }));
  } catch (error) {
    // It went between the two reads: what was seen of it stands.
    if (isFault(error, 'ManagedObjectNotFound') && isSameRef(refAt(at(error.properties, 'obj')), self)) return [];
    throw error;
  }
}
