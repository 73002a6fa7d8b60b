import type { LabClient, LabOrganization, LabPerson } from './people.ts';

/** Who and what one realm knows. */
export interface RealmDirectory {
  organizations: readonly LabOrganization[];
  people: readonly LabPerson[];
  clients: readonly LabClient[];
}

export function findPerson(directory: RealmDirectory, key: string): LabPerson | undefined {
  return directory.people.find((person) => person.username === key || person.id === key);
}

/** Every scope that a client of this realm may ask for; Keycloak's `organization` scope has one form per alias. */
export function scopesOf(directory: RealmDirectory): string[] {
  const perAlias = directory.organizations.map((organization) => `organization:${organization.alias}`);
  return ['openid', 'profile', 'email', 'organization', 'organization:*', ...perAlias];
}

/** The claims about a person beside the token's own, as Keycloak's mappers write them for the granted scopes. */
export function personClaims(
  directory: RealmDirectory,
  person: LabPerson,
  scopes: ReadonlySet<string>,
): Record<string, unknown> {
  return {
    ...(person.providerRoles?.length ? { resource_access: { 'bulkhead-api': { roles: person.providerRoles } } } : {}),
    ...organizationClaim(directory, person, scopes),
    ...profileClaims(person, scopes),
  };
}

export function profileClaims(person: LabPerson, scopes: ReadonlySet<string>): Record<string, unknown> {
  return {
    ...(scopes.has('profile')
      ? {
          name: `${person.givenName} ${person.familyName}`,
          preferred_username: person.username,
          given_name: person.givenName,
          family_name: person.familyName,
        }
      : {}),
    ...(scopes.has('email') ? { email: `${person.username}@lab.example`, email_verified: true } : {}),
  };
}

/** A service account's claims: its client role and its grants, and the empty `organization` that Keycloak sends. */
export function serviceAccountClaims(client: LabClient): Record<string, unknown> {
  const account = client.serviceAccount;
  if (!account) return {};
  return {
    sub: account.id,
    preferred_username: `service-account-${client.clientId}`,
    organization: {},
    ...(account.providerRoles.length > 0
      ? { resource_access: { 'bulkhead-api': { roles: account.providerRoles } } }
      : {}),
    ...(account.grants.length > 0 ? { bulkhead_grants: account.grants } : {}),
  };
}

function organizationClaim(
  directory: RealmDirectory,
  person: LabPerson,
  scopes: ReadonlySet<string>,
): Record<string, unknown> {
  const entries = Object.entries(person.roles ?? {}).flatMap(([alias, role]) => {
    const organization = directory.organizations.find((candidate) => candidate.alias === alias);
    return organization ? ([[alias, { id: organization.identityId, groups: [`/bulkhead/${role}`] }]] as const) : [];
  });
  const chosen = entries.filter(([alias]) => {
    if (scopes.has('organization:*') || scopes.has(`organization:${alias}`)) return true;
    // Without a prompt, plain `organization` names the only one or, with several, none.
    return scopes.has('organization') && entries.length === 1;
  });
  return chosen.length > 0 ? { organization: Object.fromEntries(chosen) } : {};
}
