import { Field, Int, ObjectType } from 'type-graphql';
import { loadOne, type LoadMany } from '../graphql/batch.ts';
import { connectionOf } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { Node } from '../graphql/node.ts';
import { DateTime, IpAddress, MacAddress } from '../graphql/scalars.ts';
import { operationFields, OperationType } from '../operations/operation-type.ts';
import { problemNode, ProblemType } from '../operations/problem-type.ts';
import { VmNicType } from '../protected-vms/protected-vm-type.ts';
import type {
  CommitPolicy as Commit,
  FailoverPhase as Phase,
  FailoverType as Type,
  FailoverVmState as VmState,
  RelocationPolicy as Relocation,
} from './failover.ts';
import {
  CommitPolicy,
  FailoverOutcome,
  FailoverPhase,
  FailoverType,
  FailoverVmState,
  IoLocation,
  PauseReason,
  RelocationPolicy,
} from './enum-types.ts';
import {
  countFailoverVms,
  findFailoverRuns,
  findFailoverVms,
  findOpenRuns,
  type FailoverRow,
  type FailoverRun,
  type FailoverVmRow,
} from './store.ts';
import type { PartFacts } from './guards.ts';
import type { FailoverNicRow } from './table.ts';

@ObjectType('VmCount')
export class VmCountType {
  @Field(() => FailoverVmState)
  state!: VmState;

  @Field(() => Int)
  count!: number;
}

@ObjectType('Failover', {
  implements: [OperationType, Node],
  description: "One execution: a tenant's machines are started at the provider. Each machine's steps are under `vms`.",
})
export class FailoverObject extends OperationType {
  readonly __typename = 'Failover';

  @Field(() => FailoverType)
  type!: Type;

  @Field(() => FailoverPhase)
  phase!: Phase;

  @Field(() => FailoverOutcome, { nullable: true, description: 'Null until it is over.' })
  outcome!: FailoverRow['outcome'];

  @Field(() => PauseReason, { nullable: true })
  pauseReason!: FailoverRow['pauseReason'];

  @Field(() => RelocationPolicy, { nullable: true })
  relocation!: Relocation | null;

  @Field(() => CommitPolicy)
  commitPolicy!: Commit;

  @Field(() => DateTime, { nullable: true, description: 'When every machine was live for the first time.' })
  liveAt!: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the commit timer of a live failover runs out, or a test is cleaned up.',
  })
  deadline!: Date | null;

  /** Not in the schema: what is allowed hangs on it. */
  isCommitBegun!: boolean;
}

export const FailoverConnection = connectionOf(() => FailoverObject, 'Failover');

@ObjectType('FailoverNic', { description: 'Where one NIC of a machine is plugged in.' })
export class FailoverNicType {
  @Field(() => VmNicType)
  nic!: VmNicType;

  @Field(() => Boolean)
  connected!: boolean;

  @Field(() => MacAddress, { nullable: true })
  macAddress!: string | null;

  networkId!: string | null;
}

@ObjectType('FailoverVm', { implements: Node, description: "One machine's part in a failover." })
export class FailoverVmType extends Node {
  readonly __typename = 'FailoverVm';

  @Field(() => String)
  name!: string;

  @Field(() => FailoverVmState)
  state!: VmState;

  @Field(() => ProblemType, { nullable: true })
  problem!: ProblemType | null;

  @Field(() => Int, {
    description: 'The number of the last event that changed it: an event at or below it is already in here.',
  })
  sequence!: number;

  @Field(() => [FailoverNicType], { description: 'The mapping in force, for every NIC of the machine.' })
  nics!: FailoverNicType[];

  @Field(() => Int, { description: 'Lower is started first.' })
  bootGroup!: number;

  @Field(() => DateTime, { nullable: true })
  poweredOnAt!: Date | null;

  @Field(() => [IpAddress], { nullable: true, description: 'As the guest reports them; null until it does.' })
  ipAddresses!: string[] | null;

  @Field(() => IoLocation, { nullable: true, description: 'Null before the share is mounted.' })
  ioLocation!: FailoverVmRow['ioLocation'];

  /** What field resolvers need; none of it is in the schema. */
  row!: FailoverVmRow;
}

export const FailoverVmConnection = connectionOf(() => FailoverVmType, 'FailoverVm');

export function failoverNode({ operation, failover }: FailoverRun): FailoverObject {
  const { type, phase, outcome, pauseReason, commitPolicy, liveAt, deadline } = failover;
  // A copy's disks are never moved.
  const relocation = type === 'TEST' ? null : failover.relocation;
  const isCommitBegun = failover.commitBegunAt !== null;
  const own = { type, phase, outcome, pauseReason, relocation, commitPolicy, liveAt, deadline, isCommitBegun };
  return { __typename: 'Failover', ...operationFields(operation), ...own };
}

export function failoverVmNode(row: FailoverVmRow): FailoverVmType {
  const { id, name, state, problem, sequence, bootGroup, poweredOnAt, ipAddresses, ioLocation } = row;
  return {
    __typename: 'FailoverVm',
    id,
    name,
    state,
    problem: problem && problemNode(problem),
    sequence,
    nics: row.nics.map((nic) => nicNode(row, nic)),
    bootGroup,
    poweredOnAt,
    // Guests report IPv6 as well; the API speaks of IPv4 today.
    ipAddresses: ipAddresses?.filter((address) => !address.includes(':')) ?? null,
    ioLocation,
    row,
  };
}

function nicNode({ manifest }: FailoverVmRow, { key, label, sourceMac, networkId, connected }: FailoverNicRow) {
  const sourceNetworkName = manifest?.nics.find((nic) => nic.key === key)?.networkName ?? null;
  const nic = { key, label, macAddress: sourceMac, sourceNetworkName };
  return { nic, connected, macAddress: sourceMac, networkId };
}

const loadRuns: LoadMany<GatewayContext, FailoverObject> = async ({ scope, gateway }, ids) => {
  const runs = await gateway.database.inScope(scope, (tx) => findFailoverRuns(tx, scope, ids));
  return new Map(runs.map((run) => [run.failover.id, failoverNode(run)]));
};

const loadVms: LoadMany<GatewayContext, FailoverVmType> = async ({ scope, gateway }, ids) => {
  const rows = await gateway.database.inScope(scope, (tx) => findFailoverVms(tx, scope, ids));
  return new Map(rows.map((row) => [row.id, failoverVmNode(row)]));
};

interface PartCount extends PartFacts {
  count: number;
}

const loadCounts: LoadMany<GatewayContext, PartCount[]> = async ({ scope, gateway }, ids) => {
  const rows = await gateway.database.inScope(scope, (tx) => countFailoverVms(tx, scope, ids));
  const found = new Map<string, PartCount[]>();
  for (const { failoverId, state, hasRun, count } of rows) {
    found.set(failoverId, [...(found.get(failoverId) ?? []), { state, hasRun, count }]);
  }
  return found;
};

const loadOpenRuns: LoadMany<GatewayContext, string> = ({ scope, gateway }, vmIds) =>
  gateway.database.inScope(scope, (tx) => findOpenRuns(tx, scope, vmIds));

/** A failover that the caller may or may not see. */
export async function visibleFailover(context: GatewayContext, id: string): Promise<FailoverObject | null> {
  const found = await loadOne(context, loadRuns, id);
  return found && (await context.scope.can('operations:read', found.row.tenantId)) ? found : null;
}

export async function visibleFailoverVm(context: GatewayContext, id: string): Promise<FailoverVmType | null> {
  const found = await loadOne(context, loadVms, id);
  return found && (await context.scope.can('operations:read', found.row.tenantId)) ? found : null;
}

/** Which kinds of machines a run has, and how many of each. */
export async function partsOf(context: GatewayContext, failoverId: string): Promise<PartCount[]> {
  return (await loadOne(context, loadCounts, failoverId)) ?? [];
}

export async function vmCountsOf(context: GatewayContext, failoverId: string): Promise<VmCountType[]> {
  const counts = new Map<VmState, number>();
  for (const { state, count } of await partsOf(context, failoverId))
    counts.set(state, (counts.get(state) ?? 0) + count);
  return [...counts].map(([state, count]) => ({ state, count }));
}

/** The open real run that a machine is in, if any. */
export function openRunOf(context: GatewayContext, vmId: string): Promise<string | undefined> {
  return loadOne(context, loadOpenRuns, vmId);
}
