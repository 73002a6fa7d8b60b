import { failoverNodes, failoverResolvers } from '../failovers/resolver.ts';
import { auditResolvers } from '../audit/resolver.ts';
import { networkNodes, networkResolvers } from '../networks/resolver.ts';
import { operationNodes, operationResolvers } from '../operations/resolver.ts';
import { organizationNodes, organizationResolvers } from '../organizations/resolver.ts';
import { protectedVmNodes, protectedVmResolvers } from '../protected-vms/resolver.ts';
import { siteResolvers } from '../sites/resolver.ts';
import { targetPlanNodes, targetPlanResolvers } from '../target-plans/resolver.ts';
import { targetNodes, targetResolvers } from '../targets/resolver.ts';

/** Everything that answers, by domain. */
export const resolvers = [
  ...organizationResolvers,
  ...siteResolvers,
  ...targetPlanResolvers,
  ...networkResolvers,
  ...targetResolvers,
  ...protectedVmResolvers,
  ...operationResolvers,
  ...failoverResolvers,
  ...auditResolvers,
];

/** Who finds an object again by its id, by the id's prefix. */
export const nodeLoaders = {
  ...organizationNodes,
  ...targetPlanNodes,
  ...networkNodes,
  ...targetNodes,
  ...protectedVmNodes,
  ...operationNodes,
  ...failoverNodes,
};
