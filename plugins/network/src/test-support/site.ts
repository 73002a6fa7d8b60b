import { Faults, Journal, LabClock, startOvn, type FaultRule, type LabOvn, type OvnOptions } from '@bulkhead/lab';
import type { LockedAddress, NetworkPlugin, PluginCall, PluginInstance } from '@bulkhead/plugin-sdk';
import type { NetworkConfig } from '../config.ts';
import plugin from '../index.ts';

export interface Site {
  ovn: LabOvn;
  network: NetworkPlugin;
  journal: Journal;
  faults: Faults;
  /** Adds a rule for transactions that write. */
  disturb(rule: Partial<FaultRule>): void;
  /** Accepted transactions that changed something. */
  effects(): number;
  /** Another instance of the plugin at the same database, as a second worker has it. */
  another(config?: Partial<NetworkConfig>): PluginInstance<'network'>;
  stop(): Promise<void>;
}

export const cidr = '10.66.0.0/24';

/** A configuration for a database at these addresses, with short pauses. */
export function configFor(addresses: string[], more: Partial<NetworkConfig> = {}): NetworkConfig {
  return {
    ovsdb: { addresses, reconnectPauseMilliseconds: 5 },
    management: { logicalSwitch: 'mgmt', trunkPort: 'edge1-trunk', portGroup: 'pg_tenant_mgmt' },
    dhcp: {
      serverMac: '00:50:56:3F:FF:01',
      serverId: '10.66.0.1',
      leaseSeconds: 3600,
      dns: ['10.66.0.2', '10.66.0.3'],
    },
    ...more,
  };
}

/** A simulated northbound database and the plugin on it. */
export async function startSite(
  address: string,
  options: Partial<OvnOptions> = {},
  config: Partial<NetworkConfig> = {},
): Promise<Site> {
  const faults = new Faults();
  const journal = new Journal();
  const ovn = await startOvn({
    address,
    port: 0,
    managementCidr: cidr,
    managementGateway: '10.66.0.1',
    faults,
    journal,
    clock: new LabClock(0.005),
    ...options,
  });
  const instances: PluginInstance<'network'>[] = [];
  const another = (more: Partial<NetworkConfig> = {}): PluginInstance<'network'> => {
    const instance = makePlugin(configFor([ovn.url], { ...config, ...more }));
    instances.push(instance);
    return instance;
  };
  return {
    ovn,
    network: another().calls,
    journal,
    faults,
    disturb: (rule) => faults.add({ backend: 'ovn', call: 'transact', when: 'before', what: 'error', ...rule }),
    effects: () => journal.effects('ovn', 'transact').length,
    another,
    async stop() {
      for (const instance of instances) await instance.dispose();
      await ovn.stop();
    },
  };
}

export function makePlugin(config: NetworkConfig): PluginInstance<'network'> {
  return plugin.setup({ siteId: 'site-1', log: quiet, config });
}

export function makeCall(tenantId = 'acme', timeoutMs = 20_000): PluginCall {
  return {
    callId: 'op-1/lock',
    tenantId,
    attempt: 1,
    deadline: new Date(Date.now() + timeoutMs),
    signal: AbortSignal.timeout(timeoutMs),
    log: quiet,
    progress: () => undefined,
  };
}

/** The nth address of the management network, with a MAC and a VLAN of its own. */
export function addressOf(n: number, more: Partial<LockedAddress> = {}): LockedAddress {
  const mac = `00:50:56:2a:00:${n.toString(16).padStart(2, '0')}`;
  return { targetId: `t${n}`, mac, ip: `10.66.0.${n}`, cidr, vlanId: 2100 + n, generation: 1, ...more };
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
