/**
 * What a person or machine may be in an organization. `TEST_OPERATOR` is never granted by a token: it only arises where
 * a delegation edge lets the organization above do test failovers and nothing more.
 */
export const organizationRoles = ['ADMIN', 'OPERATOR', 'TEST_OPERATOR', 'VIEWER', 'BILLING'] as const;
export type OrganizationRole = (typeof organizationRoles)[number];

/** The roles that a token can carry, by the word that Keycloak's groups and grants use for them. */
export const tokenRoles = {
  admin: 'ADMIN',
  operator: 'OPERATOR',
  viewer: 'VIEWER',
  billing: 'BILLING',
} as const satisfies Record<string, OrganizationRole>;

/** Client roles of the API's own client in Keycloak. They hold everywhere, whatever the organization. */
export const providerRoles = ['provider-admin', 'provider-operator', 'provider-auditor'] as const;
export type ProviderRole = (typeof providerRoles)[number];

/** A machine that reads usage carries this client role; without it, its grants are worth nothing. */
export const usageReaderRole = 'usage-reader';

const ladder: Record<Exclude<OrganizationRole, 'BILLING'>, number> = {
  VIEWER: 0,
  TEST_OPERATOR: 1,
  OPERATOR: 2,
  ADMIN: 3,
};

/**
 * The lesser of two roles: what is left of `role` where `ceiling` is the most that is allowed. `BILLING` stands beside
 * the ladder and sees only what each of its rungs but `TEST_OPERATOR` sees as well, so it survives under them and wins as a ceiling.
 * Nothing is left where the two have no more in common than that the organization exists.
 */
export function lesserRole(role: OrganizationRole, ceiling: OrganizationRole): OrganizationRole | undefined {
  if (role === ceiling) return role;
  if (role === 'BILLING' || ceiling === 'BILLING') {
    const other = role === 'BILLING' ? ceiling : role;
    return other === 'TEST_OPERATOR' ? undefined : 'BILLING';
  }
  return ladder[role] <= ladder[ceiling] ? role : ceiling;
}
