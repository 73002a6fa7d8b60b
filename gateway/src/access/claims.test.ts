import { expect, test } from 'vitest';
import { readPrincipal } from './claims.ts';
import { TokenError } from './errors.ts';
import type { Principal } from './principal.ts';
import { accessSettings, type AccessSettings, type AccessSettingsInput } from './settings.ts';

const acme = '3f52c6d1-8a4b-4e07-b1c9-6d7e0f2a5b18';
const globex = 'a41c9e07-2d6f-4b83-8c5a-0f1e7d3b9c42';

function settingsOf(input: Partial<AccessSettingsInput> = {}, issuer: object = {}): AccessSettings {
  return accessSettings.parse({
    issuers: [{ url: 'https://login.example.net/realms/dr', ...issuer }],
    clients: [
      { azp: 'portal', kind: 'PERSON', maxRole: 'admin', allowsProviderRoles: true },
      { azp: 'msp-console', kind: 'PERSON', maxRole: 'operator' },
      { azp: 'viewer-app', kind: 'PERSON', maxRole: 'viewer' },
      { azp: 'msp-machine', kind: 'MSP_CLIENT', maxRole: 'operator' },
      { azp: 'billing', kind: 'BILLING_CLIENT', maxRole: 'billing' },
    ],
    ...input,
  });
}

function read(payload: Record<string, unknown>, azp = 'portal', settings = settingsOf()): Principal {
  const [issuer] = settings.issuers;
  const client = settings.clients.find((candidate) => candidate.azp === azp);
  if (!issuer || !client) throw new Error(`The settings know no ${azp}.`);
  const token = {
    issuer,
    client,
    algorithm: 'RS256',
    keyId: 'k',
    subject: 'someone',
    issuedAt: 1,
    expiresAt: 301,
  } as const;
  return readPrincipal(payload, token, settings.claims);
}

const admin = ['/bulkhead/admin'];

const shapes: [name: string, organization: unknown, expected: string][] = [
  ['no claim', undefined, ''],
  ['an empty object', {}, ''],
  ['one organization', { acme: { id: acme, groups: admin } }, 'acme ADMIN'],
  [
    'two organizations, each with its own role',
    { acme: { id: acme, groups: ['/bulkhead/viewer'] }, globex: { id: globex, groups: admin } },
    'acme VIEWER, globex ADMIN',
  ],
  [
    'two roles in one',
    { acme: { id: acme, groups: ['/bulkhead/viewer', '/bulkhead/billing'] } },
    'acme VIEWER, acme BILLING',
  ],
  ['the same group twice', { acme: { id: acme, groups: [...admin, ...admin] } }, 'acme ADMIN'],
  ['no groups', { acme: { id: acme, groups: [] } }, ''],
  ['groups absent', { acme: { id: acme } }, ''],
  ['groups of others', { acme: { id: acme, groups: ['/staff', '/bulkhead', '/bulkhead/owner', 'admin'] } }, ''],
  ['a group below the role', { acme: { id: acme, groups: ['/bulkhead/admin/berlin'] } }, ''],
  ['a group named like an object member', { acme: { id: acme, groups: ['constructor', '__proto__'] } }, ''],
  ['a role that no token may carry', { acme: { id: acme, groups: ['/bulkhead/test-operator'] } }, ''],
  ['the id in another place than the alias', { 'acme-2': { id: acme, groups: admin } }, 'acme ADMIN'],
  ['roles that another mapper adds', { acme: { id: acme, groups: [], roles: ['admin'] } }, ''],

  ['a list of aliases', ['acme'], 'CLAIM_SHAPE'],
  ['an alias', 'acme', 'CLAIM_SHAPE'],
  ['null', null, 'CLAIM_SHAPE'],
  ['a list of objects, as after a refresh', [{ acme: { id: acme, groups: admin } }], 'CLAIM_SHAPE'],
  ['an organization that is a text', { acme }, 'CLAIM_SHAPE'],
  ['an organization without id', { acme: { groups: admin } }, 'CLAIM_SHAPE'],
  ['an id that is a list, as an attribute would be', { acme: { id: [acme], groups: admin } }, 'CLAIM_SHAPE'],
  ['an id with other characters', { acme: { id: `${acme}' or 1=1`, groups: admin } }, 'CLAIM_SHAPE'],
  ['groups that are a text', { acme: { id: acme, groups: '/bulkhead/admin' } }, 'CLAIM_SHAPE'],
  ['groups that are objects', { acme: { id: acme, groups: [{ name: 'admin' }] } }, 'CLAIM_SHAPE'],
  ['one good and one bad', { acme: { id: acme, groups: admin }, globex: {} }, 'CLAIM_SHAPE'],
];

test.each(shapes)('organizations: %s', (_name, organization, expected) => {
  expect(outcomeOf(() => read({ organization }))).toBe(expected);
});

function outcomeOf(work: () => Principal): string {
  try {
    const names: Record<string, string> = { [acme]: 'acme', [globex]: 'globex' };
    return work()
      .grants.map(({ identityId, role }) => `${names[identityId] ?? identityId} ${role}`)
      .join(', ');
  } catch (error) {
    if (error instanceof TokenError) return error.refusal;
    throw error;
  }
}

const grants: [name: string, claim: unknown, expected: string][] = [
  ['none', undefined, ''],
  ['one', [`${acme}:operator`], 'acme OPERATOR'],
  ['cut by what the client may', [`${acme}:admin`], 'acme OPERATOR'],
  [
    'a hundred',
    Array.from({ length: 100 }, () => `${acme}:viewer`),
    Array.from({ length: 100 }, () => 'acme VIEWER').join(', '),
  ],
  ['a hundred and one', Array.from({ length: 101 }, () => `${acme}:viewer`), 'CLAIM_SHAPE'],
  ['a text', `${acme}:operator`, 'CLAIM_SHAPE'],
  ['no role', [acme], 'CLAIM_SHAPE'],
  ['an unknown role', [`${acme}:owner`], 'CLAIM_SHAPE'],
  ['a role that no token may carry', [`${acme}:test-operator`], 'CLAIM_SHAPE'],
  ['a third part', [`${acme}:operator:x`], 'CLAIM_SHAPE'],
  ['a wildcard', ['*:operator'], 'CLAIM_SHAPE'],
  ['an inherited name', [`${acme}:constructor`], 'CLAIM_SHAPE'],
];

test.each(grants)('grants of a machine: %s', (_name, claim, expected) => {
  expect(outcomeOf(() => read({ bulkhead_grants: claim }, 'msp-machine'))).toBe(expected);
});

test('grants of a person count for nothing', () => {
  expect(read({ bulkhead_grants: [`${acme}:admin`] }).grants).toEqual([]);
});

test('organizations of a machine count for nothing', () => {
  expect(read({ organization: { acme: { id: acme, groups: admin } } }, 'msp-machine').grants).toEqual([]);
});

test('a billing client needs both its client role and its grants', () => {
  const role = { resource_access: { 'bulkhead-api': { roles: ['usage-reader'] } } };
  const grant = { bulkhead_grants: [`${acme}:billing`] };
  expect(outcomeOf(() => read({ ...role, ...grant }, 'billing'))).toBe('acme BILLING');
  expect(outcomeOf(() => read(grant, 'billing'))).toBe('');
  expect(outcomeOf(() => read(role, 'billing'))).toBe('');
  // Whatever its grants say, it stays a billing client.
  expect(outcomeOf(() => read({ ...role, bulkhead_grants: [`${acme}:admin`] }, 'billing'))).toBe('acme BILLING');
});

test('roles that flow together over organizations are never read', () => {
  // Keycloak flattens roles of organization groups: an admin of one looks like an admin everywhere.
  const principal = read({
    organization: { acme: { id: acme, groups: ['/bulkhead/viewer'] } },
    realm_access: { roles: ['admin', 'provider-admin'] },
    resource_access: { 'realm-management': { roles: ['realm-admin', 'provider-admin'] }, account: { roles: ['x'] } },
    groups: ['/bulkhead/admin', '/provider-admin'],
    roles: ['provider-admin'],
    scope: 'openid provider-admin admin',
    email: 'root@provider.example',
    preferred_username: 'service-account-bulkhead-api',
  });
  expect(principal.grants).toEqual([{ identityId: acme, role: 'VIEWER' }]);
  expect(principal.providerRoles).toEqual([]);
  expect(principal.kind).toBe('PERSON');
});

test('provider roles come from the client roles of the API alone, through a client that may', () => {
  const payload = { resource_access: { 'bulkhead-api': { roles: ['provider-operator', 'usage-reader', 'root'] } } };
  expect(read(payload).providerRoles).toEqual(['provider-operator']);
  expect(read(payload, 'msp-console').providerRoles).toEqual([]);
  expect(read(payload, 'msp-machine').providerRoles).toEqual([]);
});

test.each([
  ['a text', 'provider-admin'],
  ['a list', ['bulkhead-api']],
  ['null', null],
  ['roles as a text', { 'bulkhead-api': { roles: 'provider-admin' } }],
  ['no object', { 'bulkhead-api': ['provider-admin'] }],
])('client roles of another shape are refused: %s', (_name, access) => {
  expect(() => read({ resource_access: access })).toThrowError(expect.objectContaining({ refusal: 'CLAIM_SHAPE' }));
});

test('the client registry is a ceiling over every role', () => {
  const organization = { acme: { id: acme, groups: admin }, globex: { id: globex, groups: ['/bulkhead/billing'] } };
  expect(outcomeOf(() => read({ organization }, 'viewer-app'))).toBe('acme VIEWER, globex BILLING');
});

test('an issuer that is pinned speaks for its organizations and never for the provider', () => {
  const settings = settingsOf({}, { organizationsPinned: [acme] });
  const principal = read(
    {
      organization: { acme: { id: acme, groups: admin }, globex: { id: globex, groups: admin } },
      resource_access: { 'bulkhead-api': { roles: ['provider-admin'] } },
    },
    'portal',
    settings,
  );
  expect(principal.grants).toEqual([{ identityId: acme, role: 'ADMIN' }]);
  expect(principal.providerRoles).toEqual([]);
});

test('roles of the organization, and grants for people, can be chosen instead of groups', () => {
  const organization = { acme: { id: acme, groups: ['/bulkhead/viewer'], roles: ['admin', 'unknown'] } };
  const byRoles = settingsOf({ claims: { mode: 'roles' } });
  expect(outcomeOf(() => read({ organization }, 'portal', byRoles))).toBe('acme ADMIN');
  const byGrants = settingsOf({ claims: { mode: 'grants' } });
  const payload = { organization, bulkhead_grants: [`${globex}:viewer`] };
  expect(outcomeOf(() => read(payload, 'portal', byGrants))).toBe('globex VIEWER');
});

test('an impersonated session is recognised in whatever shape', () => {
  expect(read({ act: { sub: 'support-1' } }).impersonatedBy).toBe('support-1');
  for (const act of [{}, 'support', null, []]) expect(read({ act }).impersonatedBy).toBe('unknown');
  expect(read({}).impersonatedBy).toBeUndefined();
});

test('the time of the sign-in is kept, and nothing that only looks like one', () => {
  expect(read({ auth_time: 1000, acr: '1' }).authTime).toEqual(new Date(1_000_000));
  expect(read({ acr: '1' }).authTime).toBeUndefined();
  expect(() => read({ auth_time: 'now' })).toThrowError(expect.objectContaining({ refusal: 'CLAIM_SHAPE' }));
});

test.each([
  [{ name: 'Ada Acme', preferred_username: 'ada' }, 'Ada Acme'],
  [{ preferred_username: 'ada' }, 'ada'],
  [{ name: '   ' }, 'someone'],
  [{ name: 42 }, 'someone'],
  [{ name: 'A\u202Eda\u0000\n' }, 'Ada'],
  [{ name: 'x'.repeat(500) }, 'x'.repeat(200)],
])('%j is shown as %s', (payload, shown) => expect(read(payload).displayName).toBe(shown));
