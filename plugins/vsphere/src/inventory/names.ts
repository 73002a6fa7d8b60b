import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { refsOf, textAt, type MoRef } from '../soap/element.ts';
import { list, type ManagedObject } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import type { Production } from '../production/production.ts';

/** vCenter escapes three characters in names; people and our configuration do not. */
export function nameOf(object: ManagedObject, path = 'name'): string {
  return (textAt(object.get(path)) ?? '').replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\').replaceAll('%25', '%');
}

export async function findDatacenter(production: Production, call: PluginCall): Promise<MoRef> {
  const { datacenter } = production.config;
  const found = await findByPath(production.session, `/${escapeName(datacenter)}`, call);
  return found ?? missing('datacenter', datacenter);
}

export async function findByPath(
  session: VimSession,
  inventoryPath: string,
  call: PluginCall,
): Promise<MoRef | undefined> {
  return refsOf(await session.callService('searchIndex', 'FindByInventoryPath', { inventoryPath }, call))[0];
}

/** All objects of a type in the site's datacenter, with their names. */
export async function listAll(
  production: Production,
  type: string,
  paths: readonly string[],
  call: PluginCall,
): Promise<ManagedObject[]> {
  return list(production.session, await findDatacenter(production, call), type, ['name', ...paths], call);
}

/** Finds an object by its name. @throws PluginError `not-found`. */
export async function findByName(
  production: Production,
  type: string,
  name: string,
  paths: readonly string[],
  call: PluginCall,
): Promise<ManagedObject> {
  const named = (await listAll(production, type, paths, call)).filter((object) => nameOf(object) === name);
  return named[0] ?? missing(words[type] ?? type, name);
}

/** A folder for machines, by name or by its path below the datacenter's own. */
export async function findVmFolder(production: Production, folder: string, call: PluginCall): Promise<MoRef> {
  const path = folder
    .split('/')
    .filter((part) => part !== '')
    .map(escapeName)
    .join('/');
  const root = `/${escapeName(production.config.datacenter)}/vm`;
  const byPath = await findByPath(production.session, path === '' ? root : `${root}/${path}`, call);
  if (byPath?.type === 'Folder') return byPath;
  return (await findByName(production, 'Folder', folder, [], call)).ref;
}

function escapeName(name: string): string {
  return name.replaceAll('%', '%25').replaceAll('/', '%2f').replaceAll('\\', '%5c');
}

const words: Readonly<Record<string, string>> = {
  ComputeResource: 'cluster',
  Datastore: 'datastore',
  Folder: 'folder',
  Network: 'port group',
  DistributedVirtualSwitch: 'distributed switch',
  VirtualMachine: 'template',
};

function missing(what: string, name: string): never {
  throw new PluginError(
    'not-found',
    `A ${what} that the provider configured is not there; the provider has to look into it.`,
    `vCenter has no ${what} named ${name} in this datacenter`,
  );
}
