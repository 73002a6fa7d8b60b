export const protectedVmStates = [
  'DISCOVERED',
  'PROTECTED',
  'FAILING_OVER',
  'FAILOVER_FAILED',
  'FAILED_OVER',
  'COMMITTING',
  'RECOVERED',
  'ROLLING_BACK',
  'FAILING_BACK',
  'FAILED_BACK',
  'MISSING',
  'REMOVED',
] as const;
export type ProtectedVmState = (typeof protectedVmStates)[number];

export const replicationHealths = ['INITIAL', 'ON_TARGET', 'LAGGING', 'STALLED', 'PAUSED', 'UNKNOWN'] as const;
export type ReplicationHealth = (typeof replicationHealths)[number];

export const testStates = ['NONE', 'STARTING', 'RUNNING', 'CLEANING', 'FAILED', 'CLEANUP_FAILED'] as const;
export type TestState = (typeof testStates)[number];
export const activeSides = ['SOURCE', 'PROVIDER', 'BOTH_SUSPECTED'] as const;

/** product.md 4.2. */
export const protectedVmTransitions: Readonly<Record<ProtectedVmState, readonly ProtectedVmState[]>> = {
  DISCOVERED: ['PROTECTED', 'MISSING'],
  PROTECTED: ['FAILING_OVER', 'MISSING'],
  FAILING_OVER: ['FAILED_OVER', 'FAILOVER_FAILED', 'ROLLING_BACK', 'PROTECTED'],
  FAILOVER_FAILED: ['FAILING_OVER', 'ROLLING_BACK'],
  FAILED_OVER: ['COMMITTING', 'ROLLING_BACK', 'FAILING_BACK'],
  // Back from a commit that stopped before it took any protection away.
  COMMITTING: ['RECOVERED', 'ROLLING_BACK'],
  RECOVERED: ['FAILING_BACK'],
  ROLLING_BACK: ['PROTECTED'],
  FAILING_BACK: ['FAILED_BACK'],
  FAILED_BACK: ['PROTECTED', 'FAILED_OVER'],
  MISSING: ['PROTECTED', 'REMOVED'],
  REMOVED: [],
};

/** product.md 4.2. Beyond it: a test that was given up before anything of it stood has nothing to clean up. */
export const testTransitions: Readonly<Record<TestState, readonly TestState[]>> = {
  NONE: ['STARTING'],
  STARTING: ['RUNNING', 'FAILED', 'CLEANING', 'NONE'],
  RUNNING: ['CLEANING'],
  FAILED: ['CLEANING'],
  CLEANING: ['NONE', 'CLEANUP_FAILED'],
  CLEANUP_FAILED: ['CLEANING'],
};
