import type { AnyWorkload } from './runner/workload.ts';

/** All of them, in the order in which they run. Each is loaded when it is asked for. */
export const workloads: Readonly<Record<string, () => Promise<AnyWorkload>>> = {
  list: async () => (await import('./list/list.ts')).list,
  token: async () => (await import('./token/token.ts')).token,
  startup: async () => (await import('./startup/startup.ts')).startup,
  events: async () => (await import('./streams/events.ts')).events,
  'fan-out': async () => (await import('./streams/fan-out.ts')).fanOut,
  failover: async () => (await import('./engine/failover.ts')).failover,
  'failover-vcsim': async () => (await import('./engine/failover-vcsim.ts')).failoverVcsim,
  steps: async () => (await import('./engine/steps.ts')).steps,
};
