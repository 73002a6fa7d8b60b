import { expect, test } from 'vitest';
import { subnetMask } from './ipv4.ts';

test.each([
  [32, '255.255.255.255'],
  [25, '255.255.255.128'],
  [24, '255.255.255.0'],
  [22, '255.255.252.0'],
  [16, '255.255.0.0'],
  [1, '128.0.0.0'],
  [0, '0.0.0.0'],
])('a prefix of %i is the mask %s', (prefixLength, mask) => {
  expect(subnetMask(prefixLength)).toBe(mask);
});
