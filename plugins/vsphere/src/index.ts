import { definePlugin } from '@bulkhead/plugin-sdk';
import { configSchema, defaultLimits, type VsphereConfig } from './config.ts';
import { openConnections } from './connections.ts';
import { productionCalls } from './production-calls.ts';
import { targetCalls } from './target-calls.ts';

export type { Limits, VsphereConfig } from './config.ts';

/** Compute over vim25 SOAP: production by its vCenter, nested hosts each by itself. */
export default definePlugin<'compute', VsphereConfig>({
  id: '@bulkhead/plugin-vsphere',
  version: '0.1.0',
  contract: '1.0',
  kind: 'compute',
  capabilities: [],
  configSchema,
  setup({ config }) {
    const limits = { ...defaultLimits, ...config.limits };
    const connections = openConnections(config, limits);
    return {
      calls: {
        ...productionCalls({ session: connections.production, config, limits }),
        ...targetCalls(connections, config),
      },
      dispose: () => connections.dispose(),
    };
  },
});
