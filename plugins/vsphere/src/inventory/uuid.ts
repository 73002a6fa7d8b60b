import { createHash } from 'node:crypto';

/** Namespace of the identities that we give to machines; a constant of this plugin. */
const namespace = Buffer.from('6f1d3c1e7b0a5e58a1c39d1a4bb0c7d2', 'hex');

/** The instance UUID of a target's nested host: the same for the same target, always (RFC 9562, version 5). */
export function targetUuid(targetId: string): string {
  const hash = createHash('sha1').update(namespace).update(`target:${targetId}`).digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
