// Written by `pnpm generate` from schema/schema.graphql and documents/*.graphql. Do not edit.
import type { TypedDocument } from './document.ts';

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type ProblemCode =
  | 'BACKEND_UNAVAILABLE'
  | 'BACKEND_REFUSED'
  | 'CAPACITY'
  | 'CONFLICT'
  | 'INVALID'
  | 'NOT_FOUND'
  | 'TIMED_OUT'
  | 'VM_QUESTION'
  | 'MANUAL_STEP'
  | 'READINESS_GATE'
  | 'CANCELLED'
  | 'INTERNAL'
  | '%future added value';

export type Side =
  | 'PROVIDER'
  | 'CUSTOMER'
  | '%future added value';

export type PrincipalKind =
  | 'PERSON'
  | 'BILLING_CLIENT'
  | 'MSP_CLIENT'
  | 'SYSTEM'
  | '%future added value';

export type OrganizationRole =
  | 'ADMIN'
  | 'OPERATOR'
  | 'TEST_OPERATOR'
  | 'VIEWER'
  | 'BILLING'
  | '%future added value';

export type OrganizationKind =
  | 'PROVIDER'
  | 'MSP'
  | 'TENANT'
  | '%future added value';

export type OrganizationState =
  | 'PROVISIONING'
  | 'ACTIVE'
  | 'SUSPENDED'
  | 'CLOSED'
  | '%future added value';

export type NetworkKind =
  | 'PRODUCTION'
  | 'TEST'
  | '%future added value';

export type ReplicationTargetState =
  | 'REQUESTED'
  | 'RESERVING'
  | 'PROVISIONING'
  | 'VERIFYING'
  | 'ACTIVE'
  | 'UPDATING'
  | 'SUSPENDING'
  | 'SUSPENDED'
  | 'RESUMING'
  | 'FAILED'
  | 'DEPROVISIONING'
  | 'RETAINED'
  | 'DEPROVISIONED'
  | '%future added value';

export type Health =
  | 'HEALTHY'
  | 'DEGRADED'
  | 'UNREACHABLE'
  | 'NON_COMPLIANT'
  | 'UNKNOWN'
  | '%future added value';

export type CredentialProfile =
  | 'LIMITED_ROLE'
  | 'ROOT_EQUIVALENT'
  | '%future added value';

export type ProtectedVmState =
  | 'DISCOVERED'
  | 'PROTECTED'
  | 'FAILING_OVER'
  | 'FAILOVER_FAILED'
  | 'FAILED_OVER'
  | 'COMMITTING'
  | 'RECOVERED'
  | 'ROLLING_BACK'
  | 'FAILING_BACK'
  | 'FAILED_BACK'
  | 'MISSING'
  | 'REMOVED'
  | '%future added value';

export type ReplicationHealth =
  | 'INITIAL'
  | 'ON_TARGET'
  | 'LAGGING'
  | 'STALLED'
  | 'PAUSED'
  | 'UNKNOWN'
  | '%future added value';

export type ActiveSide =
  | 'SOURCE'
  | 'PROVIDER'
  | 'BOTH_SUSPECTED'
  | '%future added value';

export type OperationKind =
  | 'PROVISION_TARGET'
  | 'RESIZE_TARGET'
  | 'SUSPEND_TARGET'
  | 'RESUME_TARGET'
  | 'DEPROVISION_TARGET'
  | 'RESTORE_TARGET'
  | 'DESTROY_TARGET'
  | 'ROTATE_CREDENTIAL'
  | 'CHECK_CONNECTIVITY'
  | 'REPAIR_DRIFT'
  | 'PROVISION_ORGANIZATION'
  | 'CLOSE_ORGANIZATION'
  | 'READINESS_CHECK'
  | 'FAILOVER'
  | '%future added value';

export type OperationStatus =
  | 'QUEUED'
  | 'RUNNING'
  | 'WAITING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'CANCELLED'
  | '%future added value';

export type StepState =
  | 'PENDING'
  | 'RUNNING'
  | 'RETRYING'
  | 'SUCCEEDED'
  | 'WARNING'
  | 'FAILED'
  | 'SKIPPED'
  | 'COMPENSATING'
  | 'COMPENSATED'
  | '%future added value';

export type FailoverType =
  | 'TEST'
  | 'PLANNED'
  | 'UNPLANNED'
  | 'FAILBACK'
  | '%future added value';

export type FailoverPhase =
  | 'QUEUED'
  | 'AWAITING_APPROVAL'
  | 'PREFLIGHT'
  | 'AWAITING_SOURCE'
  | 'RUNNING'
  | 'PAUSING'
  | 'PAUSED'
  | 'LIVE'
  | 'TEST_LIVE'
  | 'READY_TO_SWITCH'
  | 'SWITCHING'
  | 'AWAITING_CUSTOMER'
  | 'COMMITTING'
  | 'CANCELLING'
  | 'ROLLING_BACK'
  | 'CLEANING_UP'
  | 'CLEANUP_FAILED'
  | 'REJECTED'
  | 'CANCELLED'
  | 'COMMITTED'
  | 'ROLLED_BACK'
  | 'CLEANED_UP'
  | '%future added value';

export type FailoverOutcome =
  | 'FULL'
  | 'PARTIAL'
  | '%future added value';

export type PauseReason =
  | 'USER'
  | 'ERROR'
  | 'MANUAL_STEP'
  | 'CAPACITY'
  | '%future added value';

export type RelocationPolicy =
  | 'IMMEDIATE'
  | 'ON_COMMIT'
  | '%future added value';

export type CommitPolicy =
  | 'NONE'
  | 'COMMIT'
  | 'ROLLBACK'
  | '%future added value';

export type FailoverVmState =
  | 'WAITING'
  | 'STARTING'
  | 'LIVE'
  | 'RELOCATING'
  | 'SETTLED'
  | 'PAUSED'
  | 'SKIPPED'
  | 'FAILED'
  | 'GOING_BACK'
  | 'BACK'
  | '%future added value';

export type IoLocation =
  | 'REPLICA_STORAGE'
  | 'PRODUCTION_STORAGE'
  | '%future added value';

export type OperationEventType =
  | 'ACCEPTED'
  | 'STATUS_CHANGED'
  | 'STEP_STARTED'
  | 'STEP_PROGRESS'
  | 'STEP_SUCCEEDED'
  | 'STEP_RETRYING'
  | 'STEP_FAILED'
  | 'VM_STATE_CHANGED'
  | 'PROBLEM_RAISED'
  | 'PROBLEM_CLEARED'
  | 'CONTROL_REQUESTED'
  | 'FINISHED'
  | '%future added value';

export type ProvisionReplicationTargetInput = {
  idempotencyKey: string;
  organizationId: string | number;
  siteId: string | number;
  planId: string | number;
  name: string;
  networkId: string | number;
  credentialProfile?: CredentialProfile | null | undefined;
};

export type DeprovisionReplicationTargetInput = {
  idempotencyKey: string;
  targetId: string | number;
  confirm: string;
  retainFor?: string | null | undefined;
};

/** What is absent comes from the recovery plan, then from the organization's and site's policy; so there are no defaults here. */
export type FailoverVmInput = {
  vmId: string | number;
  restorePointId?: string | number | null | undefined;
  nics?: Array<FailoverNicInput> | null | undefined;
  bootGroup?: number | null | undefined;
};

export type FailoverNicInput = {
  nicKey: number;
  networkId?: string | number | null | undefined;
  connected?: boolean | null | undefined;
  regenerateMac?: boolean | null | undefined;
  address?: NicAddressInput | null | undefined;
};

export type NicAddressInput = {
  address: string;
  prefixLength: number;
  gateway?: string | null | undefined;
  dnsServers?: Array<string> | null | undefined;
};

/** At least one of the three; with a plan or targets, `vms` narrows it. Up to 1,000 machines. `networkId` is for every NIC not mapped one by one. */
export type FailoverSelectionInput = {
  recoveryPlanId?: string | number | null | undefined;
  targetIds?: Array<string | number> | null | undefined;
  vms?: Array<FailoverVmInput> | null | undefined;
  networkId?: string | number | null | undefined;
};

/** `confirm` is typed by a person (`ReadinessReport.confirmation`); `planHash`, when given, must still match. `skipRefused`: machines that cannot take part join as SKIPPED instead of refusing all. */
export type StartFailoverInput = {
  idempotencyKey: string;
  selection: FailoverSelectionInput;
  confirm: string;
  planHash?: string | null | undefined;
  relocation?: RelocationPolicy | null | undefined;
  commitPolicy?: CommitPolicy | null | undefined;
  commitAfter?: string | null | undefined;
  skipRefused?: boolean | null | undefined;
  reason?: string | null | undefined;
};

export type TargetErrorCode =
  | 'NOT_FOUND'
  | 'INVALID'
  | 'QUOTA_EXCEEDED'
  | 'NO_CAPACITY'
  | 'NETWORK_NOT_OWNED'
  | 'NAME_TAKEN'
  | 'NOT_READY'
  | 'IN_USE'
  | 'CONFIRMATION_MISMATCH'
  | 'ALREADY_REVEALED'
  | 'SIGN_IN_AGAIN'
  | 'APPROVER_IS_STARTER'
  | 'IDEMPOTENCY_KEY_REUSED'
  | '%future added value';

export type FailoverErrorCode =
  | 'NOT_FOUND'
  | 'INVALID'
  | 'VM_BUSY'
  | 'VM_NOT_PROTECTED'
  | 'TARGET_NOT_READY'
  | 'NETWORK_NOT_OWNED'
  | 'NETWORK_NOT_ATTACHABLE'
  | 'NO_CAPACITY'
  | 'RESTORE_POINT_GONE'
  | 'PLAN_CHANGED'
  | 'CONFIRMATION_MISMATCH'
  | 'NOT_ALLOWED_IN_PHASE'
  | 'APPROVER_IS_STARTER'
  | 'IDEMPOTENCY_KEY_REUSED'
  | '%future added value';

export type RevealTargetCredentialInput = {
  idempotencyKey: string;
  targetId: string | number;
};

export type RefreshProtectedVmsInput = {
  idempotencyKey: string;
  targetId: string | number;
};

export type CommitFailoverInput = {
  idempotencyKey: string;
  failoverId: string | number;
  reason?: string | null | undefined;
};

export type RetryFailoverInput = {
  idempotencyKey: string;
  failoverId: string | number;
  vmIds?: Array<string | number> | null | undefined;
  reason?: string | null | undefined;
};

export type ListOrganizationsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  parentId?: string | number | null | undefined;
  kind?: OrganizationKind | null | undefined;
}>;


export type ListOrganizationsQuery = { organizations: { nodes: Array<{ id: string, name: string, kind: OrganizationKind, state: OrganizationState, externalId: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ListSitesQueryVariables = Exact<{ [key: string]: never; }>;


export type ListSitesQuery = { sites: Array<{ id: string, name: string, location: string | null, storageClasses: Array<{ name: string, description: string | null }> }> | null };

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


export type RefreshProtectedVmsMutation = { refreshProtectedVms: { target: { id: string, observedAt: string | null } | null, userErrors: Array<{ code: TargetErrorCode, message: string, field: Array<string> | null }> } | null };

export type FailoverFieldsFragment = { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string, name: string }, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

export type GetFailoverQueryVariables = Exact<{
  id: string | number;
}>;


export type GetFailoverQuery = { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string, name: string }, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null };

export type StartFailoverMutationVariables = Exact<{
  input: StartFailoverInput;
}>;


export type StartFailoverMutation = { startFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string, name: string }, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: FailoverErrorCode, message: string, field: Array<string> | null, vmId: string | null }> } | null };

export type CommitFailoverMutationVariables = Exact<{
  input: CommitFailoverInput;
}>;


export type CommitFailoverMutation = { commitFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string, name: string }, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: FailoverErrorCode, message: string, field: Array<string> | null, vmId: string | null }> } | null };

export type RetryFailoverMutationVariables = Exact<{
  input: RetryFailoverInput;
}>;


export type RetryFailoverMutation = { retryFailover: { failover: { __typename: 'Failover', type: FailoverType, phase: FailoverPhase, outcome: FailoverOutcome | null, pauseReason: PauseReason | null, relocation: RelocationPolicy | null, deadline: string | null, id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, vms: { nodes: Array<{ id: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null, poweredOnAt: string | null, ipAddresses: Array<string> | null, vm: { id: string, name: string }, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }> }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: FailoverErrorCode, message: string, field: Array<string> | null, vmId: string | null }> } | null };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { subject: string, displayName: string, kind: PrincipalKind, providerRoles: Array<string>, memberships: Array<{ role: OrganizationRole, permissions: Array<string>, organization: { id: string, name: string, kind: OrganizationKind } }> } };

export type StepFieldsFragment = { name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

export type ProblemFieldsFragment = { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string };

type OperationFields_TargetOperation_Fragment = { __typename: 'TargetOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

type OperationFields_OrganizationOperation_Fragment = { __typename: 'OrganizationOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

type OperationFields_Failover_Fragment = { __typename: 'Failover', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

type OperationFields_ReadinessCheck_Fragment = { __typename: 'ReadinessCheck', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null };

export type OperationFieldsFragment =
  | OperationFields_TargetOperation_Fragment
  | OperationFields_OrganizationOperation_Fragment
  | OperationFields_Failover_Fragment
  | OperationFields_ReadinessCheck_Fragment
;

export type GetOperationQueryVariables = Exact<{
  id: string | number;
}>;


export type GetOperationQuery = { operation:
    | { __typename: 'TargetOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }
    | { __typename: 'OrganizationOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }
    | { __typename: 'Failover', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }
    | { __typename: 'ReadinessCheck', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }
   | null };

export type OperationEventsSubscriptionVariables = Exact<{
  operationId: string | number;
  after?: string | null | undefined;
}>;


export type OperationEventsSubscription = { operationEvents: { cursor: string, sequence: number, occurredAt: string, organizationId: string, type: OperationEventType, message: string, operationId: string, kind: OperationKind, status: OperationStatus, phase: FailoverPhase | null, percent: number | null, deadline: string | null, vm: { failoverVmId: string, vmId: string, name: string, state: FailoverVmState, percent: number | null, ioLocation: IoLocation | null } | null, step: { name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } };

export type TargetFieldsFragment = { id: string, name: string, state: ReplicationTargetState, health: Health, createdAt: string, observedAt: string | null, conditions: Array<{ type: string, side: Side, since: string, message: string, remedy: string | null }>, connection: { address: string, port: number, userName: string, certificateSha256: string | null, credentialProfile: CredentialProfile, settings: Array<{ key: string, label: string, value: string }> } | null, storage: { provisioned: string, used: string | null, storageClass: string, observedAt: string | null }, currentOperation:
    | { id: string, kind: OperationKind, status: OperationStatus }
    | { id: string, kind: OperationKind, status: OperationStatus }
    | { id: string, kind: OperationKind, status: OperationStatus }
    | { id: string, kind: OperationKind, status: OperationStatus }
   | null };

export type ListReplicationTargetsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  organizationId?: string | number | null | undefined;
  states?: Array<ReplicationTargetState> | ReplicationTargetState | null | undefined;
}>;


export type ListReplicationTargetsQuery = { replicationTargets: { nodes: Array<{ id: string, name: string, state: ReplicationTargetState, health: Health, createdAt: string, observedAt: string | null, conditions: Array<{ type: string, side: Side, since: string, message: string, remedy: string | null }>, connection: { address: string, port: number, userName: string, certificateSha256: string | null, credentialProfile: CredentialProfile, settings: Array<{ key: string, label: string, value: string }> } | null, storage: { provisioned: string, used: string | null, storageClass: string, observedAt: string | null }, currentOperation:
        | { id: string, kind: OperationKind, status: OperationStatus }
        | { id: string, kind: OperationKind, status: OperationStatus }
        | { id: string, kind: OperationKind, status: OperationStatus }
        | { id: string, kind: OperationKind, status: OperationStatus }
       | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type GetReplicationTargetQueryVariables = Exact<{
  id: string | number;
}>;


export type GetReplicationTargetQuery = { replicationTarget: { id: string, name: string, state: ReplicationTargetState, health: Health, createdAt: string, observedAt: string | null, conditions: Array<{ type: string, side: Side, since: string, message: string, remedy: string | null }>, connection: { address: string, port: number, userName: string, certificateSha256: string | null, credentialProfile: CredentialProfile, settings: Array<{ key: string, label: string, value: string }> } | null, storage: { provisioned: string, used: string | null, storageClass: string, observedAt: string | null }, currentOperation:
      | { id: string, kind: OperationKind, status: OperationStatus }
      | { id: string, kind: OperationKind, status: OperationStatus }
      | { id: string, kind: OperationKind, status: OperationStatus }
      | { id: string, kind: OperationKind, status: OperationStatus }
     | null } | null };

export type ProvisionReplicationTargetMutationVariables = Exact<{
  input: ProvisionReplicationTargetInput;
}>;


export type ProvisionReplicationTargetMutation = { provisionReplicationTarget: { operation: { __typename: 'TargetOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, target: { id: string, name: string, state: ReplicationTargetState }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: TargetErrorCode, message: string, field: Array<string> | null }> } | null };

export type DeprovisionReplicationTargetMutationVariables = Exact<{
  input: DeprovisionReplicationTargetInput;
}>;


export type DeprovisionReplicationTargetMutation = { deprovisionReplicationTarget: { operation: { __typename: 'TargetOperation', id: string, kind: OperationKind, status: OperationStatus, percent: number | null, sequence: number, eventCursor: string, createdAt: string, startedAt: string | null, finishedAt: string | null, target: { id: string, name: string, state: ReplicationTargetState }, steps: Array<{ name: string, title: string, state: StepState, attempt: number, percent: number | null, startedAt: string | null, finishedAt: string | null, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null }>, problem: { code: ProblemCode, side: Side, message: string, remedy: string, retryable: boolean, since: string } | null } | null, userErrors: Array<{ code: TargetErrorCode, message: string, field: Array<string> | null }> } | null };

export type RevealTargetCredentialMutationVariables = Exact<{
  input: RevealTargetCredentialInput;
}>;


export type RevealTargetCredentialMutation = { revealTargetCredential: { credential: { userName: string, secret: string, issuedAt: string } | null, userErrors: Array<{ code: TargetErrorCode, message: string, field: Array<string> | null }> } | null };

export const listOrganizationsDocument: TypedDocument<ListOrganizationsQuery, ListOrganizationsQueryVariables> = {
  name: 'listOrganizations',
  kind: 'query',
  text: "query listOrganizations($first: Int, $after: Cursor, $parentId: ID, $kind: OrganizationKind) {\n  organizations(first: $first, after: $after, parentId: $parentId, kind: $kind) {\n    nodes {\n      id\n      name\n      kind\n      state\n      externalId\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}",
};
export const listSitesDocument: TypedDocument<ListSitesQuery, ListSitesQueryVariables> = {
  name: 'listSites',
  kind: 'query',
  text: "query listSites {\n  sites {\n    id\n    name\n    location\n    storageClasses {\n      name\n      description\n    }\n  }\n}",
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
  text: "query getFailover($id: ID!) {\n  failover(id: $id) {\n    ...FailoverFields\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n        name\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const startFailoverDocument: TypedDocument<StartFailoverMutation, StartFailoverMutationVariables> = {
  name: 'startFailover',
  kind: 'mutation',
  text: "mutation startFailover($input: StartFailoverInput!) {\n  startFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n      vmId\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n        name\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const commitFailoverDocument: TypedDocument<CommitFailoverMutation, CommitFailoverMutationVariables> = {
  name: 'commitFailover',
  kind: 'mutation',
  text: "mutation commitFailover($input: CommitFailoverInput!) {\n  commitFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n      vmId\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n        name\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const retryFailoverDocument: TypedDocument<RetryFailoverMutation, RetryFailoverMutationVariables> = {
  name: 'retryFailover',
  kind: 'mutation',
  text: "mutation retryFailover($input: RetryFailoverInput!) {\n  retryFailover(input: $input) {\n    failover {\n      ...FailoverFields\n    }\n    userErrors {\n      code\n      message\n      field\n      vmId\n    }\n  }\n}\n\nfragment FailoverFields on Failover {\n  ...OperationFields\n  type\n  phase\n  outcome\n  pauseReason\n  relocation\n  deadline\n  vms(first: 100) {\n    nodes {\n      id\n      state\n      percent\n      ioLocation\n      poweredOnAt\n      ipAddresses\n      vm {\n        id\n        name\n      }\n      problem {\n        ...ProblemFields\n      }\n    }\n  }\n}\n\nfragment OperationFields on Operation {\n  __typename\n  id\n  kind\n  status\n  percent\n  sequence\n  eventCursor\n  createdAt\n  startedAt\n  finishedAt\n  steps {\n    ...StepFields\n  }\n  problem {\n    ...ProblemFields\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
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
  text: "subscription operationEvents($operationId: ID!, $after: Cursor) {\n  operationEvents(operationId: $operationId, after: $after) {\n    cursor\n    sequence\n    occurredAt\n    organizationId\n    type\n    message\n    operationId\n    kind\n    status\n    phase\n    percent\n    deadline\n    vm {\n      failoverVmId\n      vmId\n      name\n      state\n      percent\n      ioLocation\n    }\n    step {\n      ...StepFields\n    }\n    problem {\n      ...ProblemFields\n    }\n  }\n}\n\nfragment ProblemFields on Problem {\n  code\n  side\n  message\n  remedy\n  retryable\n  since\n}\n\nfragment StepFields on Step {\n  name\n  title\n  state\n  attempt\n  percent\n  startedAt\n  finishedAt\n  problem {\n    ...ProblemFields\n  }\n}",
};
export const listReplicationTargetsDocument: TypedDocument<ListReplicationTargetsQuery, ListReplicationTargetsQueryVariables> = {
  name: 'listReplicationTargets',
  kind: 'query',
  text: "query listReplicationTargets($first: Int, $after: Cursor, $organizationId: ID, $states: [ReplicationTargetState!]) {\n  replicationTargets(\n    first: $first\n    after: $after\n    organizationId: $organizationId\n    states: $states\n  ) {\n    nodes {\n      ...TargetFields\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n\nfragment TargetFields on ReplicationTarget {\n  id\n  name\n  state\n  health\n  conditions {\n    type\n    side\n    since\n    message\n    remedy\n  }\n  connection {\n    address\n    port\n    userName\n    certificateSha256\n    credentialProfile\n    settings {\n      key\n      label\n      value\n    }\n  }\n  storage {\n    provisioned\n    used\n    storageClass\n    observedAt\n  }\n  currentOperation {\n    id\n    kind\n    status\n  }\n  createdAt\n  observedAt\n}",
};
export const getReplicationTargetDocument: TypedDocument<GetReplicationTargetQuery, GetReplicationTargetQueryVariables> = {
  name: 'getReplicationTarget',
  kind: 'query',
  text: "query getReplicationTarget($id: ID!) {\n  replicationTarget(id: $id) {\n    ...TargetFields\n  }\n}\n\nfragment TargetFields on ReplicationTarget {\n  id\n  name\n  state\n  health\n  conditions {\n    type\n    side\n    since\n    message\n    remedy\n  }\n  connection {\n    address\n    port\n    userName\n    certificateSha256\n    credentialProfile\n    settings {\n      key\n      label\n      value\n    }\n  }\n  storage {\n    provisioned\n    used\n    storageClass\n    observedAt\n  }\n  currentOperation {\n    id\n    kind\n    status\n  }\n  createdAt\n  observedAt\n}",
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
