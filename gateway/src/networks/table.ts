import { sql } from 'drizzle-orm';
import { bigint, index, integer, pgTable, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { at, createdAt, tenantId } from '../database/columns.ts';

/** A network service of the tenant: where its machines may be connected after a failover. */
export const network = pgTable(
  'network',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    siteId: text('site_id').notNull(),
    name: text('name').notNull(),
    kind: text('kind', { enum: ['PRODUCTION', 'TEST'] }).notNull(),
    vlanId: integer('vlan_id').notNull(),
    cidr: text('cidr').notNull(),
    gateway: text('gateway').notNull(),
    createdAt: createdAt(),
  },
  (t) => [unique('network_name').on(t.tenantId, t.siteId, t.name), unique('network_vlan').on(t.siteId, t.vlanId)],
);

/**
 * Addresses that we allocate: the provider's management network of a site, or the part of a customer's network that is
 * set aside for targets. The provider's; tenants have no grant.
 */
export const addressPool = pgTable(
  'address_pool',
  {
    id: text('id').primaryKey(),
    siteId: text('site_id').notNull(),
    /** MANAGEMENT pools hand out a VLAN with each address. */
    kind: text('kind', { enum: ['MANAGEMENT', 'CUSTOMER'] }).notNull(),
    name: text('name').notNull(),
    /** CUSTOMER pools only. */
    networkId: text('network_id'),
    cidr: text('cidr').notNull(),
    gateway: text('gateway').notNull(),
  },
  (t) => [unique('address_pool_name').on(t.siteId, t.name)],
);

export const addressStates = ['free', 'reserved', 'active', 'releasing', 'quarantine', 'excluded'] as const;

/** One row per address: the row is the state machine. */
export const address = pgTable(
  'address',
  {
    poolId: text('pool_id').notNull(),
    /** As a number, so that the order is the order of addresses. */
    ip: bigint('ip', { mode: 'number' }).notNull(),
    state: text('state', { enum: addressStates }).notNull(),
    /** The target that holds it. */
    ownerId: text('owner_id'),
    mac: text('mac'),
    vlanId: integer('vlan_id'),
    /** +1 with each allocation: fences late writers. */
    generation: bigint('generation', { mode: 'number' }).notNull().default(0),
    quarantinedUntil: at('quarantined_until'),
  },
  (t) => [
    primaryKey({ columns: [t.poolId, t.ip] }),
    uniqueIndex('address_owner')
      .on(t.poolId, t.ownerId)
      .where(sql`state in ('reserved', 'active', 'releasing')`),
    uniqueIndex('address_mac')
      .on(t.mac)
      .where(sql`state in ('reserved', 'active', 'releasing', 'quarantine')`),
    index('address_pick').on(t.poolId, t.state, t.ip),
  ],
);

/** The site's block of MACs and its next one; MACs are counted, never derived from addresses. */
export const macBlock = pgTable('mac_block', {
  siteId: text('site_id').primaryKey(),
  /** Three lower octets as a number: `0x200000` is `00:50:56:20:00:00`. */
  first: integer('first').notNull(),
  last: integer('last').notNull(),
  next: integer('next').notNull(),
});

/** VLAN ids of a site's management side, one per target. */
export const managementVlan = pgTable(
  'management_vlan',
  {
    siteId: text('site_id').notNull(),
    vlanId: integer('vlan_id').notNull(),
    ownerId: text('owner_id'),
    quarantinedUntil: at('quarantined_until'),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.vlanId] }), unique('management_vlan_owner').on(t.siteId, t.ownerId)],
);
