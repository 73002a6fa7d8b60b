import type { JournalEntry, Lab } from '@bulkhead/lab';
import { registeredNowhere, rules, type Memory } from './rules.ts';

export interface Violation {
  rule: string;
  what: string;
  /** The change after which it was first seen; none when it was found at the end. */
  entry: JournalEntry | null;
}

export interface WorldWatch {
  /** So far, each once, in the order of what caused them. */
  readonly violations: readonly Violation[];
  /** Looks once more, at rest, and ends. */
  stop(): readonly Violation[];
}

/** Checks after each change of the datacentre what must be true at every moment of a run. */
export function watchWorld({ lab }: { lab: Pick<Lab, 'journal' | 'state'> }): WorldWatch {
  const violations: Violation[] = [];
  const memory: Memory = { machines: new Map() };
  let broken = new Set<string>();

  const look = (entry: JournalEntry | null) => {
    const moment = { state: lab.state(), memory, entry };
    const now = new Set<string>();
    for (const [rule, check] of Object.entries(rules)) {
      for (const what of check(moment)) {
        now.add(`${rule}: ${what}`);
        // As long as it lasts it is one violation; seen again after it was repaired, it is another.
        if (!broken.has(`${rule}: ${what}`)) violations.push({ rule, what, entry });
      }
    }
    broken = now;
  };
  look(null);
  // An entry is written in the middle of its change: what it did is whole once that turn has ended.
  let isStopped = false;
  const end = lab.journal.onRecord((entry) => {
    if (!entry.changed) return;
    queueMicrotask(() => {
      if (!isStopped) look(entry);
    });
  });
  return {
    violations,
    stop() {
      if (isStopped) return violations;
      isStopped = true;
      end();
      look(null);
      const rule = 'at rest a machine is registered in exactly one place';
      for (const what of registeredNowhere({ state: lab.state(), memory, entry: null })) {
        violations.push({ rule, what, entry: null });
      }
      return violations;
    },
  };
}

/** For a report: the rule, what breaks it, and the change that did it. */
export function tellViolation({ rule, what, entry }: Violation): string {
  const after = entry
    ? `after ${entry.sequence} ${entry.call} of ${entry.about} by ${entry.principal} at ${entry.backend} ${entry.instance}`
    : 'at rest';
  return `${rule}: ${what} (${after})`;
}
