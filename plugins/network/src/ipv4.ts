/** An IPv4 network: `address` is its first one. */
export interface Network {
  address: number;
  prefixLength: number;
}

/** The number of an address in dotted form, strictly four decimal parts without leading zeros. */
export function readAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** A CIDR text; undefined when malformed or when bits beyond the prefix are set. */
export function readNetwork(text: string): Network | undefined {
  const [base = '', length = '', ...rest] = text.split('/');
  const address = readAddress(base);
  if (address === undefined || rest.length > 0 || !/^(\d|[12]\d|3[0-2])$/.test(length)) return undefined;
  const network = { address, prefixLength: Number(length) };
  return address % sizeOf(network) === 0 ? network : undefined;
}

export const sizeOf = ({ prefixLength }: Network): number => 2 ** (32 - prefixLength);

export const contains = (network: Network, address: number): boolean =>
  address >= network.address && address < network.address + sizeOf(network);

export const covers = (outer: Network, inner: Network): boolean =>
  outer.prefixLength <= inner.prefixLength && contains(outer, inner.address);

export const overlaps = (a: Network, b: Network): boolean => covers(a, b) || covers(b, a);

/** Whether a host may have this address: the first and the last of a network are not for hosts. */
export function isHostAddress(network: Network, address: number): boolean {
  if (!contains(network, address)) return false;
  if (network.prefixLength >= 31) return true;
  return address !== network.address && address !== network.address + sizeOf(network) - 1;
}

export const printAddress = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
