/** An IPv4 network; addresses are numbers, so that ranges are counted and compared. */
export interface Ipv4Network {
  network: number;
  broadcast: number;
  prefixLength: number;
}

export function parseIpv4(text: string): number | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let value = 0;
  for (const octet of octets) {
    // No leading zeros: some parsers read them as octal, and then one text is two addresses.
    if (!/^(0|[1-9]\d{0,2})$/.test(octet)) return undefined;
    const number = Number(octet);
    if (number > 255) return undefined;
    value = value * 256 + number;
  }
  return value;
}

export function formatIpv4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

/** Only the network's own address is accepted: `10.0.0.0/24`, not `10.0.0.7/24`. */
export function parseCidr(text: string): Ipv4Network | undefined {
  const [address, length, ...rest] = text.split('/');
  if (address === undefined || length === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length)) return undefined;
  const network = parseIpv4(address);
  const prefixLength = Number(length);
  if (network === undefined || prefixLength > 32) return undefined;
  const size = 2 ** (32 - prefixLength);
  if (network % size !== 0) return undefined;
  return { network, broadcast: network + size - 1, prefixLength };
}

export function isInside(network: Ipv4Network, address: number): boolean {
  return address >= network.network && address <= network.broadcast;
}

export function overlap(one: Ipv4Network, other: Ipv4Network): boolean {
  return one.network <= other.broadcast && other.network <= one.broadcast;
}
