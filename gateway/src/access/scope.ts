import { forbidden, hidden } from './errors.ts';
import type { OrganizationDirectory, OrganizationKind, OrganizationState, Reach } from './organization-directory.ts';
import { holdersOf, permissions, providerRoleHolds, roleHolds, type Permission } from './permission.ts';
import { isFreshlySignedIn, type ActorRecord, type Principal } from './principal.ts';
import { lesserRole, organizationRoles, type OrganizationRole } from './role.ts';

/** A role that the principal holds in an organization of ours. */
export interface Membership {
  organizationId: string;
  identityId: string;
  kind: OrganizationKind;
  state: OrganizationState;
  /** Was so when the scope was made; absent where that was not looked at. */
  hasNothingBelow?: boolean;
  role: OrganizationRole;
}

/** Which organizations a list may show. `everything` is the provider's; otherwise the roots and what lies below them. */
export type Listing =
  | { everything: true }
  | {
      everything: false;
      roots: readonly string[];
      /** Only through delegation edges whose `max_role` is one of these; a root itself needs no edge. */
      throughRoles: readonly OrganizationRole[];
    };

/**
 * Whose request this is and how far it reaches. It is the first argument of every store and use case: a query without
 * one does not exist. It denies unless something allows.
 *
 * The answers about organizations below a membership ask the directory, so ask before you open a transaction.
 */
export interface TenantScope {
  readonly principal: Principal;
  /** Our organization ids that the principal may read, each with what lies below it. */
  readonly readRoots: readonly string[];
  /** Where it may write; `VIEWER` and `BILLING` never lead here. */
  readonly writeRoots: readonly string[];
  /** Provider staff: reads everywhere, and what it writes in a tenant is audited to that tenant. */
  readonly isProvider: boolean;
  readonly memberships: readonly Membership[];
  /** Organizations of the token that nobody here knows; for the log, when somebody wonders why they see nothing. */
  readonly unknownIdentityIds: readonly string[];
  /** Equal for equal reach. Caches and loaders that outlive one request carry it in their key. */
  readonly key: string;
  /** Whether there is any organization where the principal holds the permission. */
  holds(permission: Permission): boolean;
  can(permission: Permission, organizationId: string): Promise<boolean>;
  /**
   * @throws RequestError `NOT_FOUND` when the caller may not know that the organization exists, `FORBIDDEN` when it may
   * know and not do this.
   */
  require(permission: Permission, organizationId: string): Promise<void>;
  /** Every permission that the principal has in the organization; none where it may not see it. */
  permissionsIn(organizationId: string): Promise<Permission[]>;
  /** The greatest role that the principal has in the organization, cut by delegation edges. */
  roleIn(organizationId: string): Promise<OrganizationRole | undefined>;
  /** What a list of things that need `permission` may show. */
  listing(permission: Permission): Listing;
  /** The same reach for reading, and writing in this one organization only: what a mutation's transaction runs under. */
  narrowedTo(organizationId: string): TenantScope;
}

interface ScopeParts {
  principal: Principal;
  memberships: readonly Membership[];
  unknownIdentityIds: readonly string[];
  reach(rootIds: readonly string[], organizationId: string): Promise<readonly Reach[]>;
  now: () => Date;
}

/** Turns a verified principal into its scope: its grants become memberships of the organizations that we know. */
export async function tenantScope(
  principal: Principal,
  directory: OrganizationDirectory,
  now: () => Date = () => new Date(),
): Promise<TenantScope> {
  const identityIds = [...new Set(principal.grants.map((grant) => grant.identityId))];
  const known = identityIds.length === 0 ? [] : await directory.resolve(principal.issuer, identityIds);
  const memberships = principal.grants.flatMap((grant) =>
    known
      .filter((organization) => organization.identityId === grant.identityId && organization.state !== 'CLOSED')
      .map((organization) => ({ ...organization, role: grant.role })),
  );
  const unknownIdentityIds = identityIds.filter((id) => !known.some((organization) => organization.identityId === id));
  // One request asks for the same organization many times; a scope lives for one request.
  const asked = new Map<string, Promise<readonly Reach[]>>();
  const reach: ScopeParts['reach'] = (rootIds, organizationId) => {
    const answer = asked.get(organizationId) ?? directory.reach(rootIds, organizationId);
    asked.set(organizationId, answer);
    return answer;
  };
  return assemble({ principal, memberships, unknownIdentityIds, reach, now });
}

export function assemble(parts: ScopeParts): TenantScope {
  const { principal, memberships, now } = parts;
  const isProvider = principal.providerRoles.length > 0;
  const isBlocked = (permission: Permission) => principal.impersonatedBy !== undefined && !holdersOf(permission).reads;
  const providerHolds = (permission: Permission) =>
    principal.providerRoles.some((role) => providerRoleHolds(role, permission));
  const readRoots = [...new Set(memberships.map((membership) => membership.organizationId))];
  const writeRoots = [...new Set(memberships.filter(mayWrite).map((membership) => membership.organizationId))];

  /** The memberships that reach the organization, each with the way down to it; its own members need no directory. */
  async function* ways(organizationId: string): AsyncGenerator<Way> {
    for (const membership of memberships) {
      if (membership.organizationId === organizationId) yield { membership };
    }
    const above = readRoots.filter((root) => root !== organizationId);
    if (above.length === 0) return;
    const reaches = await parts.reach(above, organizationId);
    for (const membership of memberships) {
      const edge = reaches.find((candidate) => candidate.rootId === membership.organizationId);
      if (edge && membership.organizationId !== organizationId) yield { membership, edge };
    }
  }

  async function can(permission: Permission, organizationId: string): Promise<boolean> {
    if (isBlocked(permission)) return false;
    if (providerHolds(permission)) return true;
    for await (const way of ways(organizationId)) if (wayAllows(way, permission)) return true;
    return false;
  }

  const scope: TenantScope = {
    principal,
    readRoots,
    writeRoots,
    isProvider,
    memberships,
    unknownIdentityIds: parts.unknownIdentityIds,
    key: keyOf(principal, memberships),
    can,

    holds: (permission) =>
      !isBlocked(permission) &&
      (providerHolds(permission) ||
        memberships.some(
          ({ role, state }) => roleHolds(role, permission, true) && stateAllows(state, permission, false),
        )),

    async require(permission, organizationId) {
      if (!(await can(permission, organizationId))) {
        if (!(await can('organizations:read', organizationId))) {
          throw hidden(`${principal.subject} does not reach organization ${organizationId}`);
        }
        const suspended = memberships.some(
          (membership) => membership.organizationId === organizationId && membership.state === 'SUSPENDED',
        );
        throw forbidden(
          suspended
            ? 'This organization is suspended. Failovers still work; for everything else ask whoever serves you.'
            : `You need the permission ${permission} here. Ask an administrator of the organization.`,
          `${principal.subject} lacks ${permission} in ${organizationId}`,
        );
      }
      if (holdersOf(permission).needsFreshSignIn && !isFreshlySignedIn(principal, now())) {
        throw forbidden('This needs a fresh sign-in. Sign in again, then repeat it within five minutes.');
      }
    },

    async permissionsIn(organizationId) {
      const held = await Promise.all(permissions.map((permission) => can(permission, organizationId)));
      return permissions.filter((_, index) => held[index]);
    },

    async roleIn(organizationId) {
      const found = new Set<OrganizationRole>();
      for await (const { membership, edge } of ways(organizationId)) {
        const role = edge ? lesserRole(membership.role, edge.maxRole) : membership.role;
        if (role) found.add(role);
      }
      return organizationRoles.find((role) => found.has(role));
    },

    listing(permission) {
      if (isBlocked(permission)) return { everything: false, roots: [], throughRoles: [] };
      if (providerHolds(permission)) return { everything: true };
      const roots = memberships
        .filter(({ role, state }) => roleHolds(role, permission, true) && stateAllows(state, permission, false))
        .map((membership) => membership.organizationId);
      const throughRoles = organizationRoles.filter((role) => roleHolds(role, permission, false));
      return { everything: false, roots: [...new Set(roots)], throughRoles };
    },

    narrowedTo: (organizationId) => ({ ...scope, writeRoots: [organizationId] }),
  };
  return scope;
}

interface Way {
  membership: Membership;
  /** Absent for a member of the organization itself. */
  edge?: Reach;
}

function wayAllows({ membership, edge }: Way, permission: Permission): boolean {
  if (!roleHolds(membership.role, permission, edge === undefined)) return false;
  if (!stateAllows(membership.state, permission, false)) return false;
  if (edge === undefined) return true;
  // Both must hold it: an edge that allows test failovers hides usage from the MSP's viewer as well as from its admin.
  return roleHolds(edge.maxRole, permission, false) && stateAllows(edge.state, permission, true);
}

/** What whoever is above must be able to do with an organization that is not in use: bring it back, or clear it away. */
const fromAbove: ReadonlySet<Permission> = new Set([
  'organizations:manage',
  'targets:suspend',
  'targets:deprovision',
] as const);

/** What the state of an organization leaves of a permission, for its own members or for those above it. */
function stateAllows(state: OrganizationState, permission: Permission, isFromAbove: boolean): boolean {
  if (state === 'ACTIVE') return true;
  const { reads, survivesSuspension } = holdersOf(permission);
  if (state === 'SUSPENDED')
    return reads === true || survivesSuspension === true || (isFromAbove && fromAbove.has(permission));
  if (state === 'PROVISIONING') return reads === true || (isFromAbove && permission === 'organizations:manage');
  // Closed: its past is still read by those above it, who send the last bill; it has no members any more.
  return isFromAbove && reads === true;
}

function mayWrite({ role }: Membership): boolean {
  return role === 'ADMIN' || role === 'OPERATOR' || role === 'TEST_OPERATOR';
}

function keyOf(principal: Principal, memberships: readonly Membership[]): string {
  const roles = memberships.map(({ organizationId, role, state }) => `${organizationId}=${role}/${state}`).sort();
  // The subject belongs in it: "the tenant's own admin" and a person's own things are part of what a scope reaches.
  return JSON.stringify([
    principal.issuer,
    principal.subject,
    principal.kind,
    principal.clientId,
    principal.impersonatedBy ?? '',
    [...principal.providerRoles].sort(),
    roles,
  ]);
}

/** Who acts, as plain data for rows and the audit. */
export function actorOf({ principal, isProvider }: TenantScope): ActorRecord {
  const { subject, displayName, kind, clientId, issuer, tokenId, impersonatedBy } = principal;
  return {
    subject,
    displayName,
    kind,
    clientId,
    issuer,
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(impersonatedBy === undefined ? {} : { impersonatedBy }),
    isProvider,
  };
}
