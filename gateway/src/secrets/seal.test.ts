import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { newPassword } from './password.ts';
import { createSealer } from './seal.ts';

const owner = { tenantId: 'org_acme', ownerId: 'rt_1', kind: 'ROOT' };

test('opens what it sealed, and never writes the secret or the same text twice', () => {
  const sealer = createSealer(randomBytes(32));
  const sealed = sealer.seal('canary secret', owner);
  expect(sealer.open(sealed, owner)).toBe('canary secret');
  expect(sealed).not.toContain('canary');
  expect(sealer.seal('canary secret', owner)).not.toBe(sealed);
});

test.each([
  ['another tenant', { ...owner, tenantId: 'org_globex' }],
  ['another target', { ...owner, ownerId: 'rt_2' }],
  ['another kind', { ...owner, kind: 'REPLICATION' }],
])('refuses a secret that was moved to %s', (_, other) => {
  const sealer = createSealer(randomBytes(32));
  expect(() => sealer.open(sealer.seal('canary', owner), other)).toThrow(/does not open/);
});

test('refuses every changed character', () => {
  const sealer = createSealer(randomBytes(32));
  const sealed = sealer.seal('canary', owner);
  for (let index = 0; index < sealed.length; index += 1) {
    // The last character of each base64url part carries bits that decoding drops; those alone may change unseen.
    if (sealed[index + 1] === '.' || index === sealed.length - 1 || sealed[index] === '.') continue;
    const changed = `${sealed.slice(0, index)}${sealed[index] === 'A' ? 'B' : 'A'}${sealed.slice(index + 1)}`;
    expect(() => sealer.open(changed, owner), `character ${index}`).toThrow();
  }
});

test('names the master key that is missing, and refuses a short one', () => {
  const sealed = createSealer(randomBytes(32)).seal('canary', owner);
  expect(() => createSealer(randomBytes(32)).open(sealed, owner)).toThrow(/another master key/);
  expect(() => createSealer(randomBytes(16))).toThrow(/32 bytes/);
});

test('makes passwords with every class of characters that differ each time', () => {
  const made = Array.from({ length: 200 }, () => newPassword());
  expect(new Set(made).size).toBe(200);
  for (const password of made) {
    expect(password).toHaveLength(24);
    for (const part of [/[A-Z]/, /[a-z]/, /[2-9]/, /[-_.+=]/]) expect(password).toMatch(part);
  }
});
