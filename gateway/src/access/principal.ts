import type { OrganizationRole, ProviderRole } from './role.ts';

/** A person, a machine of a billing portal, a machine of an MSP, or a worker of the gateway itself. */
export const principalKinds = ['PERSON', 'BILLING_CLIENT', 'MSP_CLIENT', 'SYSTEM'] as const;
export type PrincipalKind = (typeof principalKinds)[number];

/** What the identity provider grants: a role in one of its organizations, named by its id and never by its alias. */
export interface Grant {
  identityId: string;
  role: OrganizationRole;
}

/** Who asks, as the token says and the client registry allows. It holds no token and no local id. */
export interface Principal {
  /** Unique within the issuer. */
  subject: string;
  displayName: string;
  kind: PrincipalKind;
  /** The client that the token was issued to (`azp`). */
  clientId: string;
  issuer: string;
  /** The token's `jti`, for the audit. */
  tokenId?: string;
  /** The identity provider's session (`sid`); machines have none. */
  sessionId?: string;
  /** When the person last proved who they are; absent for machines. */
  authTime?: Date;
  expiresAt: Date;
  /** Who sits at the keyboard where somebody else impersonates the subject (`act`). Such a session may only read. */
  impersonatedBy?: string;
  providerRoles: readonly ProviderRole[];
  grants: readonly Grant[];
}

/** Who did it, as rows and the audit keep it. Plain data: it goes into a JSON column. */
export interface ActorRecord {
  subject: string;
  displayName: string;
  kind: PrincipalKind;
  clientId: string;
  issuer?: string;
  tokenId?: string;
  impersonatedBy?: string;
  /** Tenants see the provider's name instead of the person's. */
  isProvider: boolean;
}

/** Whether the person signed in within the last `withinSeconds`. A renewed token does not make a sign-in fresh. */
export function isFreshlySignedIn(principal: Principal, now: Date, withinSeconds = 300): boolean {
  if (principal.authTime === undefined) return false;
  const age = now.getTime() - principal.authTime.getTime();
  // A clock that runs ahead of ours by up to the usual tolerance is no reason to send the person away.
  return age >= -30_000 && age <= withinSeconds * 1000;
}
