import { addManagerProperties, authorizationHandlers } from '../vim25/authorization-manager.ts';
import type { Endpoint } from '../vim25/endpoint.ts';
import { historyCollectorHandlers } from '../vim25/history-collectors.ts';
import { propertyCollectorHandlers } from '../vim25/property-collector.ts';
import { addServiceInstance, sessionHandlers } from '../vim25/service-instance.ts';
import type { MoRef, VimObject } from '../vim25/value.ts';
import { viewHandlers } from '../vim25/views.ts';
import { datastoreBrowserHandlers } from './datastore-browser.ts';
import { datastoreHandlers } from './datastore-handlers.ts';
import { environmentHandlers } from './environment.ts';
import { hostNetworkHandlers } from './host-network-handlers.ts';
import type { NetworkHooks } from './host-network-handlers.ts';
import { hostSettingsHandlers } from './host-settings-handlers.ts';
import type { House } from './house.ts';
import { inventoryHandlers } from './inventory.ts';
import { powerHandlers } from './power-handlers.ts';
import { searchIndexHandlers } from './search-index.ts';
import { snapshotHandlers } from './snapshot-handlers.ts';
import { vmHandlers } from './vm-handlers.ts';

/** The calls that every endpoint answers before it has any inventory. */
export function installBasics(endpoint: Endpoint, about: VimObject, further: Record<string, MoRef> = {}): void {
  const content = addServiceInstance(endpoint, about, further);
  addManagerProperties(endpoint, content);
  endpoint.handle(sessionHandlers(endpoint, content));
  endpoint.handle(propertyCollectorHandlers(endpoint));
  endpoint.handle(viewHandlers(endpoint));
  endpoint.handle(authorizationHandlers(endpoint));
  endpoint.handle(endpoint.events.handlers(endpoint));
  endpoint.handle(historyCollectorHandlers(endpoint));
}

/** The calls about hosts, datastores and machines that a host and a vCenter have in common. */
export function installHouse(house: House, datastoreFolder: MoRef, hooks: NetworkHooks): void {
  for (const handlers of [
    inventoryHandlers(house),
    searchIndexHandlers(house),
    vmHandlers(house),
    powerHandlers(house),
    snapshotHandlers(house),
    datastoreHandlers(house, datastoreFolder),
    datastoreBrowserHandlers(house),
    hostNetworkHandlers(house, hooks),
    hostSettingsHandlers(house),
    environmentHandlers(house),
  ]) {
    house.endpoint.handle(handlers);
  }
}
