import { actorOf } from '../access/scope.ts';
import type { TenantScope } from '../access/scope.ts';
import type { SystemScope } from '../access/system-scope.ts';
import type { Actor } from '../operations/operation.ts';

/** Who acts, as rows keep it. What a worker does for an operation is recorded as done by whoever asked for it. */
export function recordedActor(scope: TenantScope | SystemScope): Actor {
  const { subject, displayName, kind, isProvider } = ('actor' in scope ? scope.actor : undefined) ?? actorOf(scope);
  const organizationId = scope.isProvider ? undefined : actingOrganization(scope);
  return { subject, displayName, kind, isProvider, ...(organizationId === undefined ? {} : { organizationId }) };
}

/** The caller's own organization: the one that it writes in if it is a member there, else the first it belongs to. */
function actingOrganization({ memberships, writeRoots }: TenantScope): string | undefined {
  const own = memberships.find(({ organizationId }) => writeRoots.includes(organizationId)) ?? memberships[0];
  return own?.organizationId;
}

/** The name under which a reader sees an actor: the provider's people appear to everybody else under its name. */
export function shownName(scope: TenantScope, actor: Actor, providerName: string): string {
  return actor.isProvider && !scope.isProvider ? providerName : actor.displayName;
}
