// Written by `pnpm generate` from schema/schema.graphql and documents/*.graphql. Do not edit.
import type { TypedDocument } from './document.ts';

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Where the machine runs, as far as is seen from here. */
export type ActiveSide =
  /** Seemingly at both: shut one down before data diverge. */
  | 'BOTH_SUSPECTED'
  /** At the provider. */
  | 'PROVIDER'
  /** At the customer’s site. */
  | 'SOURCE'
  | '%future added value';

/** Why `CancelFailover` is refused. */
export type CancelFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** What `cancelFailover` is told. */
export type CancelFailoverInput = {
  /** A failover’s id. */
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
};

/** Why `CleanUpTestFailover` is refused. */
export type CleanUpTestFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** What `cleanUpTestFailover` is told. */
export type CleanUpTestFailoverInput = {
  /** A failover’s id. */
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
};

/** Why `CommitFailover` is refused. */
export type CommitFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** What `commitFailover` is told. */
export type CommitFailoverInput = {
  /** A failover’s id. */
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
};

/** What the clock does to a live failover. */
export type CommitPolicy =
  /** Commits when the time is up. */
  | 'COMMIT'
  /** Nothing: a person commits or undoes. */
  | 'NONE'
  /** Undoes when the time is up. */
  | 'ROLLBACK'
  | '%future added value';

/** What the replication account may do on its host: what replication needs, or everything. */
export type CredentialProfile =
  /** An account with what replication needs and nothing more. */
  | 'LIMITED_ROLE'
  /** An account with full rights on the nested host. */
  | 'ROOT_EQUIVALENT'
  | '%future added value';

/** Why `DeprovisionReplicationTarget` is refused. */
export type DeprovisionReplicationTargetErrorCode =
  /** The credential was shown before; it is shown once. */
  | 'ALREADY_REVEALED'
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Something still depends on it. */
  | 'IN_USE'
  /** The organization has something of this name. */
  | 'NAME_TAKEN'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** The target is not in a state for this. */
  | 'NOT_READY'
  /** There is no room at this site. */
  | 'NO_CAPACITY'
  /** This needs a sign-in of the last five minutes. */
  | 'SIGN_IN_AGAIN'
  | '%future added value';

/** What `deprovisionReplicationTarget` is told. */
export type DeprovisionReplicationTargetInput = {
  /** The target's name, typed by a person. */
  confirm: string;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same object and starts nothing. */
  idempotencyKey: string;
  /** How long its data are kept. Absent: they are removed at once. */
  retainFor?: string | null | undefined;
  /** A replication target’s id. */
  targetId: string | number;
};

/** Why `ExtendTestFailover` is refused. */
export type ExtendTestFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** What `extendTestFailover` is told. */
export type ExtendTestFailoverInput = {
  /** A failover’s id. */
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** From now on, and not shorter than it runs anyway. At most P7D. */
  keepFor: string;
  /** For the audit. */
  reason?: string | null | undefined;
};

/** What `failoverNic` is told. */
export type FailoverNicInput = {
  /** Whether it is plugged in. */
  connected?: boolean | null | undefined;
  /** One of the tenant's own production networks. */
  networkId?: string | number | null | undefined;
  /** `VmNic.key` */
  nicKey: number;
};

/** How complete a failover was. */
export type FailoverOutcome =
  /** Every machine took part to the end. */
  | 'FULL'
  /** Some machines were left out or failed. */
  | 'PARTIAL'
  | '%future added value';

/** Where a failover stands (LIVE and PAUSED wait). */
export type FailoverPhase =
  /** Waits for a second person. */
  | 'AWAITING_APPROVAL'
  /** Waits for the customer. */
  | 'AWAITING_CUSTOMER'
  /** Waits until the source is shut down. */
  | 'AWAITING_SOURCE'
  /** Ended before any machine was live. */
  | 'CANCELLED'
  /** Is being cancelled. */
  | 'CANCELLING'
  /** The test is over. */
  | 'CLEANED_UP'
  /** Test copies are being removed. */
  | 'CLEANING_UP'
  /** Something of the test is left. */
  | 'CLEANUP_FAILED'
  /** Final: the machines stay. */
  | 'COMMITTED'
  /** Is being made final. */
  | 'COMMITTING'
  /** The machines serve the customer. Commit or undo. */
  | 'LIVE'
  /** At least one machine waits for a person; see the problems. */
  | 'PAUSED'
  /** Comes to a halt. */
  | 'PAUSING'
  /** Is checked before anything is touched. */
  | 'PREFLIGHT'
  /** Accepted; not begun. */
  | 'QUEUED'
  /** Ready to go back to the customer’s site. */
  | 'READY_TO_SWITCH'
  /** The second person said no. */
  | 'REJECTED'
  /** Undone. */
  | 'ROLLED_BACK'
  /** Machines are being put back on their targets. */
  | 'ROLLING_BACK'
  /** Machines are being started. */
  | 'RUNNING'
  /** Goes back to the customer’s site. */
  | 'SWITCHING'
  /** Test copies run. */
  | 'TEST_LIVE'
  | '%future added value';

/** At least one of `targetIds` and `vms`; with targets, `vms` narrows them. Up to 1,000 machines of one organization. */
export type FailoverSelectionInput = {
  /** For every NIC that is not mapped one by one. */
  networkId?: string | number | null | undefined;
  /** Every protected machine of these targets. */
  targetIds?: Array<string | number> | null | undefined;
  /** The machines. */
  vms?: Array<FailoverVmInput> | null | undefined;
};

/** What kind of failover it is. */
export type FailoverType =
  /** Back to the customer’s site. */
  | 'FAILBACK'
  /** The source is shut down first; nothing is lost. */
  | 'PLANNED'
  /** A copy on an isolated network; replication goes on. */
  | 'TEST'
  /** The source is lost. */
  | 'UNPLANNED'
  | '%future added value';

/** One machine of a failover, and how it is started. */
export type FailoverVmInput = {
  /** Lower is started first. Default 0. */
  bootGroup?: number | null | undefined;
  /** The network adapters. */
  nics?: Array<FailoverNicInput> | null | undefined;
  /** Absent: the latest state. */
  restorePointId?: string | number | null | undefined;
  /** A machine’s id. */
  vmId: string | number;
};

/** Where a machine stands within one failover. */
export type FailoverVmState =
  /** Is back on its target. */
  | 'BACK'
  /** Failed for good in this run. */
  | 'FAILED'
  /** Is being put back on its target. */
  | 'GOING_BACK'
  /** Runs at the provider, on its replica’s storage. */
  | 'LIVE'
  /** Waits for a person; see its problem. */
  | 'PAUSED'
  /** Runs, while its disks move to production storage. */
  | 'RELOCATING'
  /** Runs on production storage. */
  | 'SETTLED'
  /** Left out of this run. */
  | 'SKIPPED'
  /** Is being taken over and started. */
  | 'STARTING'
  /** Waits for its boot group. */
  | 'WAITING'
  | '%future added value';

/** How a target is doing. */
export type Health =
  /** Works, with something that needs attention. */
  | 'DEGRADED'
  /** Works as it should. */
  | 'HEALTHY'
  /** Was changed in a way that we do not support. */
  | 'NON_COMPLIANT'
  /** Not looked at yet. */
  | 'UNKNOWN'
  /** Does not answer. */
  | 'UNREACHABLE'
  | '%future added value';

/** Where a machine's disks are read and written now. */
export type IoLocation =
  /** On production storage. */
  | 'PRODUCTION_STORAGE'
  /** On the storage that replicas are kept on. */
  | 'REPLICA_STORAGE'
  | '%future added value';

/** What a network is for. */
export type NetworkKind =
  /** Reaches the tenant and the world as production does. */
  | 'PRODUCTION'
  /** For tests: reaches nothing outside. */
  | 'TEST'
  | '%future added value';

/** What happened. */
export type OperationEventType =
  /** The operation was accepted. Always the first. */
  | 'ACCEPTED'
  /** A person asked for something: commit, retry, skip. */
  | 'CONTROL_REQUESTED'
  /** The operation has ended. Always the last. */
  | 'FINISHED'
  /** It no longer does. */
  | 'PROBLEM_CLEARED'
  /** Something stands in the way. */
  | 'PROBLEM_RAISED'
  /** Its status or phase is another. */
  | 'STATUS_CHANGED'
  /** A step has failed. */
  | 'STEP_FAILED'
  /** A step has come further; at most one a second. */
  | 'STEP_PROGRESS'
  /** A step is tried again. */
  | 'STEP_RETRYING'
  /** A step has begun. */
  | 'STEP_STARTED'
  /** A step is done. */
  | 'STEP_SUCCEEDED'
  /** A machine of a failover is in another state. */
  | 'VM_STATE_CHANGED'
  | '%future added value';

/** What an operation does. */
export type OperationKind =
  /** Looks whether a target can be reached. */
  | 'CHECK_CONNECTIVITY'
  /** Closes an organization. */
  | 'CLOSE_ORGANIZATION'
  /** Gives a target up. */
  | 'DEPROVISION_TARGET'
  /** Removes a retained target’s data early. */
  | 'DESTROY_TARGET'
  /** Starts a tenant’s machines at the provider, or takes that back. */
  | 'FAILOVER'
  /** Makes an organization. */
  | 'PROVISION_ORGANIZATION'
  /** Makes a replication target. */
  | 'PROVISION_TARGET'
  /** Looks whether a failover would succeed. */
  | 'READINESS_CHECK'
  /** Puts a target back to how it should be. */
  | 'REPAIR_DRIFT'
  /** Changes the size or network of a target. */
  | 'RESIZE_TARGET'
  /** Brings a retained target back. */
  | 'RESTORE_TARGET'
  /** Resumes a suspended target. */
  | 'RESUME_TARGET'
  /** Issues a new credential of a target. */
  | 'ROTATE_CREDENTIAL'
  /** Suspends a target. */
  | 'SUSPEND_TARGET'
  | '%future added value';

/** Where an operation stands. */
export type OperationStatus =
  /** Ended on request. */
  | 'CANCELLED'
  /** Ended with a problem. */
  | 'FAILED'
  /** Accepted; not begun. */
  | 'QUEUED'
  /** At work. */
  | 'RUNNING'
  /** Ended well. */
  | 'SUCCEEDED'
  /** Waits for a person, a clock or room. */
  | 'WAITING'
  | '%future added value';

/** What an organization is. */
export type OrganizationKind =
  /** Serves the tenants below it. */
  | 'MSP'
  /** The cloud provider. */
  | 'PROVIDER'
  /** Has machines to protect. */
  | 'TENANT'
  | '%future added value';

/** What somebody may be in an organization. */
export type OrganizationRole =
  /** Everything in the organization. */
  | 'ADMIN'
  /** Reads usage and prices. */
  | 'BILLING'
  /** Orders, starts and controls; does not administer. */
  | 'OPERATOR'
  /** Test failovers only; arises from a delegation. */
  | 'TEST_OPERATOR'
  /** Reads. */
  | 'VIEWER'
  | '%future added value';

/** Where an organization stands. */
export type OrganizationState =
  /** In use. */
  | 'ACTIVE'
  /** Its past can be read by those above it. */
  | 'CLOSED'
  /** Being made; not usable yet. */
  | 'PROVISIONING'
  /** May read and fail over, and nothing else. */
  | 'SUSPENDED'
  | '%future added value';

/** Why `PauseFailover` is refused. */
export type PauseFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** What `pauseFailover` is told. */
export type PauseFailoverInput = {
  /** A failover’s id. */
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
};

/** Why a failover waits. */
export type PauseReason =
  /** There is no room. */
  | 'CAPACITY'
  /** A step failed. */
  | 'ERROR'
  /** A person has to do something. */
  | 'MANUAL_STEP'
  /** A person asked for it. */
  | 'USER'
  | '%future added value';

/** What kind of caller it is. */
export type PrincipalKind =
  /** A billing portal. */
  | 'BILLING_CLIENT'
  /** An MSP’s machine. */
  | 'MSP_CLIENT'
  /** A person. */
  | 'PERSON'
  /** The service itself. */
  | 'SYSTEM'
  | '%future added value';

/** What kind of problem it is; the set may grow. */
export type ProblemCode =
  /** A system of the provider refuses our account. */
  | 'BACKEND_REFUSED'
  /** A system of the provider does not answer. */
  | 'BACKEND_UNAVAILABLE'
  /** It was cancelled. */
  | 'CANCELLED'
  /** There is no room. */
  | 'CAPACITY'
  /** Something stands in the way. */
  | 'CONFLICT'
  /** A fault of ours. */
  | 'INTERNAL'
  /** What was asked for can never work. */
  | 'INVALID'
  /** A person has to do something first. */
  | 'MANUAL_STEP'
  /** Something that must exist is gone. */
  | 'NOT_FOUND'
  /** The machine does not answer as its gate wants. */
  | 'READINESS_GATE'
  /** It took too long. */
  | 'TIMED_OUT'
  /** The machine asks something and waits for the answer. */
  | 'VM_QUESTION'
  | '%future added value';

/** Where a machine stands with us. */
export type ProtectedVmState =
  /** Its failover is being made final. */
  | 'COMMITTING'
  /** Seen on the target, without a restore point yet. */
  | 'DISCOVERED'
  /** Runs at the customer’s site again. */
  | 'FAILED_BACK'
  /** Runs at the provider; the failover can still be undone. */
  | 'FAILED_OVER'
  /** Is on its way back to the customer’s site. */
  | 'FAILING_BACK'
  /** Part of a failover that has not made it live yet. */
  | 'FAILING_OVER'
  /** Its failover failed; it needs a person. */
  | 'FAILOVER_FAILED'
  /** Was on the target, and is not there any more. */
  | 'MISSING'
  /** On the target with at least one restore point. */
  | 'PROTECTED'
  /** Runs at the provider for good. */
  | 'RECOVERED'
  /** Given up, together with its target. */
  | 'REMOVED'
  /** Is being put back on its target. */
  | 'ROLLING_BACK'
  | '%future added value';

/** Why `ProvisionReplicationTarget` is refused. */
export type ProvisionReplicationTargetErrorCode =
  /** The credential was shown before; it is shown once. */
  | 'ALREADY_REVEALED'
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Something still depends on it. */
  | 'IN_USE'
  /** The organization has something of this name. */
  | 'NAME_TAKEN'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** The target is not in a state for this. */
  | 'NOT_READY'
  /** There is no room at this site. */
  | 'NO_CAPACITY'
  /** This needs a sign-in of the last five minutes. */
  | 'SIGN_IN_AGAIN'
  | '%future added value';

/** What `provisionReplicationTarget` is told. */
export type ProvisionReplicationTargetInput = {
  /** How much the issued account may do. */
  credentialProfile?: CredentialProfile | null | undefined;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same object and starts nothing. */
  idempotencyKey: string;
  /** Unique in the organization; typed again to give the target up. */
  name: string;
  /** The tenant's own production network that its replication software comes from. */
  networkId: string | number;
  /** The tenant that it is for. */
  organizationId: string | number;
  /** A plan’s id. */
  planId: string | number;
  /** A site’s id. */
  siteId: string | number;
};

/** Why `RefreshProtectedVms` is refused. */
export type RefreshProtectedVmsErrorCode =
  /** The credential was shown before; it is shown once. */
  | 'ALREADY_REVEALED'
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Something still depends on it. */
  | 'IN_USE'
  /** The organization has something of this name. */
  | 'NAME_TAKEN'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** The target is not in a state for this. */
  | 'NOT_READY'
  /** There is no room at this site. */
  | 'NO_CAPACITY'
  /** This needs a sign-in of the last five minutes. */
  | 'SIGN_IN_AGAIN'
  | '%future added value';

/** What `refreshProtectedVms` is told. */
export type RefreshProtectedVmsInput = {
  /** Of your making, 8 to 128 characters. */
  idempotencyKey: string;
  /** A replication target’s id. */
  targetId: string | number;
};

/** When a machine's disks are moved to production storage: as soon as it is live, or when the failover is committed. */
export type RelocationPolicy =
  /** Disks move to production storage as soon as a machine is live. */
  | 'IMMEDIATE'
  /** Disks stay where they are until the commit. */
  | 'ON_COMMIT'
  | '%future added value';

/** How well a machine’s replication keeps up. */
export type ReplicationHealth =
  /** The first replication has not ended. */
  | 'INITIAL'
  /** The newest restore point is older than it should be. */
  | 'LAGGING'
  /** Restore points arrive as often as they should. */
  | 'ON_TARGET'
  /** Stopped on purpose, as during a failover. */
  | 'PAUSED'
  /** No restore point has come for long. */
  | 'STALLED'
  /** Too little has been seen to tell. */
  | 'UNKNOWN'
  | '%future added value';

/** Where a target stands. */
export type ReplicationTargetState =
  /** Ready for replicas. */
  | 'ACTIVE'
  /** Gone. */
  | 'DEPROVISIONED'
  /** Is being given up. */
  | 'DEPROVISIONING'
  /** Could not be made; nothing of it is left, or its operation says what. */
  | 'FAILED'
  /** Host and datastore are being made. */
  | 'PROVISIONING'
  /** Ordered. */
  | 'REQUESTED'
  /** Addresses are being set aside. */
  | 'RESERVING'
  /** Is being resumed. */
  | 'RESUMING'
  /** Given up; its data are kept until `retainedUntil`. */
  | 'RETAINED'
  /** Takes no replicas; what is there is kept. */
  | 'SUSPENDED'
  /** Is being suspended. */
  | 'SUSPENDING'
  /** Its size or network is being changed. */
  | 'UPDATING'
  /** It is being tried out as its user will use it. */
  | 'VERIFYING'
  | '%future added value';

/** Why `ResumeFailover` is refused. */
export type ResumeFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** What `resumeFailover` is told. */
export type ResumeFailoverInput = {
  /** A failover’s id. */
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
};

/** Why `RetryFailover` is refused. */
export type RetryFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** Without `vmIds`: every machine that is paused. */
export type RetryFailoverInput = {
  /** A failover’s id. */
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
  /** Ids of machines. */
  vmIds?: Array<string | number> | null | undefined;
};

/** Why `RevealTargetCredential` is refused. */
export type RevealTargetCredentialErrorCode =
  /** The credential was shown before; it is shown once. */
  | 'ALREADY_REVEALED'
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Something still depends on it. */
  | 'IN_USE'
  /** The organization has something of this name. */
  | 'NAME_TAKEN'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** The target is not in a state for this. */
  | 'NOT_READY'
  /** There is no room at this site. */
  | 'NO_CAPACITY'
  /** This needs a sign-in of the last five minutes. */
  | 'SIGN_IN_AGAIN'
  | '%future added value';

/** What `revealTargetCredential` is told. */
export type RevealTargetCredentialInput = {
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same object and starts nothing. */
  idempotencyKey: string;
  /** A replication target’s id. */
  targetId: string | number;
};

/** Why `RunReadinessCheck` is refused. */
export type RunReadinessCheckErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** What `runReadinessCheck` is told. */
export type RunReadinessCheckInput = {
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** Which machines, and onto which networks. */
  selection: FailoverSelectionInput;
  /** Only UNPLANNED is served yet. */
  type: FailoverType;
};

/** How much a finding weighs. */
export type Severity =
  /** A run is rejected for it, with nothing touched. */
  | 'BLOCK'
  /** Worth knowing. */
  | 'INFO'
  /** A run goes on in spite of it; know it before. */
  | 'WARN'
  | '%future added value';

/** In whose half of the demarcation something lies. */
export type Side =
  /** The customer has to act. */
  | 'CUSTOMER'
  /** The provider has to act. */
  | 'PROVIDER'
  | '%future added value';

/** Why `SkipVms` is refused. */
export type SkipVmsErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** Without `vmIds`: every paused machine that has not been on in production. */
export type SkipVmsInput = {
  /** A failover’s id. */
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
  /** Ids of machines. */
  vmIds?: Array<string | number> | null | undefined;
};

/** Why `StartFailover` is refused. */
export type StartFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** What `startFailover` is told. */
export type StartFailoverInput = {
  /** With COMMIT and ROLLBACK: how long after being live. Between PT5M and P1D. */
  commitAfter?: string | null | undefined;
  /** What the clock does to a live failover. Default NONE: nothing. */
  commitPolicy?: CommitPolicy | null | undefined;
  /** Typed by a person: the target's name when there is one target, else the organization's name. */
  confirm: string;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** `ReadinessReport.planHash`: refused when this is not what was checked. */
  planHash?: string | null | undefined;
  /** For the audit. */
  reason?: string | null | undefined;
  /** Default IMMEDIATE. */
  relocation?: RelocationPolicy | null | undefined;
  /** Which machines, and onto which networks. */
  selection: FailoverSelectionInput;
};

/** Why `StartTestFailover` is refused. */
export type StartTestFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** What `startTestFailover` is told. */
export type StartTestFailoverInput = {
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** How long the copies run, from the moment on that all do. Default PT4H; between PT1M and P7D. */
  keepFor?: string | null | undefined;
  /** `ReadinessReport.planHash`: refused when this is not what was checked. */
  planHash?: string | null | undefined;
  /** For the audit. */
  reason?: string | null | undefined;
  /** Which machines. No networks: each NIC is on the isolated network of the test, or unplugged. */
  selection: FailoverSelectionInput;
};

/** Where a step stands. */
export type StepState =
  /** Taken back. */
  | 'COMPENSATED'
  /** Is being taken back. */
  | 'COMPENSATING'
  /** Failed; see its problem. */
  | 'FAILED'
  /** Not begun. */
  | 'PENDING'
  /** Failed in a way that may pass, and is tried again. */
  | 'RETRYING'
  /** At work. */
  | 'RUNNING'
  /** Left out. */
  | 'SKIPPED'
  /** Done. */
  | 'SUCCEEDED'
  /** Done, with something to look at. */
  | 'WARNING'
  | '%future added value';

/** Where the test of a machine stands. */
export type TestState =
  /** The test copy is being removed. */
  | 'CLEANING'
  /** Something of the test copy is left. */
  | 'CLEANUP_FAILED'
  /** The test copy could not be started. */
  | 'FAILED'
  /** No test failover. */
  | 'NONE'
  /** A test copy runs. */
  | 'RUNNING'
  /** A test copy is being started. */
  | 'STARTING'
  | '%future added value';

/** Why `UndoFailover` is refused. */
export type UndoFailoverErrorCode =
  /** What was typed is not what had to be typed. */
  | 'CONFIRMATION_MISMATCH'
  /** The key was used before with another input. Use a new one. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The input can never work; the message says why. */
  | 'INVALID'
  /** Machines cannot be connected to this network now. */
  | 'NETWORK_NOT_ATTACHABLE'
  /** The organization has no such network. */
  | 'NETWORK_NOT_OWNED'
  /** The failover is in a phase in which this cannot be done. */
  | 'NOT_ALLOWED_IN_PHASE'
  /** There is no such thing, or the caller may not see it. */
  | 'NOT_FOUND'
  /** It is not what was checked; check it again. */
  | 'PLAN_CHANGED'
  /** The restore point is not there any more. */
  | 'RESTORE_POINT_GONE'
  /** The target is not ready for a failover. */
  | 'TARGET_NOT_READY'
  /** The machine takes part in another failover. */
  | 'VM_BUSY'
  /** The machine has no restore point to start from. */
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** Without `vmIds`: every machine of the run. */
export type UndoFailoverInput = {
  /** A failover’s id. */
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
  /** Ids of machines. */
  vmIds?: Array<string | number> | null | undefined;
};

export type ListOrganizationsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  parentId?: string | number | null | undefined;
  kind?: OrganizationKind | null | undefined;
}>;


export type ListOrganizationsQuery = { organizations: { nodes: Array<{ id: string, name: string, kind: OrganizationKind, state: OrganizationState, externalId: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ListSitesQueryVariables = Exact<{ [key: string]: never; }>;


export type ListSitesQuery = { sites: Array<{ id: string, name: string, location: string | null, storageClasses: Array<{ name: string }> }> | null };

export type ListTargetPlansQueryVariables = Exact<{
  siteId?: string | number | null | undefined;
}>;


export type ListTargetPlansQuery = { targetPlans: Array<{ id: string, name: string, version: number, isOffered: boolean, description: string | null, cpuCount: number, memory: string, storage: string, storageClass: string, site: { id: string } }> | null };

export type ListNetworksQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  organizationId?: string | number | null | undefined;
  siteId?: string | number | null | undefined;
  kind?: NetworkKind | null | undefined;
}>;


export type ListNetworksQuery = { networks: { nodes: Array<{ id: string, name: string, kind: NetworkKind, vlanId: number | null, cidr: string | null, gateway: string | null, attachable: boolean, reason: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ProtectedVmFieldsFragment = { id: string, name: string, state: ProtectedVmState, testState: TestState, replicationHealth: ReplicationHealth, activeSide: ActiveSide, guestOs: string | null, cpuCount: number | null, memory: string | null, observedAt: string, disks: Array<{ label: string, capacity: string }> | null, nics: Array<{ key: number, label: string, macAddress: string, sourceNetworkName: string | null }> | null, latestRestorePoint: { id: string, createdAt: string } | null, target: { id: string, name: string }, allowedOperations: Array<{ name: string, allowed: boolean, code: string | null, reason: string | null }> };

export type ListProtectedVmsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  organizationId?: string | number | null | undefined;
  targetId?: string | number | null | undefined;
  states?: Array<ProtectedVmState> | ProtectedVmState | null | undefined;
  nameContains?: string | null | undefined;
}>;


export type ListProtectedVmsQuery = { protectedVms: { nodes: Array<{ id: string, name: string, state: ProtectedVmState, testState: TestState, replicationHealth: ReplicationHealth, activeSide: ActiveSide, guestOs: string | null, cpuCount: number | null, memory: string | null, observedAt: string, disks: Array<{ label: string, capacity: string }> | null, nics: Array<{ key: number, label: string, macAddress: string, sourceNetworkName: string | null }> | null, latestRestorePoint: { id: string, createdAt: string } | null, target: { id: string, name: string }, allowedOperations: Array<{ name: string, allowed: boolean, code: string | null, reason: string | null }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type GetProtectedVmQueryVariables = Exact<{
  id: string | number;
}>;


export type GetProtectedVmQuery = { protectedVm: { id: string, name: string, state: ProtectedVmState, testState: TestState, replicationHealth: ReplicationHealth, activeSide: ActiveSide, guestOs: string | null, cpuCount: number | null, memory: string | null, observedAt: string, restorePoints: { nodes: Array<{ id: string, createdAt: string, description: string | null, isLatest: boolean }> }, disks: Array<{ label: string, capacity: string }> | null, nics: Array<{ key: number, label: string, macAddress: string, sourceNetworkName: string | null }> | null, latestRestorePoint: { id: string, createdAt: string } | null, target: { id: string, name: string }, allowedOperations: Array<{ name: string, allowed: boolean, code: string | null, reason: string | null }> } | null };

export type RefreshProtectedVmsMutationVariables = Exact<{
  input: RefreshProtectedVmsInput;
}>;


export type RefreshProtectedVmsMutation = { refreshProtectedVms: { target: { id: string, observedAt: string | null } | null, userErrors: Array<{ code: RefreshProtectedVmsErrorCode, message: string, field: Array<string> | null }> } | null };

export type FailoverFieldsFragment = { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

export type GetFailoverQueryVariables = Exact<{
  id: string | number;
}>;


export type GetFailoverQuery = { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null };

export type StartFailoverMutationVariables = Exact<{
  input: StartFailoverInput;
}>;


export type StartFailoverMutation = { startFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: StartFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type CommitFailoverMutationVariables = Exact<{
  input: CommitFailoverInput;
}>;


export type CommitFailoverMutation = { commitFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: CommitFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type RetryFailoverMutationVariables = Exact<{
  input: RetryFailoverInput;
}>;


export type RetryFailoverMutation = { retryFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: RetryFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type SkipVmsMutationVariables = Exact<{
  input: SkipVmsInput;
}>;


export type SkipVmsMutation = { skipVms: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: SkipVmsErrorCode, message: string, field: Array<string> | null }> } | null };

export type UndoFailoverMutationVariables = Exact<{
  input: UndoFailoverInput;
}>;


export type UndoFailoverMutation = { undoFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: UndoFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type CancelFailoverMutationVariables = Exact<{
  input: CancelFailoverInput;
}>;


export type CancelFailoverMutation = { cancelFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: CancelFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type PauseFailoverMutationVariables = Exact<{
  input: PauseFailoverInput;
}>;


export type PauseFailoverMutation = { pauseFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: PauseFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type ResumeFailoverMutationVariables = Exact<{
  input: ResumeFailoverInput;
}>;


export type ResumeFailoverMutation = { resumeFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: ResumeFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type ListFailoversQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  organizationId?: string | number | null | undefined;
  types?: Array<FailoverType> | FailoverType | null | undefined;
  phases?: Array<FailoverPhase> | FailoverPhase | null | undefined;
}>;


export type ListFailoversQuery = { failovers: { nodes: Array<{ __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type RunReadinessCheckMutationVariables = Exact<{
  input: RunReadinessCheckInput;
}>;


export type RunReadinessCheckMutation = { runReadinessCheck: { operation: { __typename: 'ReadinessCheck', type: FailoverType, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, report: { checkedAt: string, planHash: string, confirmation: string, isReady: boolean, vmCount: number, estimatedDuration: string | null, runSteps: Array<{ name: string, title: string }>, vmSteps: Array<{ name: string, title: string }>, findings: { nodes: Array<{ severity: Severity, code: string, message: string, remedy: string, vm: { id: string, name: string } | null }> } } | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: RunReadinessCheckErrorCode, message: string, field: Array<string> | null }> } | null };

export type GetReadinessCheckQueryVariables = Exact<{
  id: string | number;
}>;


export type GetReadinessCheckQuery = { operation:
    | { __typename: 'ReadinessCheck', type: FailoverType, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, report: { checkedAt: string, planHash: string, confirmation: string, isReady: boolean, vmCount: number, estimatedDuration: string | null, runSteps: Array<{ name: string, title: string }>, vmSteps: Array<{ name: string, title: string }>, findings: { nodes: Array<{ severity: Severity, code: string, message: string, remedy: string, vm: { id: string, name: string } | null }> } } | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }
    | Record<PropertyKey, never>
   | null };

export type ReadinessFieldsFragment = { __typename: 'ReadinessCheck', type: FailoverType, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, report: { checkedAt: string, planHash: string, confirmation: string, isReady: boolean, vmCount: number, estimatedDuration: string | null, runSteps: Array<{ name: string, title: string }>, vmSteps: Array<{ name: string, title: string }>, findings: { nodes: Array<{ severity: Severity, code: string, message: string, remedy: string, vm: { id: string, name: string } | null }> } } | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

export type StartTestFailoverMutationVariables = Exact<{
  input: StartTestFailoverInput;
}>;


export type StartTestFailoverMutation = { startTestFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: StartTestFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type CleanUpTestFailoverMutationVariables = Exact<{
  input: CleanUpTestFailoverInput;
}>;


export type CleanUpTestFailoverMutation = { cleanUpTestFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: CleanUpTestFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type ExtendTestFailoverMutationVariables = Exact<{
  input: ExtendTestFailoverInput;
}>;


export type ExtendTestFailoverMutation = { extendTestFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, name: string, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: ExtendTestFailoverErrorCode, message: string, field: Array<string> | null }> } | null };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { subject: string, displayName: string, kind: PrincipalKind, providerRoles: Array<string>, memberships: Array<{ role: OrganizationRole, permissions: Array<string>, organization: { id: string, name: string, kind: OrganizationKind } }> } };

export type StepFieldsFragment = { name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

export type ProblemFieldsFragment = { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string };

type OperationFields_Failover_Fragment = { __typename: 'Failover', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

type OperationFields_ReadinessCheck_Fragment = { __typename: 'ReadinessCheck', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

type OperationFields_TargetOperation_Fragment = { __typename: 'TargetOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

export type OperationFieldsFragment =
  | OperationFields_Failover_Fragment
  | OperationFields_ReadinessCheck_Fragment
  | OperationFields_TargetOperation_Fragment
;

export type GetOperationQueryVariables = Exact<{
  id: string | number;
}>;


export type GetOperationQuery = { operation:
    | { __typename: 'Failover', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }
    | { __typename: 'ReadinessCheck', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }
    | { __typename: 'TargetOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }
   | null };

export type OperationEventsSubscriptionVariables = Exact<{
  operationId: string | number;
  after?: string | null | undefined;
}>;


export type OperationEventsSubscription = { operationEvents: { cursor: string, sequence: number, occurredAt: string, organizationId: string, type: OperationEventType, message: string, operationId: string, kind: OperationKind, status: OperationStatus, phase: FailoverPhase | null, percent: number | null, deadline: string | null, stepOfFailoverVmId: string | null, vm: { failoverVmId: string, vmId: string, name: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null } | null, step: { name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } };

export type TargetFieldsFragment = { id: string, name: string, state: ReplicationTargetState, health: Health, createdAt: string, observedAt: string | null, conditions: Array<{ type: string, side: Side, since: string, message: string, remedy: string | null }>, connection: { address: string, port: number, userName: string, certificateSha256: string | null, credentialProfile: CredentialProfile } | null, storage: { provisioned: string, used: string | null, storageClass: string, observedAt: string | null }, currentOperation: { id: string, kind: OperationKind, status: OperationStatus } | null };

export type ListReplicationTargetsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  organizationId?: string | number | null | undefined;
  states?: Array<ReplicationTargetState> | ReplicationTargetState | null | undefined;
}>;


export type ListReplicationTargetsQuery = { replicationTargets: { nodes: Array<{ id: string, name: string, state: ReplicationTargetState, health: Health, createdAt: string, observedAt: string | null, conditions: Array<{ type: string, side: Side, since: string, message: string, remedy: string | null }>, connection: { address: string, port: number, userName: string, certificateSha256: string | null, credentialProfile: CredentialProfile } | null, storage: { provisioned: string, used: string | null, storageClass: string, observedAt: string | null }, currentOperation: { id: string, kind: OperationKind, status: OperationStatus } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type GetReplicationTargetQueryVariables = Exact<{
  id: string | number;
}>;


export type GetReplicationTargetQuery = { replicationTarget: { id: string, name: string, state: ReplicationTargetState, health: Health, createdAt: string, observedAt: string | null, conditions: Array<{ type: string, side: Side, since: string, message: string, remedy: string | null }>, connection: { address: string, port: number, userName: string, certificateSha256: string | null, credentialProfile: CredentialProfile } | null, storage: { provisioned: string, used: string | null, storageClass: string, observedAt: string | null }, currentOperation: { id: string, kind: OperationKind, status: OperationStatus } | null } | null };

export type ProvisionReplicationTargetMutationVariables = Exact<{
  input: ProvisionReplicationTargetInput;
}>;


export type ProvisionReplicationTargetMutation = { provisionReplicationTarget: { operation: { __typename: 'TargetOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, target: { id: string, name: string, state: ReplicationTargetState }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: ProvisionReplicationTargetErrorCode, message: string, field: Array<string> | null }> } | null };

export type DeprovisionReplicationTargetMutationVariables = Exact<{
  input: DeprovisionReplicationTargetInput;
}>;


export type DeprovisionReplicationTargetMutation = { deprovisionReplicationTarget: { operation: { __typename: 'TargetOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, target: { id: string, name: string, state: ReplicationTargetState }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: DeprovisionReplicationTargetErrorCode, message: string, field: Array<string> | null }> } | null };

export type RevealTargetCredentialMutationVariables = Exact<{
  input: RevealTargetCredentialInput;
}>;


export type RevealTargetCredentialMutation = { revealTargetCredential: { credential: { userName: string, secret: string, issuedAt: string } | null, userErrors: Array<{ code: RevealTargetCredentialErrorCode, message: string, field: Array<string> | null }> } | null };

export const listOrganizationsDocument: TypedDocument<ListOrganizationsQuery, ListOrganizationsQueryVariables> = {
  name: 'listOrganizations',
  kind: 'query',
  text: "query listOrganizations($first: Int, $after: Cursor, $parentId: ID, $kind: OrganizationKind) {\n  organizations(first: $first, after: $after, parentId: $parentId, kind: $kind) {\n    nodes {\n      id\n      name\n      kind\n      state\n      externalId\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}",
};
export const listSitesDocument: TypedDocument<ListSitesQuery, ListSitesQueryVariables> = {
  name: 'listSites',
  kind: 'query',
  text: "query listSites {\n  sites {\n    id\n    name\n    location\n    storageClasses {\n      name\n    }\n  }\n}",
};
export const listTargetPlansDocument: TypedDocument<ListTargetPlansQuery, ListTargetPlansQueryVariables> = {
  name: 'listTargetPlans',
  kind: 'query',
  text: "query listTargetPlans($siteId: ID) {\n  targetPlans(siteId: $siteId) {\n    id\n    name\n    version\n    isOffered\n    description\n    cpuCount\n    memory\n    storage\n    storageClass\n    site {\n      id\n    }\n  }\n}",
};
export const listNetworksDocument: TypedDocument<ListNetworksQuery, ListNetworksQueryVariables> = {
  name: 'listNetworks',
  kind: 'query',
  text: "query listNetworks($first: Int, $after: Cursor, $organizationId: ID, $siteId: ID, $kind: NetworkKind) {\n  networks(\n    first: $first\n    after: $after\n    organizationId: $organizationId\n    siteId: $siteId\n    kind: $kind\n  ) {\n    nodes {\n      id\n      name\n      kind\n      vlanId\n      cidr\n      gateway\n      attachable\n      reason\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}",
};
export const listProtectedVmsDocument: TypedDocument<ListProtectedVmsQuery, ListProtectedVmsQueryVariables> = {
  name: 'listProtectedVms',
  kind: 'query',
  text: "query listProtectedVms($first: Int, $after: Cursor, $organizationId: ID, $targetId: ID, $states: [ProtectedVmState!], $nameContains: String) {\n  protectedVms(\n    first: $first\n    after: $after\n    organizationId: $organizationId\n    targetId: $targetId\n    states: $states\n    nameContains: $nameContains\n  ) {\n    nodes {\n      ...ProtectedVmFields\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nfragment ProtectedVmFields on ProtectedVm {\n  id\n  name\n  state\n  testState\n  replicationHealth\n  activeSide\n  guestOs\n  cpuCount\n  memory\n  disks {\n    label\n    capacity\n  }\n  nics {\n    key\n    label\n    macAddress\n    sourceNetworkName\n  }\n  latestRestorePoint {\n    id\n    createdAt\n  }\n  target {\n    id\n    name\n  }\n  allowedOperations {\n    name\n    allowed\n    code\n    reason\n  }\n  observedAt\n}",
};
export const getProtectedVmDocument: TypedDocument<GetProtectedVmQuery, GetProtectedVmQueryVariables> = {
  name: 'getProtectedVm',
  kind: 'query',
  text: "query getProtectedVm($id: ID!) {\n  protectedVm(id: $id) {\n    ...ProtectedVmFields\n    restorePoints(first: 50) {\n      nodes {\n        id\n        createdAt\n        description\n        isLatest\n      }\n    }\n  }\n}\n\nfragment ProtectedVmFields on ProtectedVm {\n  id\n  name\n  state\n  testState\n  replicationHealth\n  activeSide\n  guestOs\n  cpuCount\n  memory\n  disks {\n    label\n    capacity\n  }\n  nics {\n    key\n    label\n    macAddress\n    sourceNetworkName\n  }\n  latestRestorePoint {\n    id\n    createdAt\n  }\n  target {\n    id\n    name\n  }\n  allowedOperations {\n    name\n    allowed\n    code\n    reason\n  }\n  observedAt\n}",
};
export const refreshProtectedVmsDocument: TypedDocument<RefreshProtectedVmsMutation, RefreshProtectedVmsMutationVariables> = {
  name: 'refreshProtectedVms',
  kind: 'mutation',
  text: "mutation refreshProtectedVms($input: RefreshProtectedVmsInput!) {\n  refreshProtectedVms(input: $input) {\n    target {\n      id\n      observedAt\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}",
};
export const getFailoverDocument: TypedDocument<GetFailoverQuery, GetFailoverQueryVariables> = {
  name: 'getFailover',
  kind: 'query',
  text: "query getFailover($id: ID!) {\n  failover(id: $id) {\n    ...FailoverFields\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const startFailoverDocument: TypedDocument<StartFailoverMutation, StartFailoverMutationVariables> = {
  name: 'startFailover',
  kind: 'mutation',
  text: "mutation startFailover($input: StartFailoverInput!) {\n  startFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const commitFailoverDocument: TypedDocument<CommitFailoverMutation, CommitFailoverMutationVariables> = {
  name: 'commitFailover',
  kind: 'mutation',
  text: "mutation commitFailover($input: CommitFailoverInput!) {\n  commitFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const retryFailoverDocument: TypedDocument<RetryFailoverMutation, RetryFailoverMutationVariables> = {
  name: 'retryFailover',
  kind: 'mutation',
  text: "mutation retryFailover($input: RetryFailoverInput!) {\n  retryFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const skipVmsDocument: TypedDocument<SkipVmsMutation, SkipVmsMutationVariables> = {
  name: 'skipVms',
  kind: 'mutation',
  text: "mutation skipVms($input: SkipVmsInput!) {\n  skipVms(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const undoFailoverDocument: TypedDocument<UndoFailoverMutation, UndoFailoverMutationVariables> = {
  name: 'undoFailover',
  kind: 'mutation',
  text: "mutation undoFailover($input: UndoFailoverInput!) {\n  undoFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const cancelFailoverDocument: TypedDocument<CancelFailoverMutation, CancelFailoverMutationVariables> = {
  name: 'cancelFailover',
  kind: 'mutation',
  text: "mutation cancelFailover($input: CancelFailoverInput!) {\n  cancelFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const pauseFailoverDocument: TypedDocument<PauseFailoverMutation, PauseFailoverMutationVariables> = {
  name: 'pauseFailover',
  kind: 'mutation',
  text: "mutation pauseFailover($input: PauseFailoverInput!) {\n  pauseFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const resumeFailoverDocument: TypedDocument<ResumeFailoverMutation, ResumeFailoverMutationVariables> = {
  name: 'resumeFailover',
  kind: 'mutation',
  text: "mutation resumeFailover($input: ResumeFailoverInput!) {\n  resumeFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const listFailoversDocument: TypedDocument<ListFailoversQuery, ListFailoversQueryVariables> = {
  name: 'listFailovers',
  kind: 'query',
  text: "query listFailovers($first: Int, $after: Cursor, $organizationId: ID, $types: [FailoverType!], $phases: [FailoverPhase!]) {\n  failovers(\n    first: $first\n    after: $after\n    organizationId: $organizationId\n    types: $types\n    phases: $phases\n  ) {\n    nodes {\n      ...OperationFields\n      type\n      phase\n      outcome\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const runReadinessCheckDocument: TypedDocument<RunReadinessCheckMutation, RunReadinessCheckMutationVariables> = {
  name: 'runReadinessCheck',
  kind: 'mutation',
  text: "mutation runReadinessCheck($input: RunReadinessCheckInput!) {\n  runReadinessCheck(input: $input) {\n    operation {\n      ...ReadinessFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment ReadinessFields on ReadinessCheck {\n  ...OperationFields\n  type\n  report {\n    checkedAt\n    planHash\n    confirmation\n    isReady\n    vmCount\n    estimatedDuration\n    runSteps {\n      name\n      title\n    }\n    vmSteps {\n      name\n      title\n    }\n    findings(first: 100) {\n      nodes {\n        severity\n        code\n        message\n        remedy\n        vm {\n          id\n          name\n        }\n      }\n    }\n  }\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const getReadinessCheckDocument: TypedDocument<GetReadinessCheckQuery, GetReadinessCheckQueryVariables> = {
  name: 'getReadinessCheck',
  kind: 'query',
  text: "query getReadinessCheck($id: ID!) {\n  operation(id: $id) {\n    ...ReadinessFields\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment ReadinessFields on ReadinessCheck {\n  ...OperationFields\n  type\n  report {\n    checkedAt\n    planHash\n    confirmation\n    isReady\n    vmCount\n    estimatedDuration\n    runSteps {\n      name\n      title\n    }\n    vmSteps {\n      name\n      title\n    }\n    findings(first: 100) {\n      nodes {\n        severity\n        code\n        message\n        remedy\n        vm {\n          id\n          name\n        }\n      }\n    }\n  }\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const startTestFailoverDocument: TypedDocument<StartTestFailoverMutation, StartTestFailoverMutationVariables> = {
  name: 'startTestFailover',
  kind: 'mutation',
  text: "mutation startTestFailover($input: StartTestFailoverInput!) {\n  startTestFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const cleanUpTestFailoverDocument: TypedDocument<CleanUpTestFailoverMutation, CleanUpTestFailoverMutationVariables> = {
  name: 'cleanUpTestFailover',
  kind: 'mutation',
  text: "mutation cleanUpTestFailover($input: CleanUpTestFailoverInput!) {\n  cleanUpTestFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const extendTestFailoverDocument: TypedDocument<ExtendTestFailoverMutation, ExtendTestFailoverMutationVariables> = {
  name: 'extendTestFailover',
  kind: 'mutation',
  text: "mutation extendTestFailover($input: ExtendTestFailoverInput!) {\n  extendTestFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      name\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const meDocument: TypedDocument<MeQuery, MeQueryVariables> = {
  name: 'me',
  kind: 'query',
  text: "query me {\n  me {\n    subject\n    displayName\n    kind\n    providerRoles\n    memberships: organizations {\n      role\n      permissions\n      organization {\n        id\n        name\n        kind\n      }\n    }\n  }\n}",
};
export const getOperationDocument: TypedDocument<GetOperationQuery, GetOperationQueryVariables> = {
  name: 'getOperation',
  kind: 'query',
  text: "query getOperation($id: ID!) {\n  operation(id: $id) {\n    ...OperationFields\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const operationEventsDocument: TypedDocument<OperationEventsSubscription, OperationEventsSubscriptionVariables> = {
  name: 'operationEvents',
  kind: 'subscription',
  text: "subscription operationEvents($operationId: ID!, $after: Cursor) {\n  operationEvents(operationId: $operationId, after: $after) {\n    cursor\n    sequence\n    occurredAt\n    organizationId\n    type\n    message\n    operationId\n    kind\n    status\n    phase\n    percent\n    deadline\n    vm {\n      failoverVmId\n      vmId\n      name\n      state\n      percent\n      ioLocation\n    }\n    step {\n      ...StepFields\n    }\n    stepOfFailoverVmId\n    problem {\n      ...ProblemFields\n    }\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const listReplicationTargetsDocument: TypedDocument<ListReplicationTargetsQuery, ListReplicationTargetsQueryVariables> = {
  name: 'listReplicationTargets',
  kind: 'query',
  text: "query listReplicationTargets($first: Int, $after: Cursor, $organizationId: ID, $states: [ReplicationTargetState!]) {\n  replicationTargets(\n    first: $first\n    after: $after\n    organizationId: $organizationId\n    states: $states\n  ) {\n    nodes {\n      ...TargetFields\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nfragment TargetFields on ReplicationTarget {\n  id\n  name\n  state\n  health\n  conditions {\n    type\n    side\n    since\n    message\n    remedy\n  }\n  connection {\n    address\n    port\n    userName\n    certificateSha256\n    credentialProfile\n  }\n  storage {\n    provisioned\n    used\n    storageClass\n    observedAt\n  }\n  currentOperation {\n    id\n    kind\n    status\n  }\n  createdAt\n  observedAt\n}",
};
export const getReplicationTargetDocument: TypedDocument<GetReplicationTargetQuery, GetReplicationTargetQueryVariables> = {
  name: 'getReplicationTarget',
  kind: 'query',
  text: "query getReplicationTarget($id: ID!) {\n  replicationTarget(id: $id) {\n    ...TargetFields\n  }\n}\n\nfragment TargetFields on ReplicationTarget {\n  id\n  name\n  state\n  health\n  conditions {\n    type\n    side\n    since\n    message\n    remedy\n  }\n  connection {\n    address\n    port\n    userName\n    certificateSha256\n    credentialProfile\n  }\n  storage {\n    provisioned\n    used\n    storageClass\n    observedAt\n  }\n  currentOperation {\n    id\n    kind\n    status\n  }\n  createdAt\n  observedAt\n}",
};
export const provisionReplicationTargetDocument: TypedDocument<ProvisionReplicationTargetMutation, ProvisionReplicationTargetMutationVariables> = {
  name: 'provisionReplicationTarget',
  kind: 'mutation',
  text: "mutation provisionReplicationTarget($input: ProvisionReplicationTargetInput!) {\n  provisionReplicationTarget(input: $input) {\n    operation {\n      ...OperationFields\n      target {\n        id\n        name\n        state\n      }\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const deprovisionReplicationTargetDocument: TypedDocument<DeprovisionReplicationTargetMutation, DeprovisionReplicationTargetMutationVariables> = {
  name: 'deprovisionReplicationTarget',
  kind: 'mutation',
  text: "mutation deprovisionReplicationTarget($input: DeprovisionReplicationTargetInput!) {\n  deprovisionReplicationTarget(input: $input) {\n    operation {\n      ...OperationFields\n      target {\n        id\n        name\n        state\n      }\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const revealTargetCredentialDocument: TypedDocument<RevealTargetCredentialMutation, RevealTargetCredentialMutationVariables> = {
  name: 'revealTargetCredential',
  kind: 'mutation',
  text: "mutation revealTargetCredential($input: RevealTargetCredentialInput!) {\n  revealTargetCredential(input: $input) {\n    credential {\n      userName\n      secret\n      issuedAt\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}",
};
