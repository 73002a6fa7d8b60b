import { readinessResolvers } from '../failovers/readiness-type.ts';
import { failoverResolvers } from '../failovers/resolver.ts';
import { auditResolvers } from '../audit/resolver.ts';
import { networkResolvers } from '../networks/resolver.ts';
import { operationResolvers } from '../operations/resolver.ts';
import { organizationResolvers } from '../organizations/resolver.ts';
import { protectedVmResolvers } from '../protected-vms/resolver.ts';
import { NodeResolver } from './node-resolver.ts';
import { siteResolvers } from '../sites/resolver.ts';
import { targetPlanResolvers } from '../target-plans/resolver.ts';
import { targetResolvers } from '../targets/resolver.ts';

/** Everything that answers, by domain. */
export const resolvers = [
  NodeResolver,
  ...organizationResolvers,
  ...siteResolvers,
  ...targetPlanResolvers,
  ...networkResolvers,
  ...targetResolvers,
  ...protectedVmResolvers,
  ...operationResolvers,
  ...failoverResolvers,
  ...readinessResolvers,
  ...auditResolvers,
];
