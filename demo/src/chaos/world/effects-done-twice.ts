import type { JournalEntry } from '@bulkhead/lab';

/** Requests of which each may change the same thing once; a setting is written as often as it changes. */
const once =
  /^(CloneVM_Task|PowerOnVM_Task|RegisterVM_Task|UnregisterVM|CreateNasDatastore|RemoveDatastore|CreateSnapshot_Task|RemoveSnapshot_Task|RelocateVM_Task|AddVirtualNic|CreateUser|POST \/|DELETE \/|transact)/;

/**
 * Accepted requests that changed something and stand in the journal more than once for the same thing, as
 * `backend instance call about ×count`. What the tenant's own software does is its own, and sign-ins change nothing.
 */
export function effectsDoneTwice(entries: readonly JournalEntry[]): string[] {
  const counts = new Map<string, number>();
  for (const { backend, instance, call, about, changed, principal } of entries) {
    if (!changed || !once.test(call) || call.includes('/auth/') || principal.startsWith('bhrep-')) continue;
    const key = [backend, instance, call, about].join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([key, count]) => `${key} ×${count}`);
}
