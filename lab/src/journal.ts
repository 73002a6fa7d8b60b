import type { LabBackend } from './faults.ts';

/** One state-changing request that a backend accepted, in the order of acceptance; no-ops included. */
export interface JournalEntry {
  sequence: number;
  at: Date;
  backend: LabBackend;
  /** Which one of several, e.g. the nested host's address. */
  instance: string;
  /** `RegisterVM_Task`, `POST /storage/filesystems`, `transact insert Logical_Switch_Port`. */
  call: string;
  /** The object's name or path as a person would say it. */
  about: string;
  /** Who asked: the signed-in account. */
  principal: string;
  /** False when the request was accepted and changed nothing. */
  changed: boolean;
  detail?: Record<string, unknown>;
}

/** What the datacentre was asked to change. Tests count effects here. */
export class Journal {
  readonly entries: JournalEntry[] = [];
  private readonly listeners = new Set<(entry: JournalEntry) => void>();

  record(entry: Omit<JournalEntry, 'sequence' | 'at'>): void {
    const recorded = { ...entry, sequence: this.entries.length + 1, at: new Date() };
    this.entries.push(recorded);
    for (const listener of this.listeners) listener(recorded);
  }

  /** Calls `listener` with each entry from now on; returns how to stop that. */
  onRecord(listener: (entry: JournalEntry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The effects of one call: accepted requests that changed something. */
  effects(backend: LabBackend, call: string): JournalEntry[] {
    return this.entries.filter((entry) => entry.changed && entry.backend === backend && entry.call === call);
  }
}
