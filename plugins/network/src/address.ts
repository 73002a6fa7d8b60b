import { PluginError, type LockedAddress } from '@bulkhead/plugin-sdk';
import { isHostAddress, readAddress, readNetwork } from './ipv4.ts';

/** VMware's range for MACs set by hand: beyond 3f the block belongs to vCenter and to hosts. */
const manualMac = /^00:50:56:[0-3][0-9a-f](:[0-9a-f]{2}){2}$/;

/**
 * Checks what is to be locked; OVN itself takes any text. The MAC comes back in lower case.
 * @throws PluginError `invalid`
 */
export function requireLockable(address: LockedAddress): LockedAddress {
  const { targetId, ip, cidr, vlanId, generation } = address;
  const mac = address.mac.toLowerCase();
  requireKey(targetId, 'targetId');
  if (!manualMac.test(mac)) throw invalid(`MAC "${address.mac}" is not within 00:50:56:00:00:00 to 00:50:56:3f:ff:ff.`);
  const network = readNetwork(cidr);
  const host = readAddress(ip);
  if (!network) throw invalid(`"${cidr}" is not a network in CIDR form.`);
  if (host === undefined || !isHostAddress(network, host)) throw invalid(`"${ip}" is not a host address of ${cidr}.`);
  requireVlan(vlanId);
  requireGeneration(generation);
  return { ...address, mac };
}

export function requireVlan(vlanId: number): void {
  if (!Number.isInteger(vlanId) || vlanId < 1 || vlanId > 4094)
    throw invalid(`VLAN ${vlanId} is not within 1 to 4094.`);
}

export function requireGeneration(generation: number): void {
  if (!Number.isSafeInteger(generation) || generation < 0)
    throw invalid(`Generation ${generation} is not a counting number.`);
}

/** Ids become part of names in the backend. */
export function requireKey(key: string, what: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(key)) throw invalid(`${what} "${key}" cannot be part of a name.`);
}

const invalid = (detail: string): PluginError =>
  new PluginError('invalid', 'The address cannot be used for a replication target.', detail);
