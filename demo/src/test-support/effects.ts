import type { Lab } from '@bulkhead/lab';
import type { Workshop } from '../workshop.ts';

const noise = /\/auth\/|^Log(in|out)$/;

/** What the datacentre changed because we asked, and not the tenant's own software. Looking and signing in changes nothing. */
export function ourEffects(lab: Lab) {
  return lab.journal.entries.filter(
    ({ changed, principal, call }) => changed && !principal.startsWith('bhrep-') && !noise.test(call),
  );
}

/** Requests of which each may change the same thing once; a setting is written as often as it changes. */
const once =
  /^(CloneVM_Task|PowerOnVM_Task|RegisterVM_Task|UnregisterVM|CreateNasDatastore|RemoveDatastore|CreateSnapshot_Task|RemoveSnapshot_Task|RelocateVM_Task|AddVirtualNic|CreateUser|POST \/|DELETE \/|transact)/;

/** Effects that stand in the journal more than once for the same thing. */
export function repeatedEffects(lab: Lab): string[] {
  const counts = new Map<string, number>();
  for (const { backend, instance, call, about } of ourEffects(lab)) {
    if (!once.test(call)) continue;
    const key = [backend, instance, call, about].join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([key, count]) => `${key} ×${count}`);
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
