import { index, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { at, createdAt, tenantId } from '../database/columns.ts';
import { organizationKinds, organizationStates } from './organization.ts';

/** `tenantId` is the organization's own id: one policy serves every table. */
export const organization = pgTable(
  'organization',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    parentId: text('parent_id'),
    kind: text('kind', { enum: organizationKinds }).notNull(),
    name: text('name').notNull(),
    state: text('state', { enum: organizationStates }).notNull(),
    /** The organization's id at the identity provider; never its alias. */
    identityId: text('identity_id').unique(),
    externalId: text('external_id'),
    createdAt: createdAt(),
  },
  (t) => [index('organization_parent').on(t.parentId), unique('organization_tenant').on(t.tenantId, t.id)],
);

/** Every pair of ancestor and descendant, each organization with itself included. Kept by trigger; no tenant reads it. */
export const organizationClosure = pgTable(
  'organization_closure',
  {
    ancestor: text('ancestor').notNull(),
    descendant: text('descendant').notNull(),
    depth: integer('depth').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.ancestor, t.descendant] }),
    index('organization_closure_descendant').on(t.descendant),
  ],
);

/** Cuts what the organizations above may do in one organization and all below it. No row: no cut. */
export const delegation = pgTable(
  'delegation',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    delegateId: text('delegate_id').notNull(),
    maxRole: text('max_role', { enum: ['viewer', 'test-operator', 'operator', 'admin'] }).notNull(),
    createdAt: createdAt(),
    expiresAt: at('expires_at'),
  },
  (t) => [unique('delegation_edge').on(t.tenantId, t.delegateId)],
);

/** The tenant's existing production account at a site (VPSUSERxxxx). */
export const productionPrincipal = pgTable(
  'production_principal',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    siteId: text('site_id').notNull(),
    account: text('account').notNull(),
  },
  (t) => [unique('production_principal_site').on(t.tenantId, t.siteId)],
);
