import { definePlugin } from '@bulkhead/plugin-sdk';
import { configSchema, type NexentaConfig } from './config.ts';
import { setup } from './plugin.ts';

export type { NexentaConfig, NodeConfig, StorageClassConfig } from './config.ts';

/** NexentaStor 5 as a storage backend. */
export default definePlugin<'storage', NexentaConfig>({
  id: '@bulkhead/plugin-nexenta',
  version: '0.1.0',
  contract: '1.0',
  kind: 'storage',
  capabilities: ['clones'],
  configSchema,
  setup,
});
