import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { at, bytes, createdAt, tenantId } from '../database/columns.ts';
import { credentialProfiles, healthStates, targetStates } from './target.ts';

export interface TargetConditionRow {
  type: string;
  side: 'PROVIDER' | 'CUSTOMER';
  since: string;
  message: string;
  remedy?: string;
}

/** A nested host and its datastore. Nothing in this table is the provider's own: a tenant may read every column. */
export const target = pgTable(
  'target',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    siteId: text('site_id').notNull(),
    planId: text('plan_id').notNull(),
    networkId: text('network_id').notNull(),
    name: text('name').notNull(),
    state: text('state', { enum: targetStates }).notNull(),
    health: text('health', { enum: healthStates }).notNull(),
    conditions: jsonb('conditions').$type<TargetConditionRow[]>().notNull().default([]),
    credentialProfile: text('credential_profile', { enum: credentialProfiles }).notNull(),
    /** The connection sheet: the customer's side only. */
    customerAddress: text('customer_address'),
    port: integer('port'),
    userName: text('user_name'),
    certificateSha256: text('certificate_sha256'),
    /** When the tenant's admin was shown the credential; null until then. */
    credentialRevealedAt: at('credential_revealed_at'),
    storageBytes: bytes('storage_bytes').notNull(),
    storageClass: text('storage_class').notNull(),
    usedBytes: bytes('used_bytes'),
    storageObservedAt: at('storage_observed_at'),
    currentOperationId: text('current_operation_id'),
    retainedUntil: at('retained_until'),
    createdAt: createdAt(),
    observedAt: at('observed_at'),
  },
  (t) => [
    index('target_list').on(t.tenantId, t.createdAt, t.id),
    uniqueIndex('target_name')
      .on(t.tenantId, t.name)
      .where(sql`state <> 'DEPROVISIONED'`),
  ],
);

/** The provider's half of a target: addresses on the management side, references in the backends. Tenants have no grant. */
export const targetHost = pgTable('target_host', {
  targetId: text('target_id').primaryKey(),
  tenantId: tenantId(),
  hostRef: text('host_ref'),
  managementAddress: text('management_address'),
  managementMac: text('management_mac'),
  managementVlanId: integer('management_vlan_id'),
  managementPortGroup: text('management_port_group'),
  customerMac: text('customer_mac'),
  /** Where the share is mounted from; the same two texts on every host. */
  remoteHost: text('remote_host'),
  remotePath: text('remote_path'),
  storageGuid: text('storage_guid'),
  template: text('template'),
});

/** Credentials on the nested host, sealed. ROOT is the provider's, REPLICATION is given to the tenant. */
export const targetAccount = pgTable(
  'target_account',
  {
    targetId: text('target_id').notNull(),
    tenantId: tenantId(),
    kind: text('kind', { enum: ['ROOT', 'REPLICATION'] }).notNull(),
    userName: text('user_name').notNull(),
    sealedSecret: text('sealed_secret').notNull(),
    issuedAt: at('issued_at').notNull(),
    revealedAt: at('revealed_at'),
  },
  (t) => [primaryKey({ columns: [t.targetId, t.kind] })],
);
