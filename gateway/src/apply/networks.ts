import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { ensurePool, reservedIn } from '../networks/pool.ts';
import { parseIpv4 } from '../networks/ipv4.ts';
import { address, addressPool, network } from '../networks/table.ts';
import type { Catalogue } from './catalogue.ts';
import { differing, type Change, type Difference } from './change.ts';
import { idOf, type OrganizationIds } from './organizations.ts';

export async function compareNetworks(tx: Tx, catalogue: Catalogue, ids: OrganizationIds): Promise<Difference> {
  const rows = await tx.select().from(network);
  const changes: Change[] = [];
  const seen = new Set<string>();
  for (const { organization, site: siteId, targetAddresses, ...entry } of catalogue.networks) {
    const tenantId = idOf(ids, organization);
    const row = rows.find((one) => one.tenantId === tenantId && one.siteId === siteId && one.name === entry.name);
    const id = row?.id ?? newId('net');
    seen.add(id);
    const { kind, vlanId, cidr, gateway } = entry;
    const wanted = { kind, vlanId, cidr, gateway };
    const fields = [
      ...(differing(row ?? {}, wanted) ?? []),
      ...(await rangeChange(tx, id, gateway, cidr, targetAddresses)),
    ];
    if (row && fields.length === 0) continue;
    if (row && differing(row, wanted) && (await isInUse(tx, id))) {
      throw new Error(
        `The network ${entry.name} of ${organization} cannot be changed (${fields.join(', ')}): replication targets use it. Give them up first.`,
      );
    }
    changes.push({
      action: row ? 'change' : 'create',
      what: `network ${entry.name} of ${organization} at ${siteId}`,
      fields,
      auditedTo: tenantId,
      async apply(inner) {
        const values = { id, tenantId, siteId, name: entry.name, ...wanted };
        await inner.insert(network).values(values).onConflictDoUpdate({ target: network.id, set: wanted });
        if (!targetAddresses) return;
        const pool = { siteId, kind: 'CUSTOMER' as const, name: id, networkId: id, cidr, gateway };
        await ensurePool(inner, { ...pool, ...targetAddresses });
      },
    });
  }
  const leftovers = rows
    .filter((row) => !seen.has(row.id))
    .map((row) => ({ what: `network ${row.name} of ${row.tenantId} at ${row.siteId}` }));
  return { changes, leftovers };
}

/** What is to become of the addresses that are handed out. Those that are in use stay until they are given back. */
async function rangeChange(
  tx: Tx,
  networkId: string,
  gateway: string,
  cidr: string,
  range: { first: string; last: string } | undefined,
): Promise<string[]> {
  if (!range) return [];
  const [first, last] = [parseIpv4(range.first) ?? 0, parseIpv4(range.last) ?? 0];
  const [inner] = await tx
    .select({
      inside: sql<string>`count(*) filter (where ${address.state} <> 'excluded' and ${address.ip} between ${first} and ${last})`,
      outside: sql<string>`count(*) filter (where ${address.state} = 'free' and ${address.ip} not between ${first} and ${last})`,
    })
    .from(address)
    .innerJoin(addressPool, eq(addressPool.id, address.poolId))
    .where(eq(addressPool.networkId, networkId));
  const wanted = last - first + 1 - reservedIn(cidr, gateway).filter((ip) => ip >= first && ip <= last).length;
  const agrees = Number(inner?.inside ?? 0) === wanted && Number(inner?.outside ?? 0) === 0;
  return agrees ? [] : [`targetAddresses: ${range.first} - ${range.last}`];
}

async function isInUse(tx: Tx, networkId: string): Promise<boolean> {
  const held = ['reserved', 'active', 'releasing'] as const;
  const [row] = await tx
    .select({ ip: address.ip })
    .from(address)
    .innerJoin(addressPool, eq(addressPool.id, address.poolId))
    .where(and(eq(addressPool.networkId, networkId), inArray(address.state, [...held])))
    .limit(1);
  return row !== undefined;
}
