import type { PluginLog } from '@bulkhead/plugin-sdk';
import type { Configuration } from './configuration.ts';
import type { GatewayServices } from './graphql/context.ts';
import { expireLiveFailovers } from './failovers/expire-live.ts';
import { endTests } from './failovers/end-tests.ts';
import { failoverWorkflows } from './failovers/workflows.ts';
import { expireRetainedTargets } from './targets/expire-retained.ts';
import { targetWorkflows } from './targets/workflows.ts';
import type { Upkeep } from './upkeep.ts';
import type { WorkflowDefinition } from './workflows/workflow.ts';

type Services = Pick<GatewayServices, 'database' | 'sites' | 'sealer'>;

/** Every workflow that this version knows. */
export function workflowsOf(services: Services): WorkflowDefinition[] {
  return [...targetWorkflows(services), ...failoverWorkflows(services)];
}

/** What workers do now and then. */
export function upkeepOf(services: Services, _configuration: Configuration, _log: PluginLog): Upkeep[] {
  return [
    {
      name: 'expire-retained-targets',
      everySeconds: 60,
      run: async () => void (await expireRetainedTargets(services)),
    },
    {
      name: 'expire-live-failovers',
      everySeconds: 10,
      run: async () => void (await expireLiveFailovers(services)),
    },
    {
      name: 'end-tests',
      everySeconds: 10,
      run: async () => void (await endTests(services)),
    },
  ];
}
