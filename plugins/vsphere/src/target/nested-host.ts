import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { all, refAt, type MoRef, type XmlElement } from '../soap/element.ts';
import { list, read } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';

/** The one host that a standalone endpoint is, with the doors to its services. */
export interface NestedHost {
  readonly session: VimSession;
  readonly ref: MoRef;
  /** @throws PluginError `unavailable` while the host has not started that service. */
  service(name: HostService): MoRef;
}

export type HostService =
  'networkSystem' | 'advancedOption' | 'serviceSystem' | 'firewallSystem' | 'datastoreSystem' | 'dateTimeSystem';

export async function nestedHost(session: VimSession, call: PluginCall): Promise<NestedHost> {
  const content = await session.about(call);
  const [host] = await list(session, content.service('rootFolder'), 'HostSystem', ['configManager'], call);
  if (!host) throw notReady(session, 'the host shows no HostSystem');
  return {
    session,
    ref: host.ref,
    service: (name) => refAt(host.get('configManager'), name) ?? failNotReady(session, `the host shows no ${name}`),
  };
}

/** The datacenter, root folder for machines and root pool of a standalone host. */
export async function nestedInventory(
  session: VimSession,
  call: PluginCall,
): Promise<{ datacenter: MoRef; vmFolder: MoRef; pool: MoRef }> {
  const root = (await session.about(call)).service('rootFolder');
  const [datacenter] = await list(session, root, 'Datacenter', ['vmFolder'], call);
  const [compute] = await list(session, root, 'ComputeResource', ['resourcePool'], call);
  const [vmFolder, pool] = [refAt(datacenter?.get('vmFolder')), refAt(compute?.get('resourcePool'))];
  if (!datacenter || !vmFolder || !pool) throw notReady(session, 'the host shows no inventory');
  return { datacenter: datacenter.ref, vmFolder, pool };
}

/** The services of the host, as its service system lists them. */
export async function servicesOf(host: NestedHost, call: PluginCall): Promise<XmlElement[]> {
  const system = await read(host.session, host.service('serviceSystem'), ['serviceInfo'], call);
  return all(system.get('serviceInfo'), 'service');
}

/** The rule sets of the host's firewall. */
export async function firewallOf(host: NestedHost, call: PluginCall): Promise<XmlElement[]> {
  const system = await read(host.session, host.service('firewallSystem'), ['firewallInfo'], call);
  return all(system.get('firewallInfo'), 'ruleset');
}

function failNotReady(session: VimSession, detail: string): never {
  throw notReady(session, detail);
}

function notReady(session: VimSession, detail: string): PluginError {
  return new PluginError(
    'unavailable',
    'The target is not ready yet; it is tried again.',
    `${session.address}: ${detail}`,
  );
}
