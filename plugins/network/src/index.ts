import { definePlugin } from '@bulkhead/plugin-sdk';
import { configSchema, type NetworkConfig } from './config.ts';
import { setup } from './plugin.ts';

export type { NetworkConfig, TlsConfig } from './config.ts';

/** OVN as a network backend, by its northbound database. */
export default definePlugin<'network', NetworkConfig>({
  id: '@bulkhead/plugin-network',
  version: '0.1.0',
  contract: '1.0',
  kind: 'network',
  capabilities: ['isolated-networks'],
  configSchema,
  setup,
});
