import type { AnyWorkload } from './runner/workload.ts';

/** All of them, in the order in which they run. */
export const workloads: readonly AnyWorkload[] = [];
