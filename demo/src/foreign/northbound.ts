import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { byContent, startOvnCentral, type DatabaseDump, type Lab, type OvnCentral, type OvnEdge } from '@bulkhead/lab';

/** OVN as the distribution packages it, its management network set up as the network plugin's README tells the provider. */
export interface Northbound {
  central: OvnCentral;
  /** The edge host that the tenants' VLANs arrive at. */
  edge: OvnEdge;
}

/** A target's port, as OVN's own clients read it from both databases. */
export interface SeenLock {
  addresses: string;
  portSecurity: string;
  tag: string;
  trunk: string;
  dhcp: Record<string, string>;
  /** Port groups that it is in. */
  groups: string[];
  /** Southbound: what the edge was told, by whom it is held, and whether it is there. */
  realized: { portSecurity: string; chassis: string; isUp: boolean };
}

export async function startNorthbound({ block }: Lab): Promise<Northbound> {
  const central = await startOvnCentral();
  try {
    const infrastructure = [block.vcenter, block.nfs].map((address) => `"${address}/32"`).join(',');
    for (const command of await readmeCommands())
      await central.shell(
        command
          .replaceAll('10.66.0.', block.managementCidr.replace(/0\/24$/, ''))
          .replaceAll('"10.10.0.0/28"', infrastructure),
      );
    const edge = await central.startEdge({ trunkPort: 'edge1-trunk', gateway: block.managementGateway });
    return { central, edge };
  } catch (error) {
    await central.stop();
    throw error;
  }
}

async function readmeCommands(): Promise<string[]> {
  const manifest = fileURLToPath(import.meta.resolve('@bulkhead/plugin-network/package.json'));
  const readme = await readFile(manifest.replace(/package\.json$/, 'README.md'), 'utf8');
  const commands = readme.split('\n').filter((line) => line.startsWith('ovn-nbctl'));
  if (commands.length === 0) throw new Error('The network plugin’s README has no set-up commands.');
  return commands;
}

/** Reads a port with `ovn-nbctl` and `ovn-sbctl`. Fails when there is none of this name. */
export async function readLock({ central }: Northbound, port: string): Promise<SeenLock> {
  const read = async (command: string): Promise<string> => (await central.shell(command)).trim();
  const column = (name: string): Promise<string> => read(`ovn-nbctl get Logical_Switch_Port ${port} ${name}`);
  const uuid = await column('_uuid');
  const dhcp = await read(`ovn-nbctl dhcp-options-get-options ${await column('dhcpv4_options')}`);
  const bound = (name: string): Promise<string> =>
    read(`ovn-sbctl --bare --columns=${name} find Port_Binding logical_port=${port}`);
  return {
    addresses: await column('addresses'),
    portSecurity: await column('port_security'),
    tag: await column('tag'),
    trunk: await column('parent_name'),
    dhcp: Object.fromEntries(dhcp.split('\n').map((line) => line.split('='))),
    groups: (await read(`ovn-nbctl --bare --columns=name find Port_Group 'ports{>=}${uuid}'`)).split('\n'),
    realized: {
      portSecurity: await bound('port_security'),
      chassis: await read(`ovn-sbctl --bare --columns=name list Chassis ${await bound('chassis')}`),
      isUp: (await bound('up')) === 'true',
    },
  };
}

/** All that both databases hold, so that two moments can be compared whole. */
export interface BothDatabases {
  /** Row for row, with the rows' identities: nothing was even replaced. */
  northbound: DatabaseDump;
  /** northd's work, made anew as it sees fit: by content. */
  southbound: Record<string, string[]>;
}

export async function dumpBoth({ central }: Northbound): Promise<BothDatabases> {
  // What the edge host still has to follow is no difference that lasts.
  await central.shell('ovn-nbctl --timeout=10 --wait=hv sync');
  return {
    northbound: await central.dump('OVN_Northbound'),
    southbound: byContent(await central.dump('OVN_Southbound')),
  };
}
