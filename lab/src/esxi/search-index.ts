import type { Handlers } from '../vim25/endpoint.ts';
import { isSubtype } from '../vim25/schema.ts';
import type { MoRef } from '../vim25/value.ts';
import { encodeName } from './entity.ts';
import { datastoreByName } from './house.ts';
import type { House, Vm } from './house.ts';
import { parseDatastorePath } from './datastore-path.ts';

/** Finding machines and hosts by what a client knows of them. */
export function searchIndexHandlers(house: House): Handlers {
  const { endpoint } = house;
  const machines = (test: (vm: Vm) => boolean): MoRef[] => [...house.vms.values()].filter(test).map((vm) => vm.ref);
  const hosts = (test: (host: { uuid: string; name: string }) => boolean): MoRef[] =>
    [...house.hosts.values()].filter(test).map((host) => host.ref);

  const byUuid = (uuid: string, isVm: boolean, isInstance: boolean): MoRef[] => {
    const wanted = uuid.toLowerCase();
    if (!isVm) return hosts((host) => host.uuid === wanted);
    return machines((vm) => (isInstance ? vm.config.instanceUuid : vm.config.biosUuid) === wanted);
  };
  const byIp = (ip: string, isVm: boolean): MoRef[] => (isVm ? machines((vm) => vm.ip === ip) : []);
  const byName = (name: string, isVm: boolean): MoRef[] =>
    isVm ? machines((vm) => vm.areToolsRunning && vm.name === name) : hosts((host) => host.name === name);

  const childrenOf = (parent: MoRef) =>
    [...endpoint.objects.all()].filter(
      (object) => isSubtype(object.ref.moType, 'ManagedEntity') && object.parent()?.id === parent.id,
    );
  const child = (parent: MoRef, name: string): MoRef | undefined =>
    childrenOf(parent).find((object) => encodeName(object.label()) === encodeName(name))?.ref;

  return {
    FindByUuid: (_call, { uuid, vmSearch, instanceUuid }) => byUuid(uuid, vmSearch, instanceUuid ?? false)[0],
    FindAllByUuid: (_call, { uuid, vmSearch, instanceUuid }) => byUuid(uuid, vmSearch, instanceUuid ?? false),
    FindByIp: (_call, { ip, vmSearch }) => byIp(ip, vmSearch)[0],
    FindAllByIp: (_call, { ip, vmSearch }) => byIp(ip, vmSearch),
    FindByDnsName: (_call, { dnsName, vmSearch }) => byName(dnsName, vmSearch)[0],
    FindAllByDnsName: (_call, { dnsName, vmSearch }) => byName(dnsName, vmSearch),
    FindChild: (_call, { entity, name }) => child(entity, name),
    FindByInventoryPath: (_call, { inventoryPath }) => {
      let current: MoRef | undefined = endpoint.options.rootFolder;
      for (const segment of inventoryPath.split('/').filter(Boolean)) {
        current = current && child(current, segment);
      }
      return current;
    },
    FindByDatastorePath: (_call, { path }) => {
      const parsed = parseDatastorePath(path);
      const datastore = datastoreByName(house, parsed.datastore);
      return machines((vm) => vm.datastore.id === datastore.ref.id && vm.vmxPath === parsed.path)[0];
    },
  };
}
