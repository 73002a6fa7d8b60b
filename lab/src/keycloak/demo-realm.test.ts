import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { demoRealm, type RealmFile } from './demo-realm.ts';

const folder = new URL('../../../deploy/keycloak/', import.meta.url);
// Both files are ours; each test looks at what it is about.
const read = async (name: string) => JSON.parse(await readFile(new URL(name, folder), 'utf8')) as RealmFile;

test('deploy/keycloak/realm-demo.json is what is printed from the realm and the lab’s people', async () => {
  // Print it with `npx -y pnpm@12 generate`.
  expect(await read('realm-demo.json')).toEqual(JSON.parse(JSON.stringify(demoRealm(await read('realm.json')))));
});

test('the provider’s realm brings no people, no organization, no secret and no password', async () => {
  const realm = await read('realm.json');
  expect(realm['organizations']).toBeUndefined();
  expect(realm.users.map(({ username }) => username)).toEqual(['service-account-bulkhead-provisioner']);
  expect(JSON.stringify(realm)).not.toMatch(/"(secret|credentials|password|value)":/);
  expect(realm.clients.filter(({ directAccessGrantsEnabled }) => directAccessGrantsEnabled)).toEqual([]);
});

test('every client of the provider’s realm takes only the roles that are mapped to it', async () => {
  const { clients } = await read('realm.json');
  // Keycloak's own console needs whatever its administrator has, and reads it in a lightweight token.
  const full = clients.filter(({ fullScopeAllowed }) => fullScopeAllowed !== false);
  expect(full.map(({ clientId }) => clientId)).toEqual(['security-admin-console']);
});
