import { PluginError } from '@bulkhead/plugin-sdk';
import type { Settings } from './config.ts';
import { select, uuids, expectRows, uuid, type Operation, type Row } from './ovsdb/values.ts';

/** What the provider has set up once: the switch, the trunk to the edge, and the port group with the tenants' ACLs. */
export interface Infrastructure {
  switchUuid: string;
  switchPorts: string[];
  portGroupUuid: string;
  portGroupPorts: string[];
}

/** Three selects, to be read together with whatever depends on them. */
export function selectInfrastructure({ management }: Settings): Operation[] {
  return [
    select('Logical_Switch', [['name', '==', management.logicalSwitch]], ['_uuid', 'ports']),
    select('Logical_Switch_Port', [['name', '==', management.trunkPort]], ['_uuid']),
    select('Port_Group', [['name', '==', management.portGroup]], ['_uuid', 'ports']),
  ];
}

/** @throws PluginError `not-found` for what is missing: it is never made silently, since it is the provider's network */
export function requireInfrastructure(rows: readonly (readonly Row[])[], { management }: Settings): Infrastructure {
  const [switches = [], trunks = [], portGroups = []] = rows;
  const { logicalSwitch, trunkPort, portGroup } = management;
  if (switches.length > 1) {
    const detail = `${switches.length} logical switches are named ${logicalSwitch}; remove or rename all but one.`;
    throw new PluginError('conflict', message, detail);
  }
  const managementSwitch = switches[0];
  if (!managementSwitch) throw missing(`logical switch ${logicalSwitch}`, `ovn-nbctl ls-add ${logicalSwitch}`);
  const trunk = trunks[0];
  const switchPorts = uuids(managementSwitch.ports);
  if (!trunk || !switchPorts.includes(uuids(trunk._uuid)[0] ?? '')) {
    throw missing(`trunk port ${trunkPort} on ${logicalSwitch}`, `ovn-nbctl lsp-add ${logicalSwitch} ${trunkPort}`);
  }
  const group = portGroups[0];
  if (!group) throw missing(`port group ${portGroup} with its ACLs`, `ovn-nbctl pg-add ${portGroup}`);
  return {
    switchUuid: uuids(managementSwitch._uuid)[0] ?? '',
    switchPorts,
    portGroupUuid: uuids(group._uuid)[0] ?? '',
    portGroupPorts: uuids(group.ports),
  };
}

/** Guards: a port that finds no switch would vanish in the same commit, without an error. */
export function expectInfrastructure(
  { switchUuid, portGroupUuid }: Infrastructure,
  { management }: Settings,
): Operation[] {
  return [
    expectRows('Logical_Switch', [['_uuid', '==', uuid(switchUuid)]], 'name', [management.logicalSwitch]),
    expectRows('Port_Group', [['_uuid', '==', uuid(portGroupUuid)]], 'name', [management.portGroup]),
    expectRows('Logical_Switch_Port', [['name', '==', management.trunkPort]], 'name', [management.trunkPort]),
  ];
}

const message = 'The management network of this site is not ready.';

const missing = (what: string, command: string): PluginError =>
  new PluginError(
    'not-found',
    message,
    `The northbound database has no ${what}. Create it (${command}; see the plugin's README), then retry.`,
  );
