import { and, asc, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm';
import { PluginError } from '@bulkhead/plugin-sdk';
import type { Tx } from '../database/database.ts';
import { isUniqueViolation } from '../database/unique-violation.ts';
import { formatIpv4, parseCidr } from './ipv4.ts';
import { formatMac } from './mac-address.ts';
import { address, addressPool, macBlock, managementVlan, network } from './table.ts';

/** One side of a target: an address with everything that a backend must know of it. */
export interface AllocatedAddress {
  poolId: string;
  ip: string;
  cidr: string;
  prefixLength: number;
  gateway: string;
  mac: string;
  vlanId: number;
  /** Grows with each allocation of the address. */
  generation: number;
}

export interface TargetAddresses {
  management: AllocatedAddress;
  customer: AllocatedAddress;
}

const heldStates = ['reserved', 'active', 'releasing'] as const;

/**
 * Takes both addresses, both MACs and the management VLAN of a target, all in the caller's transaction. Asked again for
 * the same target, answers with what it holds.
 * @throws PluginError `exhausted` when a pool, the VLANs or the MACs have run out; `invalid` when the customer's network
 * has no addresses set aside for targets.
 */
export async function allocateTargetAddresses(
  tx: Tx,
  owner: { targetId: string; siteId: string; networkId: string },
): Promise<TargetAddresses> {
  try {
    // In a savepoint: the loser of a race for one owner breaks on the unique index and reads what the winner took.
    return await tx.transaction((inner) => allocateOnce(inner, owner));
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return tx.transaction((inner) => allocateOnce(inner, owner));
  }
}

async function allocateOnce(
  tx: Tx,
  owner: { targetId: string; siteId: string; networkId: string },
): Promise<TargetAddresses> {
  const management = await findPool(tx, and(eq(addressPool.siteId, owner.siteId), eq(addressPool.kind, 'MANAGEMENT')));
  if (!management) throw new PluginError('invalid', 'This site has no management network.', `site ${owner.siteId}`);
  const customer = await findPool(tx, eq(addressPool.networkId, owner.networkId));
  const [service] = await tx.select({ vlanId: network.vlanId }).from(network).where(eq(network.id, owner.networkId));
  if (!customer || !service) {
    throw new PluginError(
      'invalid',
      'This network has no addresses set aside for replication targets; choose another one.',
      `network ${owner.networkId} has no pool`,
    );
  }
  const { siteId, targetId } = owner;
  const managementRow =
    (await held(tx, management.id, targetId)) ?? (await take(tx, management, siteId, targetId, null));
  const customerRow =
    (await held(tx, customer.id, targetId)) ?? (await take(tx, customer, siteId, targetId, service.vlanId));
  return { management: described(management, managementRow), customer: described(customer, customerRow) };
}

type AddressRow = typeof address.$inferSelect;
type PoolRow = typeof addressPool.$inferSelect;

async function findPool(
  tx: Tx,
  condition: ReturnType<typeof eq> | ReturnType<typeof and>,
): Promise<PoolRow | undefined> {
  const [pool] = await tx.select().from(addressPool).where(condition).limit(1);
  return pool;
}

async function held(tx: Tx, poolId: string, targetId: string): Promise<AddressRow | undefined> {
  const [row] = await tx
    .select()
    .from(address)
    .where(and(eq(address.poolId, poolId), eq(address.ownerId, targetId), inArray(address.state, [...heldStates])));
  return row;
}

/** Takes the lowest free address; those whose quarantine is over come after the ones that were never used. */
async function take(
  tx: Tx,
  pool: PoolRow,
  siteId: string,
  targetId: string,
  vlanId: number | null,
): Promise<AddressRow> {
  const ip = await pick(tx, pool);
  const vlan = vlanId ?? (await takeManagementVlan(tx, siteId, targetId));
  // The counter's row is locked last and until commit: nobody who holds it waits for anything else.
  const mac = await nextMac(tx, siteId);
  const [row] = await tx
    .update(address)
    .set({
      state: 'reserved',
      ownerId: targetId,
      mac,
      vlanId: vlan,
      generation: sql`${address.generation} + 1`,
      quarantinedUntil: null,
    })
    .where(and(eq(address.poolId, pool.id), eq(address.ip, ip)))
    .returning();
  if (!row) throw new Error(`Address ${formatIpv4(ip)} of pool ${pool.id} vanished while it was locked.`);
  return row;
}

async function pick(tx: Tx, pool: PoolRow): Promise<number> {
  const isFree = and(
    eq(address.poolId, pool.id),
    or(
      eq(address.state, 'free'),
      and(eq(address.state, 'quarantine'), lte(address.quarantinedUntil, sql`clock_timestamp()`)),
    ),
  );
  const order = [sql`(${address.state} = 'quarantine')`, asc(address.ip)];
  const query = () =>
    tx
      .select({ ip: address.ip })
      .from(address)
      .where(isFree)
      .orderBy(...order)
      .limit(1);
  const [free] = await query().for('update', { skipLocked: true });
  if (free) return free.ip;
  // The last ones may be locked by transactions that are going to give up: wait for them before saying "exhausted".
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const [awaited] = await query().for('update');
    if (awaited) return awaited.ip;
  }
  throw new PluginError(
    'exhausted',
    pool.kind === 'MANAGEMENT'
      ? 'This site has no room for another replication target.'
      : 'All addresses of this network that are set aside for replication targets are in use.',
    `address pool ${pool.name} has no free address`,
  );
}

async function takeManagementVlan(tx: Tx, siteId: string, targetId: string): Promise<number> {
  const [own] = await tx
    .select({ vlanId: managementVlan.vlanId })
    .from(managementVlan)
    .where(and(eq(managementVlan.siteId, siteId), eq(managementVlan.ownerId, targetId)));
  if (own) return own.vlanId;
  const isFree = and(
    eq(managementVlan.siteId, siteId),
    isNull(managementVlan.ownerId),
    or(isNull(managementVlan.quarantinedUntil), lte(managementVlan.quarantinedUntil, sql`clock_timestamp()`)),
  );
  const order = [sql`${managementVlan.quarantinedUntil} nulls first`, asc(managementVlan.vlanId)];
  const query = () =>
    tx
      .select({ vlanId: managementVlan.vlanId })
      .from(managementVlan)
      .where(isFree)
      .orderBy(...order)
      .limit(1);
  let [free] = await query().for('update', { skipLocked: true });
  if (!free) [free] = await query().for('update');
  if (!free) {
    throw new PluginError(
      'exhausted',
      'This site has no room for another replication target.',
      `site ${siteId} has no free management VLAN`,
    );
  }
  await tx
    .update(managementVlan)
    .set({ ownerId: targetId, quarantinedUntil: null })
    .where(and(eq(managementVlan.siteId, siteId), eq(managementVlan.vlanId, free.vlanId)));
  return free.vlanId;
}

/**
 * The next MAC of the site's block. Counted, not derived from the address: a forgotten old machine must not match the
 * next tenant's reservation. Past the end of the block the count starts over and passes by what is still in use.
 */
async function nextMac(tx: Tx, siteId: string): Promise<string> {
  const [block] = await tx.select().from(macBlock).where(eq(macBlock.siteId, siteId)).for('update');
  if (!block)
    throw new PluginError('invalid', 'This site cannot take replication targets.', `site ${siteId} has no MAC block`);
  let candidate = block.next;
  for (let tried = 0; tried <= block.last - block.first; tried += 1) {
    const mac = formatMac(candidate);
    candidate = candidate >= block.last ? block.first : candidate + 1;
    const [inUse] = await tx
      .select({ ip: address.ip })
      .from(address)
      .where(and(eq(address.mac, mac), inArray(address.state, [...heldStates, 'quarantine'])))
      .limit(1);
    if (inUse) continue;
    await tx.update(macBlock).set({ next: candidate }).where(eq(macBlock.siteId, siteId));
    return mac;
  }
  throw new PluginError(
    'exhausted',
    'This site has no room for another replication target.',
    `site ${siteId} has no free MAC`,
  );
}

function described(pool: PoolRow, row: AddressRow): AllocatedAddress {
  const parsed = parseCidr(pool.cidr);
  if (!parsed || row.mac === null || row.vlanId === null) {
    throw new Error(`Address ${formatIpv4(row.ip)} of pool ${pool.name} is held but incomplete.`);
  }
  return {
    poolId: pool.id,
    ip: formatIpv4(row.ip),
    cidr: pool.cidr,
    prefixLength: parsed.prefixLength,
    gateway: pool.gateway,
    mac: row.mac,
    vlanId: row.vlanId,
    generation: row.generation,
  };
}

/** What a target holds; undefined when it holds nothing, or only one side. */
export async function findTargetAddresses(tx: Tx, targetId: string): Promise<TargetAddresses | undefined> {
  const rows = await tx
    .select({ row: address, pool: addressPool })
    .from(address)
    .innerJoin(addressPool, eq(addressPool.id, address.poolId))
    .where(and(eq(address.ownerId, targetId), inArray(address.state, [...heldStates])));
  const management = rows.find(({ pool }) => pool.kind === 'MANAGEMENT');
  const customer = rows.find(({ pool }) => pool.kind === 'CUSTOMER');
  if (!management || !customer) return undefined;
  return {
    management: described(management.pool, management.row),
    customer: described(customer.pool, customer.row),
  };
}

/** The target has been handed over: its addresses are in use. */
export async function activateTargetAddresses(tx: Tx, targetId: string): Promise<void> {
  await tx
    .update(address)
    .set({ state: 'active' })
    .where(and(eq(address.ownerId, targetId), eq(address.state, 'reserved')));
}

/** The target is being torn down: its addresses are still held, by a machine that may still speak. */
export async function markAddressesReleasing(tx: Tx, targetId: string): Promise<void> {
  await tx
    .update(address)
    .set({ state: 'releasing' })
    .where(and(eq(address.ownerId, targetId), inArray(address.state, ['reserved', 'active'])));
}

/**
 * Gives back whatever the target holds. Addresses, MACs and VLAN rest for `quarantineSeconds`: neighbours and leases must
 * have forgotten them before another tenant gets them. `wasUsed: false`: no backend ever heard of them, so they are free
 * at once.
 */
export async function releaseTargetAddresses(
  tx: Tx,
  targetId: string,
  { quarantineSeconds, wasUsed }: { quarantineSeconds: number; wasUsed: boolean },
): Promise<void> {
  const until = sql<Date>`clock_timestamp() + make_interval(secs => ${quarantineSeconds})`;
  await tx
    .update(address)
    .set(
      wasUsed
        ? { state: 'quarantine', quarantinedUntil: until }
        : { state: 'free', ownerId: null, mac: null, vlanId: null, quarantinedUntil: null },
    )
    .where(and(eq(address.ownerId, targetId), inArray(address.state, [...heldStates])));
  await tx
    .update(managementVlan)
    .set({ ownerId: null, quarantinedUntil: wasUsed ? until : null })
    .where(eq(managementVlan.ownerId, targetId));
}
