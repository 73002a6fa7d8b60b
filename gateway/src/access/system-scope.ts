import type { ActorRecord, Principal } from './principal.ts';
import { assemble, type TenantScope } from './scope.ts';

/** The part of an operation's row that says for whom it runs and who asked for it. */
export interface OperationOwnership {
  id: string;
  /** The organization that owns the operation. */
  organizationId: string;
  actor: ActorRecord;
}

/** A worker's scope. `actor` is whoever started the operation: what the worker does is recorded as done for them. */
export interface SystemScope extends TenantScope {
  readonly actor: ActorRecord | undefined;
}

/**
 * The scope that a worker acts under for one operation: exactly the organization that owns it, nothing below or beside,
 * and no provider's rights even if provider staff started it. Suspension does not stop it: the operation was accepted.
 */
export function systemScope(operation: OperationOwnership): SystemScope {
  return ofOneOrganization(operation.organizationId, `operation:${operation.id}`, operation.actor);
}

/** The scope of recurring work in one organization that nobody asked for: metering, observing, timers, deliveries. */
export function housekeepingScope(organizationId: string, task: string): SystemScope {
  return ofOneOrganization(organizationId, `housekeeping:${task}`, undefined);
}

function ofOneOrganization(organizationId: string, subject: string, actor: ActorRecord | undefined): SystemScope {
  const principal: Principal = {
    subject,
    displayName: 'Bulkhead',
    kind: 'SYSTEM',
    clientId: 'bulkhead-worker',
    issuer: 'bulkhead:worker',
    // A worker's scope is minted anew for each run and ends with it; there is no token that could expire.
    expiresAt: new Date(8.64e15),
    providerRoles: [],
    grants: [],
  };
  const scope = assemble({
    principal,
    memberships: [{ organizationId, identityId: '', kind: 'TENANT', state: 'ACTIVE', role: 'ADMIN' }],
    unknownIdentityIds: [],
    reach: () => Promise.resolve([]),
    now: () => new Date(),
  });
  return { ...scope, actor };
}
