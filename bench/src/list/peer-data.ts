import { bearerToken } from '@bulkhead/gateway/internal/access/compact-token';
import { accessSettings } from '@bulkhead/gateway/internal/access/settings';
import { makeTokenVerifier } from '@bulkhead/gateway/internal/access/token-verifier';
import { encodeCursor } from '@bulkhead/gateway/internal/graphql/cursor';
import postgres, { type TransactionSql } from 'postgres';
import type { PeerOptions } from './peer-options.ts';

/** Whose rows a request may see. */
export interface Caller {
  roots: string;
}

export interface Machine {
  id: string;
  name: string;
  state: string;
  testState: string;
  replicationHealth: string;
  activeSide: string;
  guestOs: string | null;
  cpuCount: number | null;
  memory: string | null;
  observedAt: string;
}

export interface Point {
  id: string;
  createdAt: string;
}

export interface MachineRow extends Omit<Machine, 'observedAt'> {
  observedAt: Date;
}

/**
 * What every peer does for a request, in the shortest way that a careful person would write: the gateway's own token
 * check (the fastest there is here), organizations known by heart, one transaction whose first statement sets role and
 * scope, columns picked by name. Row-level security is the gateway's own, in the same database.
 */
export function openPeerData({ databaseUrl, access, organizations }: PeerOptions) {
  const verifier = makeTokenVerifier(accessSettings.parse(access));
  const sql = postgres(databaseUrl, { max: 8, onnotice: () => undefined });

  async function inScope<T>({ roots }: Caller, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
    // postgres.js's type of the answer unwraps arrays of promises, which nobody gives here.
    return (await sql.begin(async (tx) => {
      // On its way before the first query, and not waited for.
      const scoped = tx`select set_config('role', 'bulkhead_tenant', true), set_config('bulkhead.read', ${roots}, true), set_config('bulkhead.write', '', true)`;
      scoped.catch(() => undefined);
      const found = await work(tx);
      await scoped;
      return found;
    })) as T;
  }

  return {
    async caller(authorization: string | undefined): Promise<Caller> {
      const principal = await verifier.verify(bearerToken(authorization));
      const roots = principal.grants.flatMap(({ identityId }) => organizations[identityId] ?? []);
      return { roots: roots.join(',') };
    },

    /** A page by name, with one more row than asked for. */
    machines: (caller: Caller, first: number) =>
      inScope(
        caller,
        (tx) => tx<MachineRow[]>`
          select id, name, state, test_state as "testState", replication_health as "replicationHealth",
            active_side as "activeSide", guest_os as "guestOs", cpu_count as "cpuCount", memory_bytes::text as memory,
            observed_at as "observedAt"
          from protected_vm where tenant_id = any(${caller.roots.split(',')}) order by name, id limit ${first + 1}`,
      ),

    /** The same page, each machine with its newest restore point, in one statement. */
    machinesAndPoints: (caller: Caller, first: number) =>
      inScope(
        caller,
        (tx) => tx<(MachineRow & { pointId: string | null; pointAt: Date })[]>`
          select v.id, v.name, v.state, v.test_state as "testState", v.replication_health as "replicationHealth",
            v.active_side as "activeSide", v.guest_os as "guestOs", v.cpu_count as "cpuCount",
            v.memory_bytes::text as memory, v.observed_at as "observedAt", p.id as "pointId", p.created_at as "pointAt"
          from protected_vm v left join lateral (
            select id, created_at from restore_point
            where tenant_id = v.tenant_id and vm_id = v.id order by created_at desc, id desc limit 1) p on true
          where v.tenant_id = any(${caller.roots.split(',')}) order by v.name, v.id limit ${first + 1}`,
      ),

    /** The newest restore point of each of these machines. */
    async points(caller: Caller, ids: readonly string[]): Promise<Map<string, Point>> {
      const rows = await inScope(
        caller,
        (tx) => tx<{ vmId: string; id: string; createdAt: Date }[]>`
          select distinct on (vm_id) vm_id as "vmId", id, created_at as "createdAt" from restore_point
          where vm_id = any(${[...ids]}) order by vm_id, created_at desc, id desc`,
      );
      return new Map(rows.map(({ vmId, id, createdAt }) => [vmId, { id, createdAt: createdAt.toISOString() }]));
    },
  };
}

/** A page of rows as the schema has it. */
export function pageOf<Row extends MachineRow, Node>(rows: readonly Row[], first: number, node: (row: Row) => Node) {
  const shown = rows.slice(0, first);
  const last = shown.at(-1);
  const endCursor = last ? encodeCursor('protected-vms/name', [last.name, last.id]) : null;
  return { nodes: shown.map(node), pageInfo: { hasNextPage: rows.length > first, endCursor } };
}

export function machineOf(row: MachineRow): Machine {
  const { id, name, state, testState, replicationHealth, activeSide, guestOs, cpuCount, memory, observedAt } = row;
  const observed = observedAt.toISOString();
  return { id, name, state, testState, replicationHealth, activeSide, guestOs, cpuCount, memory, observedAt: observed };
}
