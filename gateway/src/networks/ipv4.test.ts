import { expect, test } from 'vitest';
import { formatIpv4, isInside, overlap, parseCidr, parseIpv4 } from './ipv4.ts';
import { formatMac, parseMac } from './mac-address.ts';

test.each(['0.0.0.0', '10.1.2.3', '192.168.0.255', '255.255.255.255'])('reads and writes %s', (text) => {
  expect(formatIpv4(parseIpv4(text) ?? -1)).toBe(text);
});

test.each(['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.x', ' 1.2.3.4', '1.2.3.-4'])(
  'refuses %j as an address',
  (text) => expect(parseIpv4(text)).toBeUndefined(),
);

test.each(['10.0.0.0/8', '10.1.0.0/24', '10.1.0.7/32', '0.0.0.0/0'])('accepts the network %s', (text) => {
  expect(parseCidr(text)).toBeDefined();
});

test.each(['10.0.0.1/8', '10.1.0.0/33', '10.1.0.0', '10.1.0.0/', '10.1.0.0/24/1'])('refuses the network %s', (text) => {
  expect(parseCidr(text)).toBeUndefined();
});

test('tells what lies inside a network and which networks overlap', () => {
  const [one, other] = [parseCidr('10.1.0.0/24'), parseCidr('10.1.1.0/24')];
  if (!one || !other) throw new Error('Both are networks.');
  expect(isInside(one, parseIpv4('10.1.0.255') ?? 0)).toBe(true);
  expect(isInside(one, parseIpv4('10.1.1.0') ?? 0)).toBe(false);
  expect(overlap(one, other)).toBe(false);
  expect(overlap(one, { network: 0, broadcast: 2 ** 32 - 1, prefixLength: 0 })).toBe(true);
});

test('keeps to the range of MACs that may be set by hand', () => {
  expect(formatMac(0x200001)).toBe('00:50:56:20:00:01');
  expect(parseMac('00:50:56:3F:FF:FF')).toBe(0x3fffff);
  for (const foreign of ['00:50:56:40:00:00', '00:0c:29:20:00:01', '00:50:56:20:00', 'x']) {
    expect(parseMac(foreign)).toBeUndefined();
  }
  expect(() => formatMac(0x400000)).toThrow(RangeError);
});
