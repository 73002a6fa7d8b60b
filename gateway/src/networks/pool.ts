import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { isInside, parseCidr, parseIpv4 } from './ipv4.ts';
import { parseMac } from './mac-address.ts';
import { address, addressPool, macBlock, managementVlan } from './table.ts';

export interface PoolSpec {
  siteId: string;
  kind: 'MANAGEMENT' | 'CUSTOMER';
  name: string;
  networkId?: string;
  cidr: string;
  gateway: string;
  /** The part of the network that we hand out, both ends included. */
  first: string;
  last: string;
}

/** Larger pools would be a mistake in a configuration file, and millions of rows. */
const largestPool = 65_536;

/** What is wrong with a pool, in words for whoever wrote the file; undefined when nothing is. */
export function faultOfPool(spec: Pick<PoolSpec, 'cidr' | 'gateway' | 'first' | 'last'>): string | undefined {
  const network = parseCidr(spec.cidr);
  if (!network) return `${spec.cidr} is not a network in CIDR form with its own address, such as 10.1.0.0/24.`;
  const [gateway, first, last] = [parseIpv4(spec.gateway), parseIpv4(spec.first), parseIpv4(spec.last)];
  if (gateway === undefined || !isInside(network, gateway))
    return `The gateway ${spec.gateway} is not inside ${spec.cidr}.`;
  if (first === undefined || !isInside(network, first))
    return `The first address ${spec.first} is not inside ${spec.cidr}.`;
  if (last === undefined || !isInside(network, last))
    return `The last address ${spec.last} is not inside ${spec.cidr}.`;
  if (first > last) return `The first address ${spec.first} lies behind the last, ${spec.last}.`;
  if (last - first >= largestPool) return `${spec.first} to ${spec.last} is more than ${largestPool} addresses.`;
  return undefined;
}

/**
 * Makes the pool and one row per address, or widens it. Addresses of network, broadcast and gateway are excluded. An
 * address that has left the range is excluded once it is free; one that is in use stays until it is given back.
 */
export async function ensurePool(tx: Tx, spec: PoolSpec): Promise<string> {
  const fault = faultOfPool(spec);
  if (fault !== undefined) throw new RangeError(fault);
  const values = { ...spec, networkId: spec.networkId ?? null };
  await tx
    .insert(addressPool)
    .values({ id: newId('pool'), ...values })
    .onConflictDoNothing();
  const [pool] = await tx
    .update(addressPool)
    .set({ cidr: spec.cidr, gateway: spec.gateway, networkId: values.networkId })
    .where(and(eq(addressPool.siteId, spec.siteId), eq(addressPool.name, spec.name)))
    .returning({ id: addressPool.id });
  if (!pool) throw new Error(`The address pool ${spec.name} could not be written.`);
  await expand(tx, pool.id, spec);
  return pool.id;
}

async function expand(tx: Tx, poolId: string, spec: PoolSpec): Promise<void> {
  const [first, last] = [parseIpv4(spec.first), parseIpv4(spec.last)];
  if (first === undefined || last === undefined) return;
  const excluded = sql`(${sql.join(
    reservedIn(spec.cidr, spec.gateway).map((ip) => sql`${ip}::bigint`),
    sql`, `,
  )})`;
  await tx.execute(sql`
    insert into address (pool_id, ip, state)
    select ${poolId}, ip, case when ip in ${excluded} then 'excluded' else 'free' end
    from generate_series(${first}::bigint, ${last}::bigint) as ip
    on conflict (pool_id, ip) do nothing`);
  await tx.execute(sql`
    update address set state = 'excluded'
    where pool_id = ${poolId} and state = 'free'
      and (ip < ${first}::bigint or ip > ${last}::bigint or ip in ${excluded})`);
  await tx.execute(sql`
    update address set state = 'free'
    where pool_id = ${poolId} and state = 'excluded'
      and ip between ${first}::bigint and ${last}::bigint and ip not in ${excluded}`);
}

/** Addresses of a network that no target can have: the gateway's, the network's own and its broadcast address. */
export function reservedIn(cidr: string, gateway: string): number[] {
  const [network, router] = [parseCidr(cidr), parseIpv4(gateway)];
  if (!network || router === undefined) return [];
  // A /31 or /32 has no addresses of its own for network and broadcast.
  return network.prefixLength >= 31 ? [router] : [...new Set([router, network.network, network.broadcast])];
}

/** Sets the site's block of MACs. Its counter goes on where it stood, unless that is no longer inside. */
export async function ensureMacBlock(tx: Tx, siteId: string, block: { first: string; last: string }): Promise<void> {
  const [first, last] = [parseMac(block.first), parseMac(block.last)];
  if (first === undefined || last === undefined || first > last) {
    throw new RangeError(
      `${block.first} to ${block.last} is not a block of 00:50:56:00:00:00 to 00:50:56:3f:ff:ff, the addresses that may be set by hand.`,
    );
  }
  await tx
    .insert(macBlock)
    .values({ siteId, first, last, next: first })
    .onConflictDoUpdate({
      target: macBlock.siteId,
      set: {
        first,
        last,
        next: sql`case when ${macBlock.next} between ${first} and ${last} then ${macBlock.next} else ${first} end`,
      },
    });
}

/** Makes a row for each VLAN id of the range. One that left the range goes when nobody holds it. */
export async function ensureManagementVlans(
  tx: Tx,
  siteId: string,
  range: { first: number; last: number },
): Promise<void> {
  await tx.execute(sql`
    insert into management_vlan (site_id, vlan_id)
    select ${siteId}, vlan_id from generate_series(${range.first}::int, ${range.last}::int) as vlan_id
    on conflict do nothing`);
  await tx
    .delete(managementVlan)
    .where(
      and(
        eq(managementVlan.siteId, siteId),
        sql`${managementVlan.ownerId} is null`,
        sql`${managementVlan.vlanId} not between ${range.first} and ${range.last}`,
      ),
    );
}

/** How full a pool is. */
export async function countAddresses(
  tx: Tx,
  poolId: string,
): Promise<{ total: number; free: number; quarantined: number }> {
  const rows = await tx
    .select({ state: address.state, count: sql<string>`count(*)` })
    .from(address)
    .where(eq(address.poolId, poolId))
    .groupBy(address.state);
  const of = (state: string) => Number(rows.find((row) => row.state === state)?.count ?? 0);
  const total = rows.filter((row) => row.state !== 'excluded').reduce((sum, row) => sum + Number(row.count), 0);
  return { total, free: of('free'), quarantined: of('quarantine') };
}
