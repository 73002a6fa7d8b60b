import type { OrganizationRole } from './role.ts';

export type OrganizationKind = 'PROVIDER' | 'MSP' | 'TENANT';
export type OrganizationState = 'PROVISIONING' | 'ACTIVE' | 'SUSPENDED' | 'CLOSED';

/** A local organization that the identity provider's id belongs to. */
export interface KnownOrganization {
  organizationId: string;
  identityId: string;
  kind: OrganizationKind;
  state: OrganizationState;
  /** As of the moment in which it was resolved: no organization lies below it. Absent where that was not looked at. */
  hasNothingBelow?: boolean;
}

/** One way from an organization above down to another: how far the one may act in the other. */
export interface Reach {
  rootId: string;
  /** The least of the `max_role`s of the delegation edges between them. */
  maxRole: OrganizationRole;
  /** The state of the organization below. */
  state: OrganizationState;
}

/** What access has to know about organizations. The organizations domain implements it on its tables. */
export interface OrganizationDirectory {
  /** The local organizations with these ids of the identity provider; unknown ones are left out. */
  resolve(issuer: string, identityIds: readonly string[]): Promise<readonly KnownOrganization[]>;
  /**
   * For each of `rootIds` that lies above `organizationId`: how far it may act there. Roots that do not lie above it,
   * the organization itself and expired delegations are left out.
   */
  reach(rootIds: readonly string[], organizationId: string): Promise<readonly Reach[]>;
}
