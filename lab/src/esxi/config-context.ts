import { VimFault } from '../vim25/fault.ts';
import type { MoRef } from '../vim25/value.ts';
import type { House, Host } from './house.ts';

/** Where the machine's files lie, and how its running NICs are to be treated. */
export interface ConfigContext {
  house: House;
  host: Host;
  home: { datastore: MoRef; path: string };
  isOn: boolean;
}

export function invalidDevice(deviceIndex: number, property: string): VimFault {
  return new VimFault(
    'InvalidDeviceSpec',
    { property, deviceIndex },
    `Invalid configuration for device '${deviceIndex}' (${property}).`,
  );
}
