import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginLog } from '@bulkhead/plugin-sdk';
import type { Configuration } from './configuration.ts';
import { startObserving } from './protected-vms/observe.ts';
import { upkeepOf } from './registry.ts';
import type { TargetServices } from './targets/target-work.ts';
import type { Upkeep } from './upkeep.ts';
import { chain } from './workflows/problem.ts';
import { startWorker } from './workflows/worker.ts';
import type { WorkflowDefinition } from './workflows/workflow.ts';

export interface WorkOptions {
  services: TargetServices;
  definitions: readonly WorkflowDefinition[];
  configuration: Configuration;
  log: PluginLog;
  /** Called with what ends each part, as soon as that part runs. */
  defer(close: () => Promise<void>): void;
}

/** Runs workflows, recurring work, and the looks at targets. */
export async function startWork({ services, definitions, configuration, log, defer }: WorkOptions): Promise<void> {
  const { database } = services;
  const limits = configuration.sites.map(({ policy }) => policy.limits);
  const worker = await startWorker({
    database,
    definitions,
    retry: configuration.workflows.retry,
    pollIntervalMs: configuration.workflows.pollIntervalMs,
    outageLimitSeconds: configuration.workflows.outageLimitSeconds,
    heartbeat: configuration.workflows.heartbeat,
    limits: {
      powerOnsPerHost: Math.min(...limits.map((limit) => limit.powerOnsPerHost)),
      relocationsPerDatastore: Math.min(...limits.map((limit) => limit.relocationsPerDatastore)),
    },
    log,
  });
  defer(() => worker.stop());
  const upkeep = startUpkeep(upkeepOf(services, configuration, log), log);
  defer(() => upkeep.stop());
  const observing = await startObserving(services, { everySeconds: configuration.workflows.observeEverySeconds, log });
  defer(() => observing.stop());
}

function startUpkeep(tasks: readonly Upkeep[], log: PluginLog): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loops = tasks.map(async ({ name, everySeconds, run }) => {
    while (!stopping.signal.aborted) {
      await run(stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted)
          log.warn({ task: name, error: chain(error) }, 'Recurring work failed; it is tried again.');
      });
      await sleep(everySeconds * 1000, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  });
  return {
    async stop() {
      stopping.abort(new Error('The worker shuts down.'));
      await Promise.all(loops);
    },
  };
}
