export const failoverTypes = ['TEST', 'PLANNED', 'UNPLANNED', 'FAILBACK'] as const;
export type FailoverType = (typeof failoverTypes)[number];

export const failoverPhases = [
  'QUEUED',
  'AWAITING_APPROVAL',
  'PREFLIGHT',
  'AWAITING_SOURCE',
  'RUNNING',
  'PAUSING',
  'PAUSED',
  'LIVE',
  'TEST_LIVE',
  'READY_TO_SWITCH',
  'SWITCHING',
  'AWAITING_CUSTOMER',
  'COMMITTING',
  'CANCELLING',
  'ROLLING_BACK',
  'CLEANING_UP',
  'CLEANUP_FAILED',
  'REJECTED',
  'CANCELLED',
  'COMMITTED',
  'ROLLED_BACK',
  'CLEANED_UP',
] as const;
export type FailoverPhase = (typeof failoverPhases)[number];

export const finalPhases: readonly FailoverPhase[] = [
  'REJECTED',
  'CANCELLED',
  'COMMITTED',
  'ROLLED_BACK',
  'CLEANED_UP',
];

export const failoverVmStates = [
  'WAITING',
  'STARTING',
  'LIVE',
  'RELOCATING',
  'SETTLED',
  'PAUSED',
  'SKIPPED',
  'FAILED',
  'GOING_BACK',
  'BACK',
] as const;
export type FailoverVmState = (typeof failoverVmStates)[number];

export const relocationPolicies = ['IMMEDIATE', 'ON_COMMIT'] as const;
export type RelocationPolicy = (typeof relocationPolicies)[number];
export const commitPolicies = ['NONE', 'COMMIT', 'ROLLBACK'] as const;
export type CommitPolicy = (typeof commitPolicies)[number];
export const pauseReasons = ['USER', 'ERROR', 'MANUAL_STEP', 'CAPACITY'] as const;
export type PauseReason = (typeof pauseReasons)[number];
export const ioLocations = ['REPLICA_STORAGE', 'PRODUCTION_STORAGE'] as const;

/** What a machine's part in a run may become. PAUSED is left by a retry, to where it stood, by a skip or by an undo. */
export const failoverVmTransitions: Readonly<Record<FailoverVmState, readonly FailoverVmState[]>> = {
  WAITING: ['STARTING', 'PAUSED', 'SKIPPED', 'FAILED', 'GOING_BACK'],
  // To FAILED and straight back: a test's copy, which no person is asked about.
  STARTING: ['LIVE', 'PAUSED', 'FAILED', 'GOING_BACK'],
  LIVE: ['RELOCATING', 'SETTLED', 'GOING_BACK', 'PAUSED'],
  RELOCATING: ['SETTLED', 'GOING_BACK', 'PAUSED'],
  SETTLED: ['GOING_BACK'],
  PAUSED: ['WAITING', 'STARTING', 'LIVE', 'RELOCATING', 'SKIPPED', 'FAILED', 'GOING_BACK'],
  SKIPPED: [],
  FAILED: ['GOING_BACK'],
  GOING_BACK: ['BACK', 'SKIPPED', 'PAUSED'],
  BACK: [],
};

/** Machines in these states have no file on the tenant's share that production still needs. */
export const leftTheShare: readonly FailoverVmState[] = ['SETTLED', 'SKIPPED', 'BACK'];

/**
 * product.md 4.3, the phases of UNPLANNED and TEST runs. Beyond it: machines of a run may be undone while the others stay, so
 * ROLLING_BACK may lead back to LIVE; and a run that was told to pause may have nothing left to be paused. A test
 * that fails, or is given up, goes from RUNNING to CLEANING_UP: it never waits for a person.
 */
export const failoverTransitions: Readonly<Partial<Record<FailoverPhase, readonly FailoverPhase[]>>> = {
  QUEUED: ['PREFLIGHT', 'AWAITING_APPROVAL', 'CANCELLED'],
  AWAITING_APPROVAL: ['PREFLIGHT', 'REJECTED', 'CANCELLED'],
  PREFLIGHT: ['RUNNING', 'REJECTED', 'AWAITING_SOURCE', 'CANCELLING'],
  RUNNING: ['LIVE', 'TEST_LIVE', 'PAUSING', 'PAUSED', 'CANCELLING', 'CLEANING_UP'],
  PAUSING: ['PAUSED', 'LIVE', 'CANCELLING'],
  PAUSED: ['RUNNING', 'LIVE', 'COMMITTING', 'CANCELLING', 'ROLLING_BACK'],
  LIVE: ['COMMITTING', 'ROLLING_BACK', 'PAUSED'],
  COMMITTING: ['COMMITTED', 'PAUSED'],
  ROLLING_BACK: ['ROLLED_BACK', 'LIVE', 'PAUSED'],
  CANCELLING: ['ROLLED_BACK', 'CANCELLED', 'PAUSED'],
  TEST_LIVE: ['CLEANING_UP'],
  CLEANING_UP: ['CLEANED_UP', 'CLEANUP_FAILED'],
  CLEANUP_FAILED: ['CLEANING_UP'],
};

/** Phases in which a run is to stop: no machine of the run begins another step. */
export const haltedPhases: readonly FailoverPhase[] = ['PAUSING', 'CANCELLING', 'CLEANING_UP'];

/** A machine that has nothing more to do with the run. */
export const wentBack: readonly FailoverVmState[] = ['SKIPPED', 'BACK'];
