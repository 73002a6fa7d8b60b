import { eq } from 'drizzle-orm';
import type { Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { delegation, organization, productionPrincipal } from '../organizations/table.ts';
import type { Catalogue, OrganizationEntry } from './catalogue.ts';
import { differing, type Change, type Difference } from './change.ts';

type OrganizationRow = typeof organization.$inferSelect;

/** Our ids of the file's organizations, those included that are only going to be made. */
export type OrganizationIds = ReadonlyMap<string, string>;

/** Compares organizations, top down, so that a parent is there before what lies below it. */
export async function compareOrganizations(
  tx: Tx,
  catalogue: Catalogue,
): Promise<Difference & { ids: OrganizationIds }> {
  const rows = await tx.select().from(organization);
  const ids = new Map<string, string>();
  const changes: Change[] = [];
  for (const entry of topDown(catalogue.organizations)) {
    const parentId = entry.parent === undefined ? null : (ids.get(entry.parent) ?? null);
    const row = rows.find((candidate) => isSame(candidate, entry, parentId));
    const id = row?.id ?? newId('org');
    ids.set(entry.key, id);
    const what = `organization ${entry.name}`;
    const wanted = {
      name: entry.name,
      parentId,
      identityId: entry.identityId ?? row?.identityId ?? null,
      externalId: entry.externalId ?? row?.externalId ?? null,
    };
    if (!row) {
      const values = { ...wanted, id, tenantId: id, kind: entry.kind, state: 'ACTIVE' as const };
      const apply = async (inner: Tx) => void (await inner.insert(organization).values(values));
      changes.push({ action: 'create', what, fields: [], auditedTo: id, apply });
      continue;
    }
    if (row.kind !== entry.kind) {
      throw new Error(`The ${what} is of kind ${row.kind}; it cannot become ${entry.kind}.`);
    }
    const fields = differing(row, wanted);
    if (!fields) continue;
    const apply = async (inner: Tx) =>
      void (await inner.update(organization).set(wanted).where(eq(organization.id, id)));
    changes.push({ action: 'change', what, fields, auditedTo: id, apply });
  }
  const known = new Set(ids.values());
  const leftovers = rows.filter((row) => !known.has(row.id)).map((row) => ({ what: `organization ${row.name}` }));
  return { changes, leftovers, ids };
}

/** By its identity where it has one, since names change; there is one provider; else by its name below its parent. */
function isSame(row: OrganizationRow, entry: OrganizationEntry, parentId: string | null): boolean {
  if (entry.identityId !== undefined && row.identityId !== null) return row.identityId === entry.identityId;
  if (entry.kind === 'PROVIDER') return row.kind === 'PROVIDER';
  return row.name === entry.name && row.parentId === parentId;
}

function topDown(entries: readonly OrganizationEntry[]): OrganizationEntry[] {
  const sorted: OrganizationEntry[] = [];
  // The file was checked: every parent is in it and none is its own ancestor, so each round places at least one.
  for (let rest = [...entries]; rest.length > 0;) {
    const placed = new Set(sorted.map((entry) => entry.key));
    const next = rest.filter((entry) => entry.parent === undefined || placed.has(entry.parent));
    sorted.push(...next);
    rest = rest.filter((entry) => !next.includes(entry));
  }
  return sorted;
}

export async function compareDelegations(tx: Tx, catalogue: Catalogue, ids: OrganizationIds): Promise<Difference> {
  const rows = await tx.select().from(delegation);
  const changes: Change[] = [];
  const seen = new Set<string>();
  for (const entry of catalogue.organizations) {
    for (const edge of entry.delegations) {
      const [tenantId, delegateId] = [idOf(ids, entry.key), idOf(ids, edge.delegate)];
      const row = rows.find((one) => one.tenantId === tenantId && one.delegateId === delegateId);
      const wanted = {
        maxRole: edge.maxRole,
        expiresAt: edge.expiresAt === undefined ? null : new Date(edge.expiresAt),
      };
      const what = `delegation of ${entry.name} to ${edge.delegate}`;
      const base = { what, auditedTo: tenantId };
      if (!row) {
        const values = { ...wanted, id: newId('dlg'), tenantId, delegateId };
        const apply = async (inner: Tx) => void (await inner.insert(delegation).values(values));
        changes.push({ ...base, action: 'create', fields: [`maxRole: ${edge.maxRole}`], apply });
        continue;
      }
      seen.add(row.id);
      const fields = differing(row, wanted);
      const apply = async (inner: Tx) =>
        void (await inner.update(delegation).set(wanted).where(eq(delegation.id, row.id)));
      if (fields) changes.push({ ...base, action: 'change', fields, apply });
    }
  }
  const leftovers = rows
    .filter((row) => !seen.has(row.id))
    .map((row) => ({ what: `delegation of ${row.tenantId} to ${row.delegateId} (${row.maxRole})` }));
  return { changes, leftovers };
}

export async function comparePrincipals(tx: Tx, catalogue: Catalogue, ids: OrganizationIds): Promise<Difference> {
  const rows = await tx.select().from(productionPrincipal);
  const changes: Change[] = [];
  const seen = new Set<string>();
  for (const entry of catalogue.productionPrincipals) {
    const tenantId = idOf(ids, entry.organization);
    const { site: siteId, account } = entry;
    const row = rows.find((one) => one.tenantId === tenantId && one.siteId === siteId);
    const base = { what: `production principal of ${entry.organization} at ${siteId}`, auditedTo: tenantId };
    if (!row) {
      const values = { id: newId('pp'), tenantId, siteId, account };
      const apply = async (inner: Tx) => void (await inner.insert(productionPrincipal).values(values));
      changes.push({ ...base, action: 'create', fields: [`account: ${account}`], apply });
      continue;
    }
    seen.add(row.id);
    const fields = differing(row, { account });
    const apply = async (inner: Tx) =>
      void (await inner.update(productionPrincipal).set({ account }).where(eq(productionPrincipal.id, row.id)));
    if (fields) changes.push({ ...base, action: 'change', fields, apply });
  }
  const leftovers = rows
    .filter((row) => !seen.has(row.id))
    .map((row) => ({ what: `production principal ${row.account} of ${row.tenantId} at ${row.siteId}` }));
  return { changes, leftovers };
}

export function idOf(ids: OrganizationIds, key: string): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`The file was accepted with an unknown organization "${key}".`);
  return id;
}
