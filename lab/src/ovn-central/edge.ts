import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Capture } from './capture.ts';
import type { Daemons } from './daemons.ts';
import { arpRequest, dhcpDiscover, isArpReply, readDhcpOffer, type DhcpOffer } from './frames.ts';

export interface OvnEdgeOptions {
  /** Logical port of the trunk that the tenants' VLANs arrive on. */
  trunkPort: string;
  /** Router of the management network, which answers everybody who may ask. */
  gateway: string;
}

/** An edge host with a trunk into it, whose frames really pass through OVN. */
export interface OvnEdge {
  /** Sends a frame into the trunk and returns all that came out of it by the time it was dealt with. */
  exchange(frame: Buffer): Promise<Buffer[]>;
  /** What a DHCP client with this MAC is offered on this VLAN, or nothing. */
  lease(mac: string, vlanId: number): Promise<DhcpOffer | undefined>;
  /** Whether the management gateway answers who claims this MAC and address on this VLAN: the lock's verdict. */
  isAllowed(mac: string, ip: string, vlanId: number): Promise<boolean>;
  /** The edge no longer follows; what it has in its flows stays in force. */
  stopController(): Promise<void>;
  startController(): void;
}

interface Central {
  folder: string;
  daemons: Daemons;
  execute(program: string, args: readonly string[]): Promise<string>;
  southbound: string;
}

const schema = '/usr/share/openvswitch/vswitch.ovsschema';
/** A network of the edge's own with one client that OVN always answers: its answer marks the end of a capture. */
const mark = { port: 'edge-mark', interface: 'mark0', mac: '00:50:56:3f:fe:01', ip: '192.0.2.2', cidr: '192.0.2.0/24' };
const answerLimitMs = 10_000;

/**
 * Open vSwitch and ovn-controller as on an edge host, with Open vSwitch's own dummy interfaces instead of the kernel's:
 * flows, lock, DHCP and routing are OVN's, and frames go in and out without any privilege.
 */
export async function startOvnEdge(central: Central, { trunkPort, gateway }: OvnEdgeOptions): Promise<OvnEdge> {
  const { folder, daemons, execute } = central;
  const path = (name: string): string => join(folder, name);
  const database = `unix:${path('db.sock')}`;
  const vsctl = (...args: string[]) => execute('ovs-vsctl', [`--db=${database}`, '--timeout=10', ...args]);
  const startController = (): void => daemons.start('controller', 'ovn-controller', [database]);

  await execute('ovsdb-tool', ['create', path('conf.db'), schema]);
  daemons.start('conf', 'ovsdb-server', [
    path('conf.db'),
    `--remote=punix:${path('db.sock')}`,
    `--unixctl=${path('conf.ctl')}`,
  ]);
  await daemons.untilAnswers("Open vSwitch's database", () => vsctl('--no-wait', 'init'));
  daemons.start('vswitchd', 'ovs-vswitchd', [
    database,
    '--enable-dummy=override',
    '--disable-system',
    `--unixctl=${path('vswitchd.ctl')}`,
  ]);
  const identity = {
    'system-id': 'edge1',
    'ovn-remote': central.southbound,
    'ovn-encap-type': 'geneve',
    'ovn-encap-ip': '127.0.0.1',
    'ovn-bridge-datapath-type': 'dummy',
  };
  const bound = (name: string, port: string): string[][] => [
    ['add-port', 'br-int', name],
    ['set', 'Interface', name, `external_ids:iface-id=${port}`, `options:tx_pcap=${path(`${name}.pcap`)}`],
  ];
  const edge = [
    ['set', 'Open_vSwitch', '.', ...Object.entries(identity).map(([key, value]) => `external_ids:${key}=${value}`)],
    ['add-br', 'br-int'],
    ['set', 'Bridge', 'br-int', 'datapath_type=dummy', 'fail_mode=secure'],
    ...bound('trunk0', trunkPort),
    ...bound(mark.interface, mark.port),
  ];
  await vsctl(...oneTransaction(edge));
  await setUpMark(execute);
  startController();
  // Before an edge host is known, `--wait=hv` waits for nobody.
  for (const port of [trunkPort, mark.port])
    await execute('ovn-sbctl', ['--timeout=10', 'wait-until', 'Port_Binding', port, 'up=true']);
  await execute('ovn-nbctl', ['--timeout=10', '--wait=hv', 'sync']);

  const [trunk, marks] = [new Capture(path('trunk0.pcap')), new Capture(path(`${mark.interface}.pcap`))];
  const receive = (name: string, frame: Buffer): Promise<string> =>
    execute('ovs-appctl', ['-t', path('vswitchd.ctl'), 'netdev-dummy/receive', name, frame.toString('hex')]);
  let transaction = 0;
  let last: Promise<unknown> = Promise.resolve();
  /** Open vSwitch and the controller work in the order of arrival, so the mark's answer comes after the frame's. */
  const exchangeAlone = async (frame: Buffer): Promise<Buffer[]> => {
    await trunk.read();
    await receive('trunk0', frame);
    transaction += 1;
    await receive(mark.interface, dhcpDiscover({ mac: mark.mac }, transaction));
    for (const limit = Date.now() + answerLimitMs; ; await sleep(5)) {
      if ((await marks.read()).some((each) => readDhcpOffer(each, transaction))) return trunk.read();
      if (Date.now() > limit) throw new Error('The edge host does not answer its own mark: is ovn-controller running?');
    }
  };
  const exchange = (frame: Buffer): Promise<Buffer[]> => {
    const mine = last.then(() => exchangeAlone(frame));
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    exchange,
    async lease(mac, vlanId) {
      const ask = 0x10000 + Math.floor(Math.random() * 0x7fff0000);
      const frames = await exchange(dhcpDiscover({ mac, vlanId }, ask));
      return frames.map((frame) => readDhcpOffer(frame, ask)).find((offer) => offer !== undefined);
    },
    async isAllowed(mac, ip, vlanId) {
      const frames = await exchange(arpRequest({ mac, vlanId }, ip, gateway));
      return frames.some((frame) => isArpReply(frame, gateway, ip));
    },
    stopController: () => daemons.stop('controller'),
    startController,
  };
}

async function setUpMark(execute: Central['execute']): Promise<void> {
  const options = ['server_id="192.0.2.1"', 'server_mac="00:50:56:3f:fe:00"', 'lease_time="3600"'];
  const commands = [
    ['--timeout=10', 'ls-add', mark.port],
    ['lsp-add', mark.port, mark.port],
    ['lsp-set-addresses', mark.port, `${mark.mac} ${mark.ip}`],
    ['--id=@dhcp', 'create', 'DHCP_Options', `cidr=${mark.cidr}`, ...options.map((each) => `options:${each}`)],
    ['set', 'Logical_Switch_Port', mark.port, 'dhcpv4_options=@dhcp'],
  ];
  await execute('ovn-nbctl', oneTransaction(commands));
}

/** The commands of ovn-nbctl or ovs-vsctl, to be done together. */
function oneTransaction(commands: readonly (readonly string[])[]): string[] {
  return commands.flatMap((command, index) => (index === 0 ? command : ['--', ...command]));
}
