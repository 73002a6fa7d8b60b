import {
  Faults,
  Journal,
  LabClock,
  startNexentaStor,
  type FaultRule,
  type NexentaStor,
  type NexentaStorOptions,
} from '@bulkhead/lab';
import type { PluginCall, PluginInstance, PluginLog, StoragePlugin } from '@bulkhead/plugin-sdk';
import type { NexentaConfig } from '../config.ts';
import plugin from '../index.ts';

export interface Site {
  appliance: NexentaStor;
  storage: StoragePlugin;
  journal: Journal;
  /** Adds a rule for the appliance. */
  disturb(call: string, rule: Partial<FaultRule>): void;
  faults: WatchedFaults;
  /** Another instance of the plugin at the same appliance, as a second worker has it. */
  another(config?: Partial<NexentaConfig>): PluginInstance<'storage'>;
  /** All that the plugin logged, as text. */
  logged: string[];
  stop(): Promise<void>;
}

/** Fault rules that tell whether one of them has fired. */
class WatchedFaults extends Faults {
  hasFired = false;

  override match(...asked: Parameters<Faults['match']>): FaultRule | undefined {
    const rule = super.match(...asked);
    if (rule) this.hasFired = true;
    return rule;
  }
}

export const GB = 1e9;

/** A simulated appliance and the plugin on it. */
export async function startSite(
  address: string,
  appliance: Partial<NexentaStorOptions> = {},
  config: Partial<NexentaConfig> = {},
): Promise<Site> {
  const faults = new WatchedFaults();
  const journal = new Journal();
  const started = await startNexentaStor({
    address,
    port: 0,
    dataAddress: '10.66.0.9',
    faults,
    journal,
    clock: new LabClock(0.001),
    ...appliance,
  });
  const logged: string[] = [];
  const instances: PluginInstance<'storage'>[] = [];
  const another = (more: Partial<NexentaConfig> = {}): PluginInstance<'storage'> => {
    const instance = plugin.setup({
      siteId: 'site-1',
      log: logTo(logged),
      config: {
        nodes: started.nodes.map(({ url, certificate }) => ({ url, certificateSha256: certificate.sha256 })),
        ...started.credentials,
        rootDataset: started.rootDataset,
        dataAddress: started.dataAddress,
        retryPauseMilliseconds: 2,
        ...config,
        ...more,
      },
    });
    instances.push(instance);
    return instance;
  };
  return {
    appliance: started,
    storage: another().calls,
    journal,
    faults,
    disturb: (call, rule) => faults.add({ backend: 'nexentastor', call, when: 'before', what: 'error', ...rule }),
    another,
    logged,
    async stop() {
      for (const instance of instances) await instance.dispose();
      await started.stop();
    },
  };
}

export function makeCall(logged: string[] = [], milliseconds = 20_000): PluginCall {
  return {
    callId: 'call-1',
    tenantId: 'acme',
    attempt: 1,
    deadline: new Date(Date.now() + milliseconds),
    signal: AbortSignal.timeout(milliseconds),
    log: logTo(logged),
    progress: () => undefined,
  };
}

function logTo(lines: string[]): PluginLog {
  const write = (fields: Record<string, unknown>, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { debug: write, info: write, warn: write, error: write };
}
