import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Problem } from '../operations/operation.ts';
import { at, bytes, tenantId } from '../database/columns.ts';
import {
  commitPolicies,
  failoverPhases,
  failoverTypes,
  failoverVmStates,
  ioLocations,
  pauseReasons,
  relocationPolicies,
} from './failover.ts';

/** The part of an operation that only a failover has; `id` is the operation's. */
export const failover = pgTable(
  'failover',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    type: text('type', { enum: failoverTypes }).notNull(),
    phase: text('phase', { enum: failoverPhases }).notNull(),
    outcome: text('outcome', { enum: ['FULL', 'PARTIAL'] }),
    pauseReason: text('pause_reason', { enum: pauseReasons }),
    relocation: text('relocation', { enum: relocationPolicies }).notNull(),
    commitPolicy: text('commit_policy', { enum: commitPolicies }).notNull(),
    commitAfterSeconds: integer('commit_after_seconds'),
    /** Tests only: how long the copies run. */
    keepForSeconds: integer('keep_for_seconds'),
    liveAt: at('live_at'),
    deadline: at('deadline'),
    /** From here on protective snapshots go, and with them the way back. */
    commitBegunAt: at('commit_begun_at'),
  },
  (t) => [
    index('failover_list').on(t.tenantId, t.id),
    index('failover_deadline')
      .on(t.deadline)
      .where(sql`deadline is not null`),
  ],
);

export interface FailoverNicRow {
  key: number;
  label: string;
  sourceMac: string;
  /** Null in a test: the isolated network of the run. */
  networkId: string | null;
  connected: boolean;
}

/** Everything noted down before a replica is unregistered: with it the machine can be put back as it was. */
export interface ManifestRow {
  name: string;
  vmxPath: string;
  instanceUuid: string;
  biosUuid: string;
  hardwareVersion: string;
  cpuCount: number;
  memoryBytes: number;
  disks: { label: string; capacityBytes: number; path: string }[];
  nics: { key: number; label: string; mac: string; networkName: string; isConnected: boolean }[];
  restorePoints: { name: string; createdAt: string }[];
  wasPoweredOn: boolean;
}

/** One machine's part in a run. It may be in one open real run and in one open test at a time. */
export const failoverVm = pgTable(
  'failover_vm',
  {
    id: text('id').primaryKey(),
    failoverId: text('failover_id').notNull(),
    tenantId: tenantId(),
    vmId: text('vm_id').notNull(),
    targetId: text('target_id').notNull(),
    name: text('name').notNull(),
    /** The restore point's name; null is the latest state. */
    restorePointId: text('restore_point_id'),
    state: text('state', { enum: failoverVmStates }).notNull(),
    ordinal: integer('ordinal').notNull(),
    bootGroup: integer('boot_group').notNull().default(0),
    nics: jsonb('nics').$type<FailoverNicRow[]>().notNull(),
    manifest: jsonb('manifest').$type<ManifestRow>(),
    percent: integer('percent'),
    problem: jsonb('problem').$type<Problem>(),
    ioLocation: text('io_location', { enum: ioLocations }),
    sequence: integer('sequence').notNull().default(0),
    poweredOnAt: at('powered_on_at'),
    ipAddresses: jsonb('ip_addresses').$type<string[]>(),
    /** Set while the run is open and real: the unique index below makes a VM take part once. */
    openVmId: text('open_vm_id'),
    /** Set while the run is open and a test. */
    openTestVmId: text('open_test_vm_id'),
  },
  (t) => [
    index('failover_vm_run').on(t.failoverId, t.ordinal),
    index('failover_vm_history').on(t.vmId),
    uniqueIndex('failover_vm_open').on(t.openVmId),
    uniqueIndex('failover_vm_open_test').on(t.openTestVmId),
    index('failover_vm_target')
      .on(t.targetId)
      .where(sql`open_vm_id is not null`),
    index('failover_vm_target_test')
      .on(t.targetId)
      .where(sql`open_test_vm_id is not null`),
  ],
);

/** The provider's half of a machine's run: hosts, datastores, references. Tenants have no grant. */
export const failoverPlacement = pgTable(
  'failover_placement',
  {
    failoverVmId: text('failover_vm_id').primaryKey(),
    failoverId: text('failover_id').notNull(),
    tenantId: tenantId(),
    hostRef: text('host_ref').notNull(),
    hostName: text('host_name').notNull(),
    storageAddress: text('storage_address').notNull(),
    /** The production datastore that the disks move to. */
    datastore: text('datastore').notNull(),
    productionRef: text('production_ref'),
  },
  (t) => [index('failover_placement_run').on(t.failoverId)],
);

/** A tenant's share mounted on a production host for one run; released when its last machine has left. */
export const mount = pgTable(
  'mount',
  {
    failoverId: text('failover_id').notNull(),
    targetId: text('target_id').notNull(),
    hostRef: text('host_ref').notNull(),
    tenantId: tenantId(),
    name: text('name').notNull(),
    storageAddress: text('storage_address').notNull(),
    state: text('state', { enum: ['HELD', 'RELEASED'] }).notNull(),
    /** Since when it has been mounted; a HELD row without it may be mounted or not. */
    mountedAt: at('mounted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.failoverId, t.targetId, t.hostRef] }),
    index('mount_held')
      .on(t.targetId)
      .where(sql`state = 'HELD'`),
  ],
);

/** What a run did to a target as a whole: whether it took the tenant's write access, which snapshot stands. */
export const failoverTarget = pgTable(
  'failover_target',
  {
    failoverId: text('failover_id').notNull(),
    targetId: text('target_id').notNull(),
    tenantId: tenantId(),
    accessSuspendedAt: at('access_suspended_at'),
    accessRestoredAt: at('access_restored_at'),
    snapshotName: text('snapshot_name'),
    snapshotRemovedAt: at('snapshot_removed_at'),
    /** Tests only: where the clone of the share is mounted from, as the appliance says it. */
    cloneHost: text('clone_host'),
    clonePath: text('clone_path'),
  },
  (t) => [
    primaryKey({ columns: [t.failoverId, t.targetId] }),
    index('failover_target_suspended')
      .on(t.targetId)
      .where(sql`access_suspended_at is not null and access_restored_at is null`),
  ],
);

/** The network that leads nowhere, of a test at a site, with the VLAN that nobody else has meanwhile. The provider's. */
export const isolatedNetwork = pgTable(
  'isolated_network',
  {
    failoverId: text('failover_id').notNull(),
    siteId: text('site_id').notNull(),
    tenantId: tenantId(),
    vlanId: integer('vlan_id').notNull(),
    /** Where the copies are plugged in; null until the network stands. */
    portGroup: text('port_group'),
    releasedAt: at('released_at'),
  },
  (t) => [
    primaryKey({ columns: [t.failoverId, t.siteId] }),
    uniqueIndex('isolated_network_vlan')
      .on(t.siteId, t.vlanId)
      .where(sql`released_at is null`),
  ],
);

/** Room held on production hosts and datastores for runs that the backend does not show yet. The provider's. */
export const reservation = pgTable(
  'reservation',
  {
    failoverVmId: text('failover_vm_id').primaryKey(),
    failoverId: text('failover_id').notNull(),
    tenantId: tenantId(),
    siteId: text('site_id').notNull(),
    hostName: text('host_name').notNull(),
    memoryBytes: bytes('memory_bytes').notNull(),
    cpuCount: integer('cpu_count').notNull(),
    datastore: text('datastore').notNull(),
    diskBytes: bytes('disk_bytes').notNull(),
    /** The machine is on: the host's own figures show it. */
    hostReleasedAt: at('host_released_at'),
    /** The disks are there: the datastore's own figures show them. */
    datastoreReleasedAt: at('datastore_released_at'),
  },
  (t) => [
    index('reservation_open')
      .on(t.siteId)
      .where(sql`host_released_at is null or datastore_released_at is null`),
  ],
);
