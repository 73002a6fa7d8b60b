import { Field, Int, ObjectType } from 'type-graphql';
import { loadOne, type LoadMany } from '../graphql/batch.ts';
import { connectionOf } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { enumType } from '../graphql/enum-type.ts';
import { Node } from '../graphql/node.ts';
import { Bytes, DateTime, MacAddress } from '../graphql/scalars.ts';
import {
  activeSides,
  protectedVmStates,
  replicationHealths,
  testStates,
  type ProtectedVmState as State,
  type ReplicationHealth as Health,
} from './protected-vm.ts';
import {
  findProtectedVms,
  findRestorePoints,
  latestRestorePoints,
  type ProtectedVmRow,
  type RestorePointRow,
} from './store.ts';

export const ProtectedVmState = enumType('ProtectedVmState', protectedVmStates);
export const TestState = enumType('TestState', testStates);
export const ReplicationHealth = enumType('ReplicationHealth', replicationHealths);
export const ActiveSide = enumType('ActiveSide', activeSides, 'Where the machine runs, as far as is seen from here.');

@ObjectType('VmDisk')
export class VmDiskType {
  @Field(() => String)
  label!: string;

  @Field(() => Bytes)
  capacity!: number;
}

@ObjectType('VmNic')
export class VmNicType {
  @Field(() => Int, { description: "The device's key; mappings name it." })
  key!: number;

  @Field(() => String)
  label!: string;

  @Field(() => MacAddress)
  macAddress!: string;

  @Field(() => String, { nullable: true, description: 'The network as the replication software named it.' })
  sourceNetworkName!: string | null;
}

@ObjectType('RestorePoint', {
  implements: Node,
  description: 'A point in time from which the machine can be started.',
  simpleResolvers: true,
})
export class RestorePointType extends Node {
  readonly __typename = 'RestorePoint';

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => String, { nullable: true })
  description!: string | null;

  row!: RestorePointRow;
}

export const RestorePointConnection = connectionOf(() => RestorePointType, 'RestorePoint');

@ObjectType('ProtectedVm', {
  implements: Node,
  description: 'A virtual machine that is replicated to a target.',
  // Its plain fields are read as they lie. What a caller may see is decided at root fields and in the database, so that
  // no field of it has anything of type-graphql's own to be asked.
  simpleResolvers: true,
})
export class ProtectedVmType extends Node {
  readonly __typename = 'ProtectedVm';

  @Field(() => String)
  name!: string;

  @Field(() => ProtectedVmState)
  state!: State;

  @Field(() => TestState)
  testState!: ProtectedVmRow['testState'];

  @Field(() => ReplicationHealth)
  replicationHealth!: Health;

  @Field(() => ActiveSide)
  activeSide!: ProtectedVmRow['activeSide'];

  @Field(() => String, {
    nullable: true,
    description: 'Null, as all down to `nics`, until its configuration was read.',
  })
  guestOs!: string | null;

  @Field(() => Int, { nullable: true })
  cpuCount!: number | null;

  @Field(() => Bytes, { nullable: true })
  memory!: number | null;

  @Field(() => [VmDiskType], { nullable: true })
  disks!: VmDiskType[] | null;

  @Field(() => [VmNicType], { nullable: true })
  nics!: VmNicType[] | null;

  @Field(() => DateTime, {
    description:
      'When it was last seen on its target. Lists answer from the last look; `refreshProtectedVms` looks again.',
  })
  observedAt!: Date;

  /** What field resolvers need; none of it is in the schema. */
  row!: ProtectedVmRow;
}

export const ProtectedVmConnection = connectionOf(() => ProtectedVmType, 'ProtectedVm');

export function protectedVmNode(row: ProtectedVmRow): ProtectedVmType {
  const { id, name, state, testState, replicationHealth, activeSide, guestOs, cpuCount, memoryBytes, observedAt } = row;
  return {
    __typename: 'ProtectedVm',
    id,
    name,
    state,
    testState,
    replicationHealth,
    activeSide,
    guestOs,
    cpuCount,
    memory: memoryBytes,
    disks: row.disks?.map(({ label, capacityBytes }) => ({ label, capacity: capacityBytes })) ?? null,
    nics: row.nics,
    observedAt,
    row,
  };
}

export function restorePointNode(row: RestorePointRow): RestorePointType {
  const { id, createdAt, description } = row;
  return { __typename: 'RestorePoint', id, createdAt, description, row };
}

const loadVms: LoadMany<GatewayContext, ProtectedVmType> = async ({ scope, gateway }, ids) => {
  const rows = await gateway.database.inScope(scope, (tx) => findProtectedVms(tx, scope, ids));
  return new Map(rows.map((row) => [row.id, protectedVmNode(row)]));
};

const loadRestorePoints: LoadMany<GatewayContext, RestorePointType> = async ({ scope, gateway }, ids) => {
  const rows = await gateway.database.inScope(scope, (tx) => findRestorePoints(tx, scope, ids));
  return new Map(rows.map((row) => [row.id, restorePointNode(row)]));
};

const loadLatest: LoadMany<GatewayContext, RestorePointType> = async ({ scope, gateway }, vmIds) => {
  const rows = await latestRestorePoints(gateway.database, scope, vmIds);
  return new Map(rows.map((row) => [row.vmId, restorePointNode(row)]));
};

/** A machine that the caller may or may not see. */
export async function visibleProtectedVm(context: GatewayContext, id: string): Promise<ProtectedVmType | null> {
  const found = await loadOne(context, loadVms, id);
  return found && (await context.scope.can('vms:read', found.row.tenantId)) ? found : null;
}

export async function visibleRestorePoint(context: GatewayContext, id: string): Promise<RestorePointType | null> {
  const found = await loadOne(context, loadRestorePoints, id);
  return found && (await context.scope.can('vms:read', found.row.tenantId)) ? found : null;
}

/** The newest restore point of a machine that the caller sees. */
export async function latestOf(context: GatewayContext, vmId: string): Promise<RestorePointType | null> {
  return (await loadOne(context, loadLatest, vmId)) ?? null;
}
