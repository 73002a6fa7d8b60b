import { tenantScope } from '../access/scope.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { organizationDirectory } from '../organizations/directory.ts';

/** How often a right is looked at again; what ends with its token is the server's. */
const recheckMs = 60_000;

interface Look {
  timer: NodeJS.Timeout;
  /** Told when the right is lost. */
  holders: Set<() => void>;
}

/** One look for all who hold the same right by the same reach, however many streams they have. */
const looks = new WeakMap<GatewayContext['gateway'], Map<string, Look>>();

/**
 * Calls back once when the caller may no longer read the organization's operations: a delegation may be revoked while a
 * stream runs. Gives what ends the looking.
 */
export function onRightLost(context: GatewayContext, organizationId: string, onLost: () => void): () => void {
  const { gateway, scope } = context;
  const ofGateway = looks.get(gateway) ?? new Map<string, Look>();
  looks.set(gateway, ofGateway);
  const key = `${organizationId} ${scope.key}`;
  const look = ofGateway.get(key) ?? { timer: startLooking(context, organizationId, () => lost()), holders: new Set() };
  ofGateway.set(key, look);
  look.holders.add(onLost);
  const end = () => {
    clearInterval(look.timer);
    if (ofGateway.get(key) === look) ofGateway.delete(key);
  };
  const lost = () => {
    // Whoever comes from now on is looked at for itself.
    end();
    for (const tell of look.holders) tell();
  };
  return () => {
    look.holders.delete(onLost);
    if (look.holders.size === 0) end();
  };
}

function startLooking({ gateway, scope }: GatewayContext, organizationId: string, onLost: () => void): NodeJS.Timeout {
  return setInterval(() => {
    // Made anew: a scope remembers for its lifetime whom it reaches.
    tenantScope(scope.principal, organizationDirectory(gateway.database))
      .then((fresh) => fresh.can('operations:read', organizationId))
      .then(
        (may) => {
          if (!may) onLost();
        },
        // The database is away for a moment: the next look decides.
        () => undefined,
      );
  }, recheckMs).unref();
}
