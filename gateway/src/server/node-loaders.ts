import { auditNodes } from '../audit/resolver.ts';
import { failoverNodes } from '../failovers/resolver.ts';
import type { GatewayContext } from '../graphql/context.ts';
import type { Node } from '../graphql/node.ts';
import { networkNodes } from '../networks/resolver.ts';
import { operationNodes } from '../operations/resolver.ts';
import { organizationNodes } from '../organizations/resolver.ts';
import { protectedVmNodes } from '../protected-vms/resolver.ts';
import { siteNode } from '../sites/site-type.ts';
import { targetPlanNodes } from '../target-plans/resolver.ts';
import { targetNodes } from '../targets/resolver.ts';

type Loader = (context: GatewayContext, id: string) => Promise<Node | null>;

/** Who finds an object again by its id, by the id's prefix. */
const loaders = new Map<string, Loader>(
  Object.entries({
    ...organizationNodes,
    ...targetPlanNodes,
    ...networkNodes,
    ...targetNodes,
    ...protectedVmNodes,
    ...operationNodes,
    ...failoverNodes,
    ...auditNodes,
  }),
);

/** Null alike for what is not there, what the caller may not see, and what is no id of ours. */
export async function findNode(context: GatewayContext, id: string): Promise<Node | null> {
  const [, prefix] = /^([a-z]{2,5})_[0-9a-z]{1,40}$/.exec(id) ?? [];
  const load = prefix === undefined ? undefined : loaders.get(prefix);
  if (load) return load(context, id);
  // Sites bear the provider's own short names.
  const site = context.scope.holds('targets:read') ? context.gateway.sites.find(id) : undefined;
  return site ? siteNode(site) : null;
}
