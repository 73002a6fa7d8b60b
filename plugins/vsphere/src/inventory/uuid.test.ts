import { expect, test } from 'vitest';
import { targetUuid } from './uuid.ts';

test('a target has one UUID of version 5, for ever', () => {
  expect(targetUuid('01jtarget')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(targetUuid('01jtarget')).toBe(targetUuid('01jtarget'));
  expect(targetUuid('01jtarget')).not.toBe(targetUuid('01jtargeu'));
  // Hosts in the field were made with it: it must not change with a release.
  expect(targetUuid('01jtarget')).toBe('22d67440-b149-5dea-83d6-ae7d9e3c0d88');
});
