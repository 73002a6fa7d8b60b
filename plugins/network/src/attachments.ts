import type { NetworkAttachment } from '@bulkhead/plugin-sdk';
import { requireVlan } from './address.ts';

/**
 * The port group of a VLAN, by the provider's naming. Whether the distributed switch has it is for the compute plugin
 * to see: OVN does not know the customers' VLANs.
 */
export function attachmentOf(pattern: string, vlanId: number): NetworkAttachment {
  requireVlan(vlanId);
  return { portGroup: pattern.replaceAll('{vlan}', String(vlanId)), vlanId };
}
