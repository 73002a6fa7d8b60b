import type { Principal } from '../access/principal.ts';
import type { OrganizationRole, ProviderRole } from '../access/role.ts';
import { tenantScope, type TenantScope } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import { organizationDirectory } from '../organizations/directory.ts';

interface Person {
  /** The identity provider's id of the organization in which the person has the role. */
  identityId?: string;
  role?: OrganizationRole;
  providerRoles?: ProviderRole[];
  /** How long ago the person signed in. Default: now. */
  signedInSecondsAgo?: number;
}

/** The scope of somebody who has just signed in. */
export function scopeOf(database: Database, name: string, person: Person): Promise<TenantScope> {
  const { identityId, role = 'ADMIN', providerRoles = [], signedInSecondsAgo = 0 } = person;
  const principal: Principal = {
    subject: `subject-${name}`,
    displayName: name,
    kind: 'PERSON',
    clientId: 'bulkhead-portal',
    issuer: 'https://identity.example/realms/dr',
    authTime: new Date(Date.now() - signedInSecondsAgo * 1000),
    expiresAt: new Date(Date.now() + 300_000),
    providerRoles,
    grants: identityId === undefined ? [] : [{ identityId, role }],
  };
  return tenantScope(principal, organizationDirectory(database));
}
