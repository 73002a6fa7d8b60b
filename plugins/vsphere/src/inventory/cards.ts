import type { PluginCall } from '@bulkhead/plugin-sdk';
import { booleanAt, textAt, type XmlElement } from '../soap/element.ts';
import type { DataObject } from '../soap/value.ts';
import { asSent } from '../soap/write-xml.ts';
import type { Production } from '../production/production.ts';
import { backingOf, isPluggedInto, type PortGroup } from './port-groups.ts';

/** How one network card shall be. What is absent stays as it is. */
export interface WantedCard {
  group: PortGroup;
  mac?: string;
  /** Whether it is connected, and when the machine starts. */
  isConnected?: boolean;
}

/** The edit that a card needs, made from the card as read; undefined when it is right already. */
export async function cardEdit(
  production: Production,
  card: XmlElement,
  wanted: WantedCard,
  machineIsOn: boolean,
  call: PluginCall,
): Promise<DataObject | undefined> {
  const isPlugged = isPluggedInto(card, wanted.group);
  const hasMac = wanted.mac === undefined || isStaticMac(card, wanted.mac);
  if (isPlugged && hasMac && isConnectedAsWanted(card, wanted.isConnected, machineIsOn)) return undefined;
  const read = asSent(card, 'VirtualDevice');
  return {
    operation: 'edit',
    device: {
      ...read,
      ...(isPlugged ? {} : { backing: await backingOf(production, wanted.group, call) }),
      ...(wanted.isConnected === undefined ? {} : { connectable: connectable(wanted.isConnected, machineIsOn) }),
      ...(wanted.mac === undefined ? {} : { addressType: 'manual', macAddress: wanted.mac }),
    },
  };
}

/** A new card, for a machine that has none of its own. */
export async function newCard(
  production: Production,
  key: number,
  wanted: WantedCard,
  machineIsOn: boolean,
  call: PluginCall,
): Promise<DataObject> {
  return {
    operation: 'add',
    device: {
      $type: 'VirtualVmxnet3',
      // New devices carry keys of the caller's choice that no device has yet.
      key: -key,
      backing: await backingOf(production, wanted.group, call),
      connectable: connectable(wanted.isConnected ?? true, machineIsOn),
      ...(wanted.mac === undefined ? { addressType: 'generated' } : { addressType: 'manual', macAddress: wanted.mac }),
    },
  };
}

export function macOf(card: XmlElement): string {
  return (textAt(card, 'macAddress') ?? '').toLowerCase();
}

/** Whether the card passes frames: now, while its machine runs, and from its next start otherwise. */
export function isConnected(card: XmlElement, machineIsOn: boolean): boolean {
  return booleanAt(card, machineIsOn ? 'connectable.connected' : 'connectable.startConnected');
}

function isStaticMac(card: XmlElement, mac: string): boolean {
  return macOf(card) === mac.toLowerCase() && textAt(card, 'addressType')?.toLowerCase() === 'manual';
}

function isConnectedAsWanted(card: XmlElement, wanted: boolean | undefined, machineIsOn: boolean): boolean {
  if (wanted === undefined) return true;
  const starts = booleanAt(card, 'connectable.startConnected');
  return starts === wanted && isConnected(card, machineIsOn) === wanted;
}

function connectable(wanted: boolean, machineIsOn: boolean): DataObject {
  return { startConnected: wanted, allowGuestControl: true, connected: wanted && machineIsOn };
}
