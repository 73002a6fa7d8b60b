import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { applyCatalogue } from '@bulkhead/gateway';
import { gatewayCatalogue, labOrganizationId, organizationsOf, type DemoKeycloak } from '@bulkhead/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { openIdentityHouse, whoAmI, type IdentityHouse } from './test-support/identity-house.ts';
import { addKey, makePerson, makePortal, signInProvisioner, withdrawKey } from './test-support/realm-changes.ts';
import type { Workshop } from './workshop.ts';

// The gateway with a real Keycloak as its issuer, into which deploy/keycloak/realm-demo.json was imported. People sign in
// through Keycloak's login pages, machines through the SDK's own client credentials.

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

let house: IdentityHouse;
let keycloak: DemoKeycloak;
let workshop: Workshop;
let machine: IdentityHouse['machine'];
let order: IdentityHouse['order'];
let networksOf: IdentityHouse['networksOf'];
let answerTo: IdentityHouse['answerTo'];

beforeAll(async () => {
  house = await openIdentityHouse();
  ({ keycloak, workshop, machine, order, networksOf, answerTo } = house);
  console.log(`identity.real: ${keycloak.version}`);
}, 420_000);

afterAll(async () => {
  await house?.close();
}, 60_000);

describe('bulkhead check', () => {
  test('passes, and names the realm’s keys', async () => {
    const { code, said } = await check(workshop.files.configuration);
    expect(said).toMatch(new RegExp(`^ok +sign-in .* [1-9] keys at ${keycloak.issuer}$`, 'm'));
    expect(said).not.toMatch(/^FAIL/m);
    expect(code).toBe(0);
  });

  test('fails for a realm that this Keycloak has not', async () => {
    const text = await readFile(workshop.files.configuration, 'utf8');
    const wrong = join(dirname(workshop.files.configuration), 'wrong-realm.yaml');
    await writeFile(wrong, text.replaceAll(keycloak.issuer, keycloak.issuerOf('absent')));
    const { code, said } = await check(wrong);
    expect(said).toMatch(/^FAIL +sign-in /m);
    expect(code).toBe(1);
  });

  test('fails for a name that its tokens do not carry', async () => {
    const text = await readFile(workshop.files.configuration, 'utf8');
    const wrong = join(dirname(workshop.files.configuration), 'wrong-name.yaml');
    const alias = keycloak.issuer.replace('127.0.0.1', 'localhost');
    await writeFile(wrong, text.replaceAll(keycloak.issuer, alias));
    const { code, said } = await check(wrong);
    expect(said).toMatch(new RegExp(`^FAIL +sign-in .* ${alias} calls itself ${keycloak.issuer}$`, 'm'));
    expect(code).toBe(1);
  });
});

describe('people', () => {
  test('are who the realm says, with the roles of its groups', async () => {
    expect(await whoIs(await keycloak.token('ada'))).toEqual({
      displayName: 'Ada Acme',
      kind: 'PERSON',
      providerRoles: [],
      roles: { 'Acme GmbH': 'ADMIN' },
    });
    expect((await whoIs(await keycloak.token('nora'))).roles).toEqual({ 'Northwind MSP': 'OPERATOR' });
    expect(await whoIs(await keycloak.token('pat'))).toEqual({
      displayName: 'Pat Provider',
      kind: 'PERSON',
      providerRoles: ['provider-admin'],
      roles: {},
    });
  });

  test('are not let in with another password', async () => {
    await expect(keycloak.signIn('ada', { password: 'another' })).rejects.toThrow(/Invalid username or password/);
  });

  test('cannot give themselves grants', async () => {
    const account = `${keycloak.issuer}/account/`;
    const { accessToken } = await keycloak.signIn('vic', {
      clientId: 'account-console',
      redirectUri: account,
      scope: 'openid',
    });
    const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
    const profile = (await (await fetch(account, { headers })).json()) as { username: string; attributes?: object };
    expect(profile.username).toBe('vic');
    const write = (changes: object) =>
      fetch(account, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ ...profile, ...changes }),
      });
    expect((await write({ lastName: 'Acme-Umbra' })).status).toBe(204);
    const attributes = { ...profile.attributes, bulkhead_grants: [`${labOrganizationId('acme')}:admin`] };
    // Whether it says so or not, it must not be stored.
    await write({ lastName: 'Acme-Umbra', attributes });
    const [vic] = await keycloak.admin.get<{ lastName?: string; attributes?: object }[]>(
      '/dr/users?username=vic&exact=true',
    );
    expect(vic?.lastName).toBe('Acme-Umbra');
    expect(vic?.attributes ?? {}).not.toHaveProperty('bulkhead_grants');
  });
});

describe('one person, operator of one organization and viewer of another', () => {
  const both = { 'Acme GmbH': 'OPERATOR', 'Globex Corp': 'VIEWER' };

  beforeAll(async () => {
    await makePerson(keycloak.admin, 'olga');
    const organizations = organizationsOf(keycloak.admin, 'dr');
    await organizations.addMember(labOrganizationId('acme'), 'olga', 'operator');
    await organizations.addMember(labOrganizationId('globex'), 'olga', 'viewer');
  });

  // Who may order nowhere is refused; who may elsewhere finds nothing here.
  test.each([
    { scope: 'organization:*', roles: both, acme: 'ORDERED', globex: 'FORBIDDEN' },
    { scope: 'organization:acme', roles: { 'Acme GmbH': 'OPERATOR' }, acme: 'ORDERED', globex: 'NOT_FOUND' },
    { scope: 'organization:globex', roles: { 'Globex Corp': 'VIEWER' }, acme: 'FORBIDDEN', globex: 'FORBIDDEN' },
    // The login asks which organization is meant.
    { scope: 'organization', roles: { 'Globex Corp': 'VIEWER' }, acme: 'FORBIDDEN', globex: 'FORBIDDEN' },
    // One that she does not belong to: she is let in with nothing.
    { scope: 'organization:initech', roles: {}, acme: 'FORBIDDEN', globex: 'FORBIDDEN' },
    { scope: '', roles: {}, acme: 'FORBIDDEN', globex: 'FORBIDDEN' },
  ])('with the scope $scope she may no more than that', async ({ scope, roles, acme, globex }) => {
    const session = await keycloak.signIn('olga', { scope: `openid profile ${scope}`, organization: 'globex' });
    expect(await whoIs(session.accessToken)).toEqual({
      displayName: 'Olga Person',
      kind: 'PERSON',
      providerRoles: [],
      roles,
    });
    const olga = house.withToken(session.accessToken);
    expect(await order(olga, 'Acme GmbH')).toBe(acme);
    expect(await order(olga, 'Globex Corp')).toBe(globex);
    const seen = ['Acme GmbH', 'Globex Corp'].filter((name) => name in roles);
    expect(await networksOf(olga)).toEqual(seen);
  });

  test('loses an organization with the next token after she was removed from it', async () => {
    const session = await keycloak.signIn('olga');
    expect((await whoIs(session.accessToken)).roles).toEqual(both);
    await organizationsOf(keycloak.admin, 'dr').removeMember(labOrganizationId('acme'), 'olga');

    const renewed = await session.refresh();
    expect((await whoIs(renewed.accessToken)).roles).toEqual({ 'Globex Corp': 'VIEWER' });
    expect(await order(house.withToken(renewed.accessToken), 'Acme GmbH')).toBe('FORBIDDEN');
    expect(await networksOf(house.withToken(renewed.accessToken))).toEqual(['Globex Corp']);
    expect((await whoIs(await keycloak.token('olga'))).roles).toEqual({ 'Globex Corp': 'VIEWER' });
  });
});

describe('machines, through the SDK', () => {
  test('an MSP’s client acts in the organizations below its own', async () => {
    const northwind = machine('msp-northwind', 'lab-secret-msp-northwind');
    expect(await whoAmI(northwind)).toMatchObject({ kind: 'MSP_CLIENT', providerRoles: [] });
    expect((await whoAmI(northwind)).roles).toEqual({ 'Northwind MSP': 'OPERATOR' });
    expect(await networksOf(northwind)).toEqual(['Acme GmbH', 'Globex Corp']);
    expect(await order(northwind, 'Globex Corp')).toBe('ORDERED');
    expect(await order(northwind, 'Initech Ltd')).toBe('NOT_FOUND');
  });

  test('a billing client reads what it was granted, and orders nothing', async () => {
    const contoso = machine('billing-contoso', 'lab-secret-billing-contoso');
    expect(await whoAmI(contoso)).toMatchObject({ kind: 'BILLING_CLIENT', providerRoles: [] });
    expect((await whoAmI(contoso)).roles).toEqual({ 'Contoso MSP': 'BILLING' });
    expect(await order(contoso, 'Initech Ltd')).toBe('FORBIDDEN');
  });

  test('a wrong secret gets no token', async () => {
    await expect(machine('msp-northwind', 'guessed').me()).rejects.toThrow(/401/);
  });
});

describe('a new customer', () => {
  test('is made by the provisioner’s calls, and known to the gateway once the catalogue names its id', async () => {
    const provisioner = await signInProvisioner(keycloak);
    const organizations = organizationsOf(provisioner, 'dr');
    const identityId = await organizations.ensure({ name: 'Umbra AG', alias: 'umbra', key: 'customer-4711' });
    await makePerson(provisioner, 'uma');
    await organizations.addMember(identityId, 'uma', 'admin');
    // A provisioning that was cut off is tried again.
    expect(await organizations.ensure({ name: 'Umbra AG', alias: 'umbra', key: 'customer-4711' })).toBe(identityId);
    // In Keycloak, and not yet with us: membership alone is no evidence.
    expect((await whoIs(await keycloak.token('uma'))).roles).toEqual({});

    const catalogue = gatewayCatalogue(workshop.lab);
    const umbra = { key: 'umbra', name: 'Umbra AG', kind: 'TENANT' as const, parent: 'contoso-msp', identityId };
    const file = join(dirname(workshop.files.catalogue), 'with-umbra.yaml');
    await writeFile(file, stringify({ ...catalogue, organizations: [...catalogue.organizations, umbra] }));
    const { gateway, configuration } = workshop;
    const applied = await applyCatalogue(gateway.database, configuration, file, {
      dryRun: false,
      log: () => undefined,
    });
    expect(applied).toEqual({ created: 1, changed: 0, isApplied: true });

    const uma = house.withToken(await keycloak.token('uma'));
    expect((await whoAmI(uma)).roles).toEqual({ 'Umbra AG': 'ADMIN' });
    expect((await uma.listOrganizations({}).toArray({ limit: 10 })).map(({ name }) => name)).toEqual(['Umbra AG']);
    const cora = house.withToken(await keycloak.token('cora'));
    expect((await cora.listOrganizations({}).toArray({ limit: 10 })).map(({ name }) => name)).toContain('Umbra AG');
  });

  test('gets a billing client whose grants only its provider can write', async () => {
    const provisioner = await signInProvisioner(keycloak);
    const clientId = 'billing-initech';
    const id = await provisioner.post('/dr/clients', {
      clientId,
      publicClient: false,
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
      fullScopeAllowed: false,
      defaultClientScopes: ['basic', 'bulkhead-api', 'bulkhead-roles', 'bulkhead-grants'],
      optionalClientScopes: [],
    });
    const user = await provisioner.get<{ id: string }>(`/dr/clients/${id}/service-account-user`);
    const grants = [`${labOrganizationId('initech')}:billing`];
    await provisioner.put(`/dr/users/${user.id}`, { ...user, attributes: { bulkhead_grants: grants } });
    // What may not be written is answered with success all the same: only reading tells.
    const written = await provisioner.get<{ attributes?: object }>(`/dr/users/${user.id}`);
    expect(written.attributes).toEqual({ bulkhead_grants: grants });
    const [api] = await provisioner.get<{ id: string }[]>('/dr/clients?clientId=bulkhead-api');
    const role = await provisioner.get(`/dr/clients/${api?.id}/roles/usage-reader`);
    await provisioner.post(`/dr/users/${user.id}/role-mappings/clients/${api?.id}`, [role]);
    const { value } = await provisioner.get<{ value: string }>(`/dr/clients/${id}/client-secret`);

    // A client that is not in the gateway's registry is nobody there, whatever Keycloak grants it.
    await expect(machine(clientId, value).me()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(claimsOf(await machineToken(clientId, value))).toMatchObject({
      aud: 'bulkhead-api',
      bulkhead_grants: grants,
    });
  });
});

describe('refused', () => {
  test('every kind of token but the access token', async () => {
    const session = await keycloak.signIn('ada');
    expect(await answerTo(session.accessToken)).toBe('accepted');
    expect(await answerTo(session.idToken)).toBe('UNAUTHENTICATED');
    expect(await answerTo(session.refreshToken)).toBe('UNAUTHENTICATED');
  });

  test('a token that was changed, in any of its parts', async () => {
    const token = await keycloak.token('vic');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = Buffer.from(payload, 'base64url').toString();
    expect(claims).toContain('/bulkhead/viewer');
    const risen = Buffer.from(claims.replace('/bulkhead/viewer', '/bulkhead/admin')).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect(await answerTo(`${header}.${risen}.${signature}`)).toBe('UNAUTHENTICATED');
    expect(await answerTo(`${header}.${payload}.${other}`)).toBe('UNAUTHENTICATED');
    expect(await answerTo(`${unsigned}.${risen}.`)).toBe('UNAUTHENTICATED');
    expect(await answerTo(token)).toBe('accepted');
  });

  test('a token of another realm of the same Keycloak', async () => {
    const file = await readFile(join(root, 'deploy/keycloak/realm.json'), 'utf8');
    const text = file.replaceAll(/\$\{BULKHEAD_PORTAL_URL:[^}]*\}/g, 'http://127.0.0.1');
    await keycloak.admin.post('', { ...(JSON.parse(text) as object), realm: 'other' });
    await makePerson(keycloak.admin, 'mallory', 'other');
    const { accessToken } = await keycloak.signIn('mallory', { issuer: keycloak.issuerOf('other') });
    expect(claimsOf(accessToken)).toMatchObject({ aud: 'bulkhead-api', azp: 'bulkhead-portal', typ: 'Bearer' });
    expect(await answerTo(accessToken)).toBe('UNAUTHENTICATED');
  });

  test('a token for another audience, of an unknown client, and an expired one', async () => {
    const reporting = await makePortal(keycloak, 'reporting');
    const enter = async (clientId: string) => (await keycloak.signIn('ada', { clientId })).accessToken;
    expect(await answerTo(await enter('reporting'))).toBe('accepted');

    await makePortal(keycloak, 'not-registered');
    expect(await answerTo(await enter('not-registered'))).toBe('UNAUTHENTICATED');

    const scopes = await keycloak.admin.get<{ id: string; name: string }[]>('/dr/client-scopes');
    const audience = `/dr/clients/${reporting}/default-client-scopes/${scopes.find(({ name }) => name === 'bulkhead-api')?.id}`;
    await keycloak.admin.delete(audience);
    expect(await answerTo(await enter('reporting'))).toBe('UNAUTHENTICATED');
    await keycloak.admin.put(audience, {});

    const client = await keycloak.admin.get<{ attributes?: object }>(`/dr/clients/${reporting}`);
    const attributes = { ...client.attributes, 'access.token.lifespan': '2' };
    await keycloak.admin.put(`/dr/clients/${reporting}`, { ...client, attributes });
    const short = await enter('reporting');
    await expect.poll(() => answerTo(short), { timeout: 30_000, interval: 500 }).toBe('UNAUTHENTICATED, expired');
  });
});

// Last: the realm's keys are others afterwards.
test('keys that are rotated in Keycloak are followed without a restart, and a withdrawn one is forgotten', async () => {
  const [old, unseen] = [await keycloak.token('ada'), await keycloak.token('ada')];
  expect(await answerTo(old)).toBe('accepted');
  await addKey(keycloak, 200);
  const rotated = await keycloak.token('ada');
  expect(keyOf(rotated)).not.toBe(keyOf(old));
  await expect.poll(() => answerTo(rotated), { timeout: 30_000, interval: 500 }).toBe('accepted');
  // Passive now: what it signed is good until it expires.
  expect(await answerTo(old)).toBe('accepted');

  await withdrawKey(keycloak, keyOf(old));
  await addKey(keycloak, 300);
  const again = await keycloak.token('ada');
  expect([keyOf(old), keyOf(rotated)]).not.toContain(keyOf(again));
  await expect.poll(() => answerTo(again), { timeout: 30_000, interval: 500 }).toBe('accepted');
  // The keys were fetched anew for that, and this token was never looked at before.
  expect(await answerTo(unseen)).toBe('UNAUTHENTICATED');
});

async function check(file: string): Promise<{ code: number; said: string }> {
  const command = ['--import', './tools/source.mjs', 'gateway/src/cli.ts', 'check', '--config', file];
  return run(process.execPath, command, { cwd: root }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );
}

async function machineToken(clientId: string, secret: string): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
  const response = await fetch(keycloak.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}

const whoIs = (token: string) => whoAmI(house.withToken(token));

const partOf = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>;
const claimsOf = (token: string) => partOf(token, 1);
const keyOf = (token: string) => String(partOf(token, 0)['kid']);
