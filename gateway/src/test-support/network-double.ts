import { PluginError, type LockedAddress, type NetworkPlugin } from '@bulkhead/plugin-sdk';

export interface NetworkWorld {
  locks: Map<string, LockedAddress>;
  /** By their key. */
  isolated: Map<string, { vlanId: number }>;
  /** How many looks it takes until a lock is in force. */
  realizesAfter: number;
  looks: number;
}

/** A network backend in memory, with the contract's rules and no wire. */
export function networkDouble(): { calls: NetworkPlugin; world: NetworkWorld } {
  const world: NetworkWorld = { locks: new Map(), isolated: new Map(), realizesAfter: 2, looks: 0 };
  const calls: NetworkPlugin = {
    async ensureAddressLocked(address) {
      const held = world.locks.get(address.targetId);
      if (held && held.generation > address.generation)
        throw new PluginError('conflict', 'Held by a newer one.', 'generation');
      for (const other of world.locks.values()) {
        if (other.targetId === address.targetId) continue;
        if (other.ip === address.ip || other.mac === address.mac || other.vlanId === address.vlanId) {
          throw new PluginError('conflict', 'Another target holds this address.', other.targetId);
        }
      }
      world.locks.set(address.targetId, { ...address });
      return { isConfigured: true, isRealized: false, drift: [] };
    },
    async verifyLock({ targetId }) {
      world.looks += 1;
      const isConfigured = world.locks.has(targetId);
      return { isConfigured, isRealized: isConfigured && world.looks >= world.realizesAfter, drift: [] };
    },
    async removeAddress({ targetId, generation }) {
      const held = world.locks.get(targetId);
      if (held && held.generation > generation) throw new PluginError('conflict', 'Held by a newer one.', 'generation');
      world.locks.delete(targetId);
    },
    resolveAttachment: async ({ vlanId }) => ({ portGroup: `customer-${vlanId}`, vlanId }),
    resolveManagementAttachment: async ({ targetId, vlanId }) => ({ portGroup: `bh-${targetId}`, vlanId }),
    async ensureIsolatedNetwork({ key, vlanId }) {
      for (const [other, held] of world.isolated) {
        if ((other === key) !== (held.vlanId === vlanId))
          throw new PluginError('conflict', 'The VLAN is in use.', other);
      }
      world.isolated.set(key, { vlanId });
      return { portGroup: `isolated-${vlanId}`, vlanId };
    },
    async removeIsolatedNetwork({ key }) {
      world.isolated.delete(key);
    },
    planRoutes: ({ management, customer, infrastructure }) => ({
      defaultGateway: customer.gateway,
      staticRoutes: infrastructure.map((cidr) => {
        const [network = '', length = '32'] = cidr.split('/');
        return { network, prefixLength: Number(length), gateway: management.gateway };
      }),
    }),
    probe: async () => ({ state: 'ready' }),
  };
  return { calls, world };
}
