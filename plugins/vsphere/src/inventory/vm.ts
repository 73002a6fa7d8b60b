import type { PluginCall } from '@bulkhead/plugin-sdk';
import { members, ref, refsOf, textAt, type MoRef, type XmlElement } from '../soap/element.ts';
import type { ManagedObject } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { xsd, type DataObject } from '../soap/value.ts';

/** What we write into a machine's `extraConfig` to know it again. */
export const marks = {
  target: 'bulkhead.target',
  tenant: 'bulkhead.tenant',
  failover: 'bulkhead.failover',
  /** Beside `failover`, on a test's copy. */
  test: 'bulkhead.test',
  vm: 'bulkhead.vm',
} as const;

export function vmRef(value: string): MoRef {
  return ref('VirtualMachine', value);
}

/** `config.extraConfig` as a table; the last of several equal keys counts. */
export function extraConfigOf(vm: ManagedObject): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (const option of members(vm.get('config.extraConfig'))) {
    const key = textAt(option, 'key');
    if (key !== undefined) table.set(key, textAt(option, 'value') ?? '');
  }
  return table;
}

/** The options that differ from what the machine has; none means that nothing is to be done. */
export function optionsToChange(vm: ManagedObject, wanted: Readonly<Record<string, string>>): DataObject[] {
  const has = extraConfigOf(vm);
  return Object.entries(wanted)
    .filter(([key, value]) => has.get(key) !== value)
    .map(([key, value]) => ({ key, value: xsd('string', value) }));
}

export function isPoweredOn(vm: ManagedObject): boolean {
  return textAt(vm.get('runtime.powerState')) === 'poweredOn';
}

/** Network cards among the devices, in the order of their keys. */
export function ethernetCards(vm: ManagedObject): XmlElement[] {
  return members(vm.get('config.hardware.device'))
    .filter((device) => device.children.some((child) => child.name === 'macAddress' || child.name === 'addressType'))
    .toSorted((one, other) => Number(textAt(one, 'key')) - Number(textAt(other, 'key')));
}

export async function findByUuid(session: VimSession, uuid: string, call: PluginCall): Promise<MoRef | undefined> {
  const args = { uuid, vmSearch: true, instanceUuid: true };
  return refsOf(await session.callService('searchIndex', 'FindByUuid', args, call))[0];
}

export async function findByVmxPath(
  session: VimSession,
  datacenter: MoRef,
  path: string,
  call: PluginCall,
): Promise<MoRef | undefined> {
  return refsOf(await session.callService('searchIndex', 'FindByDatastorePath', { datacenter, path }, call))[0];
}
