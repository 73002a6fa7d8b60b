import type { MarkedVm, PluginCall, VmMarks } from '@bulkhead/plugin-sdk';
import { members, refsOf } from '../soap/element.ts';
import { listAll, nameOf } from '../inventory/names.ts';
import { extraConfigOf, isPoweredOn, marks } from '../inventory/vm.ts';
import type { Production } from './production.ts';

/** Machines of the datacenter that bear marks of ours, in the order of the inventory. */
export async function listMarked(production: Production, call: PluginCall): Promise<MarkedVm[]> {
  const vms = await listAll(
    production,
    'VirtualMachine',
    ['config.extraConfig', 'runtime.powerState', 'datastore'],
    call,
  );
  const marked = vms.flatMap((vm) => {
    const found = marksIn(extraConfigOf(vm));
    return found ? [{ vm, marks: found }] : [];
  });
  if (marked.length === 0) return [];
  const datastores = await listAll(production, 'Datastore', [], call);
  const names = new Map(datastores.map((one) => [one.ref.value, nameOf(one)]));
  return marked.map(({ vm, marks: found }) => ({
    ref: vm.ref.value,
    name: nameOf(vm),
    marks: found,
    isPoweredOn: isPoweredOn(vm),
    datastores: refsOf(members(vm.get('datastore'))).flatMap((one) => names.get(one.value) ?? []),
  }));
}

/** An emptied mark is none: that is how a mark is taken away. */
function marksIn(written: ReadonlyMap<string, string>): VmMarks | undefined {
  const value = (key: string) => written.get(key) || undefined;
  const [targetId, failoverId, test] = [value(marks.target), value(marks.failover), value(marks.test)];
  if (targetId === undefined && failoverId === undefined && test === undefined) return undefined;
  const [vmId, tenantId] = [value(marks.vm), value(marks.tenant)];
  return {
    ...(targetId === undefined ? {} : { targetId }),
    ...(failoverId === undefined ? {} : { failoverId }),
    isTest: test !== undefined,
    ...(vmId === undefined ? {} : { vmId }),
    ...(tenantId === undefined ? {} : { tenantId }),
  };
}
