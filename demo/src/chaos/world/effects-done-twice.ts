import type { JournalEntry } from '@bulkhead/lab';

/** Requests of which each may change the same thing once; a setting is written as often as it changes. */
const once =
  /^(CloneVM_Task|PowerOnVM_Task|RegisterVM_Task|UnregisterVM|CreateNasDatastore|RemoveDatastore|CreateSnapshot_Task|RemoveSnapshot_Task|RelocateVM_Task|AddVirtualNic|CreateUser|POST \/|DELETE \/|transact)/;

/** What takes an effect back, so that it may be had again: a retry after an undone order, the next run's mount. */
const takenBack: readonly [effect: RegExp, by: RegExp][] = [
  [/^CloneVM_Task$/, /^Destroy_Task$/],
  [/^PowerOnVM_Task$/, /^(PowerOffVM_Task|ShutdownGuest|Destroy_Task)$/],
  [/^RegisterVM_Task$/, /^UnregisterVM$/],
  [/^UnregisterVM$/, /^RegisterVM_Task$/],
  [/^CreateNasDatastore$/, /^RemoveDatastore$/],
  [/^RemoveDatastore$/, /^CreateNasDatastore$/],
  [/^CreateSnapshot_Task$/, /^RemoveSnapshot_Task$/],
  [/^RemoveSnapshot_Task$/, /^CreateSnapshot_Task$/],
  [/^POST /, /^DELETE /],
  [/^DELETE /, /^POST /],
  [/^transact put$/, /^transact take$/],
  [/^transact take$/, /^transact put$/],
];

interface Effect {
  /** One server of one kind. */
  at: string;
  call: string;
  about: string;
}

/**
 * Accepted requests that changed something and stand in the journal more than once for the same thing without having been
 * taken back meanwhile, as `backend instance call about ×count`. What the tenant's own software does is its own, and
 * sign-ins change nothing.
 */
export function effectsDoneTwice(entries: readonly JournalEntry[]): string[] {
  const standing = new Map<string, { effect: Effect; count: number }>();
  const twice = new Map<string, number>();
  for (const entry of entries) {
    const { changed, principal } = entry;
    if (!changed || principal.startsWith('bhrep-') || entry.call.includes('/auth/')) continue;
    const effect = effectOf(entry);
    for (const [key, { effect: earlier }] of standing) if (takesBack(effect, earlier)) standing.delete(key);
    if (!once.test(effect.call)) continue;
    const key = [effect.at, effect.call, effect.about].join(' ');
    const count = (standing.get(key)?.count ?? 0) + 1;
    standing.set(key, { effect, count });
    if (count > 1) twice.set(key, count);
  }
  return [...twice].map(([key, count]) => `${key} ×${count}`);
}

function effectOf({ backend, instance, call, about, detail = {} }: JournalEntry): Effect {
  const { snapshot, removed } = detail;
  const isTake = Array.isArray(removed) && removed.includes('Logical_Switch_Port');
  return {
    at: `${backend} ${instance}`,
    call: call === 'transact' ? `transact ${isTake ? 'take' : 'put'}` : call,
    about: typeof snapshot === 'string' ? `${about} ${snapshot}` : about,
  };
}

function takesBack(effect: Effect, earlier: Effect): boolean {
  if (effect.at !== earlier.at) return false;
  if (!takenBack.some(([done, by]) => done.test(earlier.call) && by.test(effect.call))) return false;
  // Registration is told with the file, and removal with a name that may have changed since. A server refuses the same
  // file twice, so that what was registered again had gone.
  if (effect.call === 'UnregisterVM') return true;
  if (effect.call === 'RegisterVM_Task') {
    return effect.about.startsWith(`${earlier.about} `) || effect.about.endsWith(`/${earlier.about}.vmx`);
  }
  return effect.about === earlier.about;
}
