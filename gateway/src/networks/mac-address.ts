/** VMware's range for MACs that are set by hand: the fourth octet must not exceed `3f`. */
const prefix = '00:50:56:';
const highest = 0x3fffff;

/** The three lower octets as a MAC in VMware's manual range: `0x200001` is `00:50:56:20:00:01`. */
export function formatMac(lower: number): string {
  if (!Number.isInteger(lower) || lower < 0 || lower > highest) {
    throw new RangeError(`${lower} is outside the range of MAC addresses that may be set by hand.`);
  }
  const hex = lower.toString(16).padStart(6, '0');
  return `${prefix}${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}

/** The three lower octets of a MAC in VMware's manual range; undefined for any other. */
export function parseMac(text: string): number | undefined {
  const mac = text.toLowerCase();
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) || !mac.startsWith(prefix)) return undefined;
  const lower = Number.parseInt(mac.slice(prefix.length).replaceAll(':', ''), 16);
  return lower <= highest ? lower : undefined;
}
