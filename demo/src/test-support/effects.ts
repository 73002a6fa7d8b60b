import type { Lab } from '@bulkhead/lab';
import { effectsDoneTwice } from '../chaos/world/effects-done-twice.ts';
import type { Workshop } from '../workshop.ts';

const noise = /\/auth\/|^Log(in|out)$/;

/** What the datacentre changed because we asked, and not the tenant's own software. Looking and signing in changes nothing. */
export function ourEffects(lab: Lab) {
  return lab.journal.entries.filter(
    ({ changed, principal, call }) => changed && !principal.startsWith('bhrep-') && !noise.test(call),
  );
}

/** Effects of ours that stand in the journal more than once for the same thing. */
export function repeatedEffects(lab: Lab): string[] {
  return effectsDoneTwice(ourEffects(lab));
}

const tables = [
  'operation',
  'operation_step',
  'operation_event',
  'idempotency_key',
  'effect',
  'failover',
  'failover_vm',
  'failover_placement',
  'reservation',
  'mount',
  'target',
  'address',
] as const;

/** How many rows there are of everything that a request could leave behind. */
export async function rowCounts({ gateway }: Workshop): Promise<Record<string, number>> {
  return gateway.database.asMaintenance(async (tx) => {
    const counts: Record<string, number> = {};
    for (const table of tables) {
      const [row] = await tx.execute<{ count: number }>(`select count(*)::int as count from ${table}`);
      counts[table] = row?.count ?? 0;
    }
    return counts;
  });
}
