import { createHash } from 'node:crypto';
import {
  labClients,
  labOrganizations,
  labPassword,
  labPeople,
  type LabClient,
  type LabOrganization,
  type LabPerson,
  type LabRole,
} from '../identity/people.ts';

type Json = Record<string, unknown>;

/** The parts of a realm file that the demo adds to. */
export interface RealmFile extends Json {
  clients: readonly Json[];
  users: readonly Json[];
}

const roles: readonly LabRole[] = ['admin', 'operator', 'viewer', 'billing'];
const people: readonly LabPerson[] = labPeople;
const organizations: readonly LabOrganization[] = labOrganizations;
const clients: readonly LabClient[] = labClients;

/** The realm with the lab's organizations, people and machines, under the ids that the lab's catalogue names. */
export function demoRealm(realm: RealmFile): RealmFile {
  const added = clients.filter(({ clientId }) => !realm.clients.some((client) => client['clientId'] === clientId));
  return {
    ...realm,
    displayName: 'Disaster recovery (demo: published passwords, for development only)',
    clients: [...realm.clients.map(withPasswordGrant), ...added.map(clientEntry)],
    users: [...realm.users, ...people.map(personEntry), ...clients.flatMap(serviceAccountEntry)],
    organizations: organizations.map(organizationEntry),
  };
}

/** The lab's command line signs people in by a password; what the provider's own realm lets it do stays as it is. */
function withPasswordGrant(client: Json): Json {
  const known = clients.find(({ clientId }) => clientId === client['clientId']);
  return known?.grantTypes.includes('password') ? { ...client, directAccessGrantsEnabled: true } : client;
}

function clientEntry({ clientId, name, secret, grantTypes, redirectUris = [], serviceAccount }: LabClient): Json {
  return {
    clientId,
    name: `${name} (demo)`,
    publicClient: secret === undefined,
    ...(secret === undefined ? {} : { secret }),
    standardFlowEnabled: grantTypes.includes('authorization_code'),
    directAccessGrantsEnabled: grantTypes.includes('password'),
    serviceAccountsEnabled: serviceAccount !== undefined,
    fullScopeAllowed: false,
    redirectUris: redirectUris.map((uri) => `${uri}*`),
    ...(grantTypes.includes('authorization_code') ? { attributes: { 'pkce.code.challenge.method': 'S256' } } : {}),
    defaultClientScopes: serviceAccount
      ? ['basic', 'bulkhead-api', 'bulkhead-roles', 'bulkhead-grants']
      : ['basic', 'acr', 'profile', 'email', 'bulkhead-api', 'bulkhead-roles'],
    optionalClientScopes: serviceAccount ? [] : ['organization'],
  };
}

function personEntry({ id, username, givenName, familyName, providerRoles = [] }: LabPerson): Json {
  return {
    id,
    username,
    firstName: givenName,
    lastName: familyName,
    email: `${username}@lab.example`,
    emailVerified: true,
    enabled: true,
    credentials: [{ type: 'password', value: labPassword }],
    // Without it, the account console refuses people.
    realmRoles: ['default-roles-dr'],
    ...(providerRoles.length === 0 ? {} : { clientRoles: { 'bulkhead-api': providerRoles } }),
  };
}

function serviceAccountEntry({ clientId, serviceAccount }: LabClient): Json[] {
  if (!serviceAccount) return [];
  const { id, providerRoles, grants } = serviceAccount;
  return [
    {
      id,
      username: `service-account-${clientId}`,
      enabled: true,
      serviceAccountClientId: clientId,
      ...(providerRoles.length === 0 ? {} : { clientRoles: { 'bulkhead-api': providerRoles } }),
      attributes: { bulkhead_grants: grants },
    },
  ];
}

function organizationEntry({ identityId, alias, name }: LabOrganization): Json {
  const members = people.flatMap(({ username, roles: held }) => {
    const role = held?.[alias];
    return role ? [{ username, membershipType: 'UNMANAGED', groups: [groupId(identityId, role)] }] : [];
  });
  return {
    id: identityId,
    alias,
    name,
    enabled: true,
    groups: [
      {
        id: groupId(identityId, 'bulkhead'),
        name: 'bulkhead',
        path: '/bulkhead',
        subGroups: roles.map((role) => ({ id: groupId(identityId, role), name: role, path: `/bulkhead/${role}` })),
      },
    ],
    members,
  };
}

/** Members name their groups by id, so that the file has to say ids: always the same ones. */
function groupId(identityId: string, group: string): string {
  const hash = createHash('sha256').update(`${identityId}/${group}`).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}
