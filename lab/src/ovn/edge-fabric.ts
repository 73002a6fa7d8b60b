import type { DhcpLease, Fabric } from '../fabric.ts';
import type { Row } from './database.ts';
import type { Realized } from './northd.ts';

const texts = (row: Row, column: string): string[] => (row.columns[column] ?? []).map(([atom]) => String(atom));
const optionsOf = (row: Row): Map<string, string> =>
  new Map((row.columns.options ?? []).map(([key, value]) => [String(key), String(value)]));

/** What the edge does with frames of the tenants' VLANs, which reach it through `trunk`. */
export function edgeFabric(trunk: string, realized: () => Realized): Fabric {
  const portsOn = (vlanId: number): Row[] =>
    realized().ports.filter(
      (port) =>
        texts(port, 'parent_name')[0] === trunk &&
        // northd writes `tag` only after the row that was carried over
        [...texts(port, 'tag_request'), ...texts(port, 'tag')].includes(String(vlanId)) &&
        texts(port, 'enabled')[0] !== 'false',
    );
  return {
    lease(mac, vlanId) {
      for (const port of portsOn(vlanId)) {
        const address = texts(port, 'addresses')
          .map((element) => element.trim().split(/\s+/))
          .find(([each]) => each?.toLowerCase() === mac.toLowerCase());
        const row = realized().dhcpOptions.get(texts(port, 'dhcpv4_options')[0] ?? '');
        const ip = address?.[1];
        const lease = row && ip !== undefined ? leaseOf(row, ip) : undefined;
        if (lease) return lease;
      }
      return undefined;
    },
    isAllowed: (mac, ip, vlanId) =>
      portsOn(vlanId).some((port) => {
        const elements = texts(port, 'port_security');
        return elements.length === 0 || elements.some((element) => admits(element, mac, ip));
      }),
  };
}

/** OVN answers no DHCP client when one of the three is missing; only northd's log says so. */
function leaseOf(row: Row, ip: string): DhcpLease | undefined {
  const options = optionsOf(row);
  if (!['server_id', 'server_mac', 'lease_time'].every((name) => options.has(name))) return undefined;
  const prefixLength = Number(texts(row, 'cidr')[0]?.split('/')[1]);
  const router = options.get('router');
  return { ip, prefixLength, ...(router === undefined ? {} : { router }) };
}

/** One element of port_security: a MAC, and the addresses that it may use; a MAC alone leaves them free. */
function admits(element: string, mac: string, ip: string): boolean {
  const [allowed, ...addresses] = element.trim().split(/\s+/);
  if (allowed?.toLowerCase() !== mac.toLowerCase()) return false;
  return addresses.length === 0 || addresses.some((each) => contains(each, ip));
}

function contains(network: string, ip: string): boolean {
  const [base = '', length = '32'] = network.split('/');
  const size = 2 ** (32 - Number(length));
  const numberOf = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  // With a mask the element still names one host, unless its host bits are zero.
  if (numberOf(base) % size !== 0) return base === ip;
  return Math.floor(numberOf(base) / size) === Math.floor(numberOf(ip) / size);
}
