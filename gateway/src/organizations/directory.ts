import { and, eq, inArray, sql } from 'drizzle-orm';
import { QueryBuilder } from 'drizzle-orm/pg-core';
import type { KnownOrganization, OrganizationDirectory, Reach } from '../access/organization-directory.ts';
import { lesserRole, type OrganizationRole } from '../access/role.ts';
import type { Database, Tx } from '../database/database.ts';
import { isOneOf, statement } from '../database/statement.ts';
import { delegation, organization, organizationClosure } from './table.ts';

type MaxRole = (typeof delegation.$inferSelect)['maxRole'];

export const rolesByMaxRole = {
  viewer: 'VIEWER',
  'test-operator': 'TEST_OPERATOR',
  operator: 'OPERATOR',
  admin: 'ADMIN',
} as const satisfies Record<MaxRole, OrganizationRole>;

/** How the organizations lie below one another, for access. It reads what no tenant may, and tells no row of it. */
export function organizationDirectory(database: Database): OrganizationDirectory {
  return {
    async resolve(_issuer, identityIds) {
      if (identityIds.length === 0) return [];
      const rows = await database.rowsAsMaintenance(resolved, { identityIds });
      return rows.filter((row): row is KnownOrganization => row.identityId !== null);
    },
    reach: (rootIds, organizationId) => database.asMaintenance((tx) => reach(tx, rootIds, organizationId)),
  };
}

const resolved = statement<
  { identityIds: readonly string[] },
  Omit<KnownOrganization, 'identityId'> & { identityId: string | null }
>((value) =>
  new QueryBuilder()
    .select({
      organizationId: organization.id,
      identityId: organization.identityId,
      kind: organization.kind,
      state: organization.state,
      hasNothingBelow: sql<boolean>`not exists (
          select 1 from ${organizationClosure} where ${organizationClosure.ancestor} = ${organization.id} and ${organizationClosure.depth} > 0)`,
    })
    .from(organization)
    .where(isOneOf(organization.identityId, value('identityIds'))),
);

async function reach(tx: Tx, rootIds: readonly string[], organizationId: string): Promise<Reach[]> {
  if (rootIds.length === 0) return [];
  const path = await pathTo(tx, organizationId);
  const own = path.find((step) => step.organizationId === organizationId);
  if (!own) return [];
  const edges = await edgesOn(tx, path);
  const reaches: Reach[] = [];
  for (const rootId of rootIds) {
    const root = path.find((step) => step.organizationId === rootId);
    if (!root || root.depth === 0) continue;
    const maxRole = leastRole(edges, path, root.depth);
    if (maxRole) reaches.push({ rootId, maxRole, state: own.state });
  }
  return reaches;
}

interface Step {
  organizationId: string;
  /** 0 for the organization itself, 1 for its parent, and so on. */
  depth: number;
  state: (typeof organization.$inferSelect)['state'];
}

async function pathTo(tx: Tx, organizationId: string): Promise<Step[]> {
  return tx
    .select({ organizationId: organization.id, depth: organizationClosure.depth, state: organization.state })
    .from(organizationClosure)
    .innerJoin(organization, eq(organization.id, organizationClosure.ancestor))
    .where(eq(organizationClosure.descendant, organizationId))
    .orderBy(organizationClosure.depth);
}

interface Edge {
  organizationId: string;
  delegateId: string;
  maxRole: MaxRole;
  isExpired: boolean;
}

async function edgesOn(tx: Tx, path: readonly Step[]): Promise<Edge[]> {
  const ids = path.map((step) => step.organizationId);
  return tx
    .select({
      organizationId: delegation.tenantId,
      delegateId: delegation.delegateId,
      maxRole: delegation.maxRole,
      isExpired: sql<boolean>`coalesce(${delegation.expiresAt} <= clock_timestamp(), false)`,
    })
    .from(delegation)
    .where(and(inArray(delegation.tenantId, ids), inArray(delegation.delegateId, ids)));
}

/**
 * What the edges leave of the role of an organization `rootDepth` levels above. An edge cuts its delegate and whoever acts
 * through it from further above. One that has expired leaves nothing: what was lent for a time is over, not unlimited.
 */
function leastRole(edges: readonly Edge[], path: readonly Step[], rootDepth: number): OrganizationRole | undefined {
  let least: OrganizationRole | undefined = 'ADMIN';
  for (const edge of edges) {
    const delegate = path.find((step) => step.organizationId === edge.delegateId);
    if (!delegate || delegate.depth === 0 || delegate.depth > rootDepth) continue;
    if (edge.isExpired) return undefined;
    least = least && lesserRole(least, rolesByMaxRole[edge.maxRole]);
  }
  return least;
}
