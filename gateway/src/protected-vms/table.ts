import { boolean, index, integer, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { at, bytes, createdAt, tenantId } from '../database/columns.ts';
import { activeSides, protectedVmStates, replicationHealths, testStates } from './protected-vm.ts';

export interface VmDiskRow {
  label: string;
  capacityBytes: number;
}

export interface VmNicRow {
  key: number;
  label: string;
  macAddress: string;
  sourceNetworkName: string | null;
}

/** What was last seen on the targets: a cache with its age, and the life of each machine with us. */
export const protectedVm = pgTable(
  'protected_vm',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    targetId: text('target_id').notNull(),
    /** Finds the machine again whatever it is called and wherever it is registered. */
    instanceUuid: text('instance_uuid').notNull(),
    name: text('name').notNull(),
    state: text('state', { enum: protectedVmStates }).notNull(),
    testState: text('test_state', { enum: testStates }).notNull().default('NONE'),
    replicationHealth: text('replication_health', { enum: replicationHealths }).notNull().default('UNKNOWN'),
    activeSide: text('active_side', { enum: activeSides }).notNull().default('SOURCE'),
    guestOs: text('guest_os'),
    cpuCount: integer('cpu_count'),
    memoryBytes: bytes('memory_bytes'),
    hardwareVersion: text('hardware_version'),
    disks: jsonb('disks').$type<VmDiskRow[]>(),
    nics: jsonb('nics').$type<VmNicRow[]>(),
    isUsable: boolean('is_usable').notNull().default(true),
    createdAt: createdAt(),
    observedAt: at('observed_at').notNull(),
  },
  (t) => [
    unique('protected_vm_uuid').on(t.targetId, t.instanceUuid),
    index('protected_vm_list').on(t.tenantId, t.name, t.id),
    index('protected_vm_target').on(t.targetId),
  ],
);

/** A bootable point in time, as the replication software left it. */
export const restorePoint = pgTable(
  'restore_point',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    vmId: text('vm_id').notNull(),
    /** The snapshot's name: it survives the machine's registration elsewhere, its reference does not. */
    name: text('name').notNull(),
    description: text('description'),
    createdAt: at('created_at').notNull(),
  },
  (t) => [
    unique('restore_point_name').on(t.vmId, t.name),
    index('restore_point_list').on(t.tenantId, t.vmId, t.createdAt),
  ],
);
