// Written by `pnpm generate` from schema/schema.graphql and documents/*.graphql. Do not edit.
import type { TypedDocument } from './document.ts';

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Where the machine runs, as far as is seen from here. */
export type ActiveSide =
  | 'BOTH_SUSPECTED'
  | 'PROVIDER'
  | 'SOURCE'
  | '%future added value';

/** Why `CommitFailover` is refused. */
export type CommitFailoverErrorCode =
  | 'CONFIRMATION_MISMATCH'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID'
  | 'NETWORK_NOT_ATTACHABLE'
  | 'NETWORK_NOT_OWNED'
  | 'NOT_ALLOWED_IN_PHASE'
  | 'NOT_FOUND'
  | 'RESTORE_POINT_GONE'
  | 'TARGET_NOT_READY'
  | 'VM_BUSY'
  | 'VM_NOT_PROTECTED'
  | '%future added value';

export type CommitFailoverInput = {
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
};

/** What the clock does to a live failover. */
export type CommitPolicy =
  | 'COMMIT'
  | 'NONE'
  | 'ROLLBACK'
  | '%future added value';

/** What the replication account may do on its host: what replication needs, or everything. */
export type CredentialProfile =
  | 'LIMITED_ROLE'
  | 'ROOT_EQUIVALENT'
  | '%future added value';

/** Why `DeprovisionReplicationTarget` is refused. */
export type DeprovisionReplicationTargetErrorCode =
  | 'ALREADY_REVEALED'
  | 'CONFIRMATION_MISMATCH'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID'
  | 'IN_USE'
  | 'NAME_TAKEN'
  | 'NETWORK_NOT_OWNED'
  | 'NOT_FOUND'
  | 'NOT_READY'
  | 'NO_CAPACITY'
  | 'SIGN_IN_AGAIN'
  | '%future added value';

export type DeprovisionReplicationTargetInput = {
  /** The target's name, typed by a person. */
  confirm: string;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same object and starts nothing. */
  idempotencyKey: string;
  /** How long its data are kept. Absent: they are removed at once. */
  retainFor?: string | null | undefined;
  targetId: string | number;
};

export type FailoverNicInput = {
  connected?: boolean | null | undefined;
  /** One of the tenant's own production networks. */
  networkId?: string | number | null | undefined;
  /** `VmNic.key` */
  nicKey: number;
};

export type FailoverOutcome =
  | 'FULL'
  | 'PARTIAL'
  | '%future added value';

/** Where a failover stands (LIVE and PAUSED wait). */
export type FailoverPhase =
  | 'AWAITING_APPROVAL'
  | 'AWAITING_CUSTOMER'
  | 'AWAITING_SOURCE'
  | 'CANCELLED'
  | 'CANCELLING'
  | 'CLEANED_UP'
  | 'CLEANING_UP'
  | 'CLEANUP_FAILED'
  | 'COMMITTED'
  | 'COMMITTING'
  | 'LIVE'
  | 'PAUSED'
  | 'PAUSING'
  | 'PREFLIGHT'
  | 'QUEUED'
  | 'READY_TO_SWITCH'
  | 'REJECTED'
  | 'ROLLED_BACK'
  | 'ROLLING_BACK'
  | 'RUNNING'
  | 'SWITCHING'
  | 'TEST_LIVE'
  | '%future added value';

/** At least one of `targetIds` and `vms`; with targets, `vms` narrows them. Up to 1,000 machines of one organization. */
export type FailoverSelectionInput = {
  /** For every NIC that is not mapped one by one. */
  networkId?: string | number | null | undefined;
  /** Every protected machine of these targets. */
  targetIds?: Array<string | number> | null | undefined;
  vms?: Array<FailoverVmInput> | null | undefined;
};

export type FailoverType =
  | 'FAILBACK'
  | 'PLANNED'
  | 'TEST'
  | 'UNPLANNED'
  | '%future added value';

export type FailoverVmInput = {
  /** Lower is started first. Default 0. */
  bootGroup?: number | null | undefined;
  nics?: Array<FailoverNicInput> | null | undefined;
  /** Absent: the latest state. */
  restorePointId?: string | number | null | undefined;
  vmId: string | number;
};

export type FailoverVmState =
  | 'BACK'
  | 'FAILED'
  | 'GOING_BACK'
  | 'LIVE'
  | 'PAUSED'
  | 'RELOCATING'
  | 'SETTLED'
  | 'SKIPPED'
  | 'STARTING'
  | 'WAITING'
  | '%future added value';

export type Health =
  | 'DEGRADED'
  | 'HEALTHY'
  | 'NON_COMPLIANT'
  | 'UNKNOWN'
  | 'UNREACHABLE'
  | '%future added value';

/** Where a machine's disks are read and written now. */
export type IoLocation =
  | 'PRODUCTION_STORAGE'
  | 'REPLICA_STORAGE'
  | '%future added value';

export type NetworkKind =
  | 'PRODUCTION'
  | 'TEST'
  | '%future added value';

export type OperationEventType =
  | 'ACCEPTED'
  | 'CONTROL_REQUESTED'
  | 'FINISHED'
  | 'PROBLEM_CLEARED'
  | 'PROBLEM_RAISED'
  | 'STATUS_CHANGED'
  | 'STEP_FAILED'
  | 'STEP_PROGRESS'
  | 'STEP_RETRYING'
  | 'STEP_STARTED'
  | 'STEP_SUCCEEDED'
  | 'VM_STATE_CHANGED'
  | '%future added value';

export type OperationKind =
  | 'CHECK_CONNECTIVITY'
  | 'CLOSE_ORGANIZATION'
  | 'DEPROVISION_TARGET'
  | 'DESTROY_TARGET'
  | 'FAILOVER'
  | 'PROVISION_ORGANIZATION'
  | 'PROVISION_TARGET'
  | 'READINESS_CHECK'
  | 'REPAIR_DRIFT'
  | 'RESIZE_TARGET'
  | 'RESTORE_TARGET'
  | 'RESUME_TARGET'
  | 'ROTATE_CREDENTIAL'
  | 'SUSPEND_TARGET'
  | '%future added value';

export type OperationStatus =
  | 'CANCELLED'
  | 'FAILED'
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'WAITING'
  | '%future added value';

export type OrganizationKind =
  | 'MSP'
  | 'PROVIDER'
  | 'TENANT'
  | '%future added value';

export type OrganizationRole =
  | 'ADMIN'
  | 'BILLING'
  | 'OPERATOR'
  | 'TEST_OPERATOR'
  | 'VIEWER'
  | '%future added value';

export type OrganizationState =
  | 'ACTIVE'
  | 'CLOSED'
  | 'PROVISIONING'
  | 'SUSPENDED'
  | '%future added value';

export type PauseReason =
  | 'CAPACITY'
  | 'ERROR'
  | 'MANUAL_STEP'
  | 'USER'
  | '%future added value';

export type PrincipalKind =
  | 'BILLING_CLIENT'
  | 'MSP_CLIENT'
  | 'PERSON'
  | 'SYSTEM'
  | '%future added value';

export type ProblemCode =
  | 'BACKEND_REFUSED'
  | 'BACKEND_UNAVAILABLE'
  | 'CANCELLED'
  | 'CAPACITY'
  | 'CONFLICT'
  | 'INTERNAL'
  | 'INVALID'
  | 'MANUAL_STEP'
  | 'NOT_FOUND'
  | 'READINESS_GATE'
  | 'TIMED_OUT'
  | 'VM_QUESTION'
  | '%future added value';

export type ProtectedVmState =
  | 'COMMITTING'
  | 'DISCOVERED'
  | 'FAILED_BACK'
  | 'FAILED_OVER'
  | 'FAILING_BACK'
  | 'FAILING_OVER'
  | 'FAILOVER_FAILED'
  | 'MISSING'
  | 'PROTECTED'
  | 'RECOVERED'
  | 'REMOVED'
  | 'ROLLING_BACK'
  | '%future added value';

/** Why `ProvisionReplicationTarget` is refused. */
export type ProvisionReplicationTargetErrorCode =
  | 'ALREADY_REVEALED'
  | 'CONFIRMATION_MISMATCH'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID'
  | 'IN_USE'
  | 'NAME_TAKEN'
  | 'NETWORK_NOT_OWNED'
  | 'NOT_FOUND'
  | 'NOT_READY'
  | 'NO_CAPACITY'
  | 'SIGN_IN_AGAIN'
  | '%future added value';

export type ProvisionReplicationTargetInput = {
  credentialProfile?: CredentialProfile | null | undefined;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same object and starts nothing. */
  idempotencyKey: string;
  /** Unique in the organization; typed again to give the target up. */
  name: string;
  /** The tenant's own production network that its replication software comes from. */
  networkId: string | number;
  /** The tenant that it is for. */
  organizationId: string | number;
  planId: string | number;
  siteId: string | number;
};

/** Why `RefreshProtectedVms` is refused. */
export type RefreshProtectedVmsErrorCode =
  | 'ALREADY_REVEALED'
  | 'CONFIRMATION_MISMATCH'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID'
  | 'IN_USE'
  | 'NAME_TAKEN'
  | 'NETWORK_NOT_OWNED'
  | 'NOT_FOUND'
  | 'NOT_READY'
  | 'NO_CAPACITY'
  | 'SIGN_IN_AGAIN'
  | '%future added value';

export type RefreshProtectedVmsInput = {
  /** Of your making, 8 to 128 characters. */
  idempotencyKey: string;
  targetId: string | number;
};

/** When a machine's disks are moved to production storage: as soon as it is live, or when the failover is committed. */
export type RelocationPolicy =
  | 'IMMEDIATE'
  | 'ON_COMMIT'
  | '%future added value';

export type ReplicationHealth =
  | 'INITIAL'
  | 'LAGGING'
  | 'ON_TARGET'
  | 'PAUSED'
  | 'STALLED'
  | 'UNKNOWN'
  | '%future added value';

export type ReplicationTargetState =
  | 'ACTIVE'
  | 'DEPROVISIONED'
  | 'DEPROVISIONING'
  | 'FAILED'
  | 'PROVISIONING'
  | 'REQUESTED'
  | 'RESERVING'
  | 'RESUMING'
  | 'RETAINED'
  | 'SUSPENDED'
  | 'SUSPENDING'
  | 'UPDATING'
  | 'VERIFYING'
  | '%future added value';

/** Why `RetryFailover` is refused. */
export type RetryFailoverErrorCode =
  | 'CONFIRMATION_MISMATCH'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID'
  | 'NETWORK_NOT_ATTACHABLE'
  | 'NETWORK_NOT_OWNED'
  | 'NOT_ALLOWED_IN_PHASE'
  | 'NOT_FOUND'
  | 'RESTORE_POINT_GONE'
  | 'TARGET_NOT_READY'
  | 'VM_BUSY'
  | 'VM_NOT_PROTECTED'
  | '%future added value';

/** Without `vmIds`: every machine that is paused. */
export type RetryFailoverInput = {
  failoverId: string | number;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
  vmIds?: Array<string | number> | null | undefined;
};

/** Why `RevealTargetCredential` is refused. */
export type RevealTargetCredentialErrorCode =
  | 'ALREADY_REVEALED'
  | 'CONFIRMATION_MISMATCH'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID'
  | 'IN_USE'
  | 'NAME_TAKEN'
  | 'NETWORK_NOT_OWNED'
  | 'NOT_FOUND'
  | 'NOT_READY'
  | 'NO_CAPACITY'
  | 'SIGN_IN_AGAIN'
  | '%future added value';

export type RevealTargetCredentialInput = {
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same object and starts nothing. */
  idempotencyKey: string;
  targetId: string | number;
};

/** In whose half of the demarcation something lies. */
export type Side =
  | 'CUSTOMER'
  | 'PROVIDER'
  | '%future added value';

/** Why `StartFailover` is refused. */
export type StartFailoverErrorCode =
  | 'CONFIRMATION_MISMATCH'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID'
  | 'NETWORK_NOT_ATTACHABLE'
  | 'NETWORK_NOT_OWNED'
  | 'NOT_ALLOWED_IN_PHASE'
  | 'NOT_FOUND'
  | 'RESTORE_POINT_GONE'
  | 'TARGET_NOT_READY'
  | 'VM_BUSY'
  | 'VM_NOT_PROTECTED'
  | '%future added value';

export type StartFailoverInput = {
  /** Only NONE, the default, is served yet. */
  commitPolicy?: CommitPolicy | null | undefined;
  /** Typed by a person: the target's name when there is one target, else the organization's name. */
  confirm: string;
  /** Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing. */
  idempotencyKey: string;
  /** For the audit. */
  reason?: string | null | undefined;
  /** Default IMMEDIATE. */
  relocation?: RelocationPolicy | null | undefined;
  selection: FailoverSelectionInput;
};

export type StepState =
  | 'COMPENSATED'
  | 'COMPENSATING'
  | 'FAILED'
  | 'PENDING'
  | 'RETRYING'
  | 'RUNNING'
  | 'SKIPPED'
  | 'SUCCEEDED'
  | 'WARNING'
  | '%future added value';

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

export type ProtectedVmFieldsFragment = { id: string, name: string, state: ProtectedVmState, replicationHealth: ReplicationHealth, activeSide: ActiveSide, guestOs: string | null, cpuCount: number | null, memory: string | null, observedAt: string, disks: Array<{ label: string, capacity: string }> | null, nics: Array<{ key: number, label: string, macAddress: string, sourceNetworkName: string | null }> | null, latestRestorePoint: { id: string, createdAt: string } | null, target: { id: string, name: string }, allowedOperations: Array<{ name: string, allowed: boolean, code: string | null, reason: string | null }> };

export type ListProtectedVmsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  organizationId?: string | number | null | undefined;
  targetId?: string | number | null | undefined;
  states?: Array<ProtectedVmState> | ProtectedVmState | null | undefined;
  nameContains?: string | null | undefined;
}>;


export type ListProtectedVmsQuery = { protectedVms: { nodes: Array<{ id: string, name: string, state: ProtectedVmState, replicationHealth: ReplicationHealth, activeSide: ActiveSide, guestOs: string | null, cpuCount: number | null, memory: string | null, observedAt: string, disks: Array<{ label: string, capacity: string }> | null, nics: Array<{ key: number, label: string, macAddress: string, sourceNetworkName: string | null }> | null, latestRestorePoint: { id: string, createdAt: string } | null, target: { id: string, name: string }, allowedOperations: Array<{ name: string, allowed: boolean, code: string | null, reason: string | null }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type GetProtectedVmQueryVariables = Exact<{
  id: string | number;
}>;


export type GetProtectedVmQuery = { protectedVm: { id: string, name: string, state: ProtectedVmState, replicationHealth: ReplicationHealth, activeSide: ActiveSide, guestOs: string | null, cpuCount: number | null, memory: string | null, observedAt: string, restorePoints: { nodes: Array<{ id: string, createdAt: string, description: string | null, isLatest: boolean }> }, disks: Array<{ label: string, capacity: string }> | null, nics: Array<{ key: number, label: string, macAddress: string, sourceNetworkName: string | null }> | null, latestRestorePoint: { id: string, createdAt: string } | null, target: { id: string, name: string }, allowedOperations: Array<{ name: string, allowed: boolean, code: string | null, reason: string | null }> } | null };

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

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { subject: string, displayName: string, kind: PrincipalKind, providerRoles: Array<string>, memberships: Array<{ role: OrganizationRole, permissions: Array<string>, organization: { id: string, name: string, kind: OrganizationKind } }> } };

export type StepFieldsFragment = { name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

export type ProblemFieldsFragment = { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string };

type OperationFields_Failover_Fragment = { __typename: 'Failover', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

type OperationFields_TargetOperation_Fragment = { __typename: 'TargetOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

export type OperationFieldsFragment =
  | OperationFields_Failover_Fragment
  | OperationFields_TargetOperation_Fragment
;

export type GetOperationQueryVariables = Exact<{
  id: string | number;
}>;


export type GetOperationQuery = { operation:
    | { __typename: 'Failover', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }
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
  text: "query listProtectedVms($first: Int, $after: Cursor, $organizationId: ID, $targetId: ID, $states: [ProtectedVmState!], $nameContains: String) {\n  protectedVms(\n    first: $first\n    after: $after\n    organizationId: $organizationId\n    targetId: $targetId\n    states: $states\n    nameContains: $nameContains\n  ) {\n    nodes {\n      ...ProtectedVmFields\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nfragment ProtectedVmFields on ProtectedVm {\n  id\n  name\n  state\n  replicationHealth\n  activeSide\n  guestOs\n  cpuCount\n  memory\n  disks {\n    label\n    capacity\n  }\n  nics {\n    key\n    label\n    macAddress\n    sourceNetworkName\n  }\n  latestRestorePoint {\n    id\n    createdAt\n  }\n  target {\n    id\n    name\n  }\n  allowedOperations {\n    name\n    allowed\n    code\n    reason\n  }\n  observedAt\n}",
};
export const getProtectedVmDocument: TypedDocument<GetProtectedVmQuery, GetProtectedVmQueryVariables> = {
  name: 'getProtectedVm',
  kind: 'query',
  text: "query getProtectedVm($id: ID!) {\n  protectedVm(id: $id) {\n    ...ProtectedVmFields\n    restorePoints(first: 50) {\n      nodes {\n        id\n        createdAt\n        description\n        isLatest\n      }\n    }\n  }\n}\n\nfragment ProtectedVmFields on ProtectedVm {\n  id\n  name\n  state\n  replicationHealth\n  activeSide\n  guestOs\n  cpuCount\n  memory\n  disks {\n    label\n    capacity\n  }\n  nics {\n    key\n    label\n    macAddress\n    sourceNetworkName\n  }\n  latestRestorePoint {\n    id\n    createdAt\n  }\n  target {\n    id\n    name\n  }\n  allowedOperations {\n    name\n    allowed\n    code\n    reason\n  }\n  observedAt\n}",
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
