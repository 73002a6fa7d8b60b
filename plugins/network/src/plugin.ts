import type { NetworkPlugin, PluginContext, PluginInstance } from '@bulkhead/plugin-sdk';
import { requireKey } from './address.ts';
import { attachmentOf } from './attachments.ts';
import { settingsOf, type NetworkConfig } from './config.ts';
import { ensureIsolatedNetwork, removeIsolatedNetwork } from './isolated-networks.ts';
import { OvsdbSession } from './ovsdb/session.ts';
import { ensureAddressLocked, removeAddress, verifyLock } from './ports.ts';
import { probe } from './probe.ts';
import { planRoutes } from './routes.ts';

/** Makes the network calls of one site. Connects with the first call. */
export function setup({ config }: PluginContext<NetworkConfig>): PluginInstance<'network'> {
  const settings = settingsOf(config);
  const session = new OvsdbSession(settings);
  const { portGroupNames } = settings;
  const calls: NetworkPlugin = {
    ensureAddressLocked: (address, call) => ensureAddressLocked(session, settings, address, call),
    verifyLock: (address, call) => verifyLock(session, settings, address, call),
    removeAddress: (address, call) => removeAddress(session, address, call),
    resolveAttachment: async ({ vlanId }) => attachmentOf(portGroupNames.network, vlanId),
    resolveManagementAttachment: async ({ targetId, vlanId }) => {
      requireKey(targetId, 'targetId');
      return attachmentOf(portGroupNames.management, vlanId);
    },
    ensureIsolatedNetwork: (network, call) => ensureIsolatedNetwork(session, settings, network, call),
    removeIsolatedNetwork: (network, call) => removeIsolatedNetwork(session, network, call),
    planRoutes,
    probe: (call) => probe(session, settings, call),
  };
  return {
    calls,
    dispose: async () => session.dispose(),
  };
}
