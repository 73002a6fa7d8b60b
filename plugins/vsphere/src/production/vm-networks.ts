import { PluginError, type NicAssignment, type PluginCall } from '@bulkhead/plugin-sdk';
import { numberAt, textAt, type MoRef, type XmlElement } from '../soap/element.ts';
import type { DataObject } from '../soap/value.ts';
import { cardEdit, newCard, type WantedCard } from '../inventory/cards.ts';
import { nameOf } from '../inventory/names.ts';
import { listPortGroups, requirePortGroup, type PortGroup } from '../inventory/port-groups.ts';
import { ethernetCards, extraConfigOf, isPoweredOn, marks } from '../inventory/vm.ts';
import { read, type ManagedObject } from '../session/property-collector.ts';
import { awaitRunning, runTask } from '../session/tasks.ts';
import { isFault } from '../session/vim-fault.ts';
import type { Production } from './production.ts';
import * as kinds from './task-kinds.ts';

const paths = ['name', 'config.hardware.device', 'config.changeVersion', 'config.extraConfig', 'runtime.powerState'];

/** Plugs every named card into its port group, in one change that is refused if the machine changed meanwhile. */
export async function ensureNetworks(
  production: Production,
  self: MoRef,
  failoverId: string,
  nics: readonly NicAssignment[],
  call: PluginCall,
): Promise<void> {
  const { session } = production;
  const groups = await listPortGroups(production, call);
  const wanted = nics.map((nic) => ({ nic, group: requirePortGroup(groups, nic.attachment) }));
  for (let tries = 0; ; tries += 1) {
    await awaitRunning(session, self, kinds.reconfigure, call);
    const vm = await read(session, self, paths, call);
    refuseForeign(vm, failoverId);
    const deviceChange = await changesOf(production, vm, wanted, call);
    if (deviceChange.length === 0) return;
    const changeVersion = textAt(vm.get('config.changeVersion'));
    try {
      const spec = { ...(changeVersion === undefined ? {} : { changeVersion }), deviceChange };
      await runTask(session, 'ReconfigVM_Task', self, { spec }, call);
      return;
    } catch (error) {
      if (!isFault(error, 'ConcurrentAccess') || tries >= 3) throw error;
    }
  }
}

async function changesOf(
  production: Production,
  vm: ManagedObject,
  wanted: readonly { nic: NicAssignment; group: PortGroup }[],
  call: PluginCall,
): Promise<DataObject[]> {
  const cards = ethernetCards(vm);
  const isOn = isPoweredOn(vm);
  const changes: DataObject[] = [];
  const isRenumbered =
    wanted.length === cards.length && wanted.every(({ nic }) => !cards.some((card) => hasKey(card, nic.key)));
  const ordered = wanted.toSorted((one, other) => one.nic.key - other.nic.key);
  for (const [index, { nic, group }] of ordered.entries()) {
    const want: WantedCard = {
      group,
      isConnected: nic.isConnected,
      ...(nic.mac === undefined ? {} : { mac: nic.mac }),
    };
    // A server that numbers cards anew when it registers a machine keeps their order.
    const card = isRenumbered ? cards[index] : cards.find((one) => hasKey(one, nic.key));
    if (card) {
      const edit = await cardEdit(production, card, want, isOn, call);
      if (edit) changes.push(edit);
    } else if (cards.length === 0) {
      // Registered without any card (its description was not read): it gets the cards that it is meant to have.
      call.log.warn({ vm: nameOf(vm), key: nic.key }, 'the machine has no network card; one is added');
      changes.push(await newCard(production, nic.key, want, isOn, call));
    } else {
      throw new PluginError(
        'not-found',
        'A network card of the machine is gone; the recovery plan has to be looked at again.',
        `${nameOf(vm)} has no network card ${nic.key}, only ${cards.map((one) => textAt(one, 'key')).join(', ')}`,
      );
    }
  }
  return changes;
}

function hasKey(card: XmlElement, key: number): boolean {
  return numberAt(card, 'key') === key;
}

function refuseForeign(vm: ManagedObject, failoverId: string): void {
  const owner = extraConfigOf(vm).get(marks.failover);
  if (owner === undefined || owner === '' || owner === failoverId) return;
  throw new PluginError(
    'conflict',
    'The machine is part of another failover.',
    `${nameOf(vm)} is marked for failover ${owner}, not ${failoverId}`,
  );
}
