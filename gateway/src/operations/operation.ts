export const operationKinds = [
  'PROVISION_TARGET',
  'RESIZE_TARGET',
  'SUSPEND_TARGET',
  'RESUME_TARGET',
  'DEPROVISION_TARGET',
  'RESTORE_TARGET',
  'DESTROY_TARGET',
  'ROTATE_CREDENTIAL',
  'CHECK_CONNECTIVITY',
  'REPAIR_DRIFT',
  'PROVISION_ORGANIZATION',
  'CLOSE_ORGANIZATION',
  'READINESS_CHECK',
  'FAILOVER',
] as const;
export type OperationKind = (typeof operationKinds)[number];

export const operationStatuses = ['QUEUED', 'RUNNING', 'WAITING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type OperationStatus = (typeof operationStatuses)[number];

export const finalStatuses: readonly OperationStatus[] = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

export const stepStates = [
  'PENDING',
  'RUNNING',
  'RETRYING',
  'SUCCEEDED',
  'WARNING',
  'FAILED',
  'SKIPPED',
  'COMPENSATING',
  'COMPENSATED',
] as const;
export type StepState = (typeof stepStates)[number];

export const eventTypes = [
  'ACCEPTED',
  'STATUS_CHANGED',
  'STEP_STARTED',
  'STEP_PROGRESS',
  'STEP_SUCCEEDED',
  'STEP_RETRYING',
  'STEP_FAILED',
  'VM_STATE_CHANGED',
  'PROBLEM_RAISED',
  'PROBLEM_CLEARED',
  'CONTROL_REQUESTED',
  'FINISHED',
] as const;
export type OperationEventType = (typeof eventTypes)[number];

export const problemCodes = [
  'BACKEND_UNAVAILABLE',
  'BACKEND_REFUSED',
  'CAPACITY',
  'CONFLICT',
  'INVALID',
  'NOT_FOUND',
  'TIMED_OUT',
  'VM_QUESTION',
  'MANUAL_STEP',
  'READINESS_GATE',
  'CANCELLED',
  'INTERNAL',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** What stands in the way: two texts, one for the tenant and one for the operator. */
export interface Problem {
  code: ProblemCode;
  side: 'PROVIDER' | 'CUSTOMER';
  message: string;
  remedy: string;
  retryable: boolean;
  /** ISO 8601. */
  since: string;
  /** The operator's text. Only in memory: a stored problem names it by `detailId`, since tenants may read the row. */
  detail?: string;
  /** Where the operator's text is kept, in a table that no tenant's role can read. */
  detailId?: string;
}

/** Who asked, as it is shown and audited. */
export interface Actor {
  subject: string;
  displayName: string;
  kind: 'PERSON' | 'BILLING_CLIENT' | 'MSP_CLIENT' | 'SYSTEM';
  /** The organization through which the actor acts; absent for the provider's staff. */
  organizationId?: string;
  isProvider: boolean;
}

/** The values as they were right after an event; no link to live objects. Stored as JSON, read by all watchers. */
export interface OperationEventData {
  message: string;
  kind: OperationKind;
  status: OperationStatus;
  phase?: string;
  percent?: number;
  deadline?: string;
  vm?: { failoverVmId: string; vmId: string; name: string; state: string; percent?: number; ioLocation?: string };
  step?: {
    /** `run`, or the failover VM's id. */
    unit: string;
    name: string;
    title: string;
    state: StepState;
    attempt: number;
    percent?: number;
    startedAt?: string;
    finishedAt?: string;
    problem?: Problem;
  };
  problem?: Problem;
}
