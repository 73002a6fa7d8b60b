import type { Handlers } from '../vim25/endpoint.ts';
import type { House } from './house.ts';

const VERSIONS = ['vmx-13', 'vmx-14', 'vmx-15', 'vmx-17', 'vmx-18', 'vmx-19', 'vmx-20', 'vmx-21'];

/** Which hardware versions run here. */
export function environmentHandlers(house: House): Handlers {
  return {
    QueryConfigOptionDescriptor: () =>
      VERSIONS.map((key) => ({
        $type: 'VirtualMachineConfigOptionDescriptor',
        key,
        description: key,
        host: [...house.hosts.values()].map((host) => host.ref),
        createSupported: true,
        defaultConfigOption: key === VERSIONS.at(-1),
        runSupported: true,
        upgradeSupported: true,
      })),
  };
}
