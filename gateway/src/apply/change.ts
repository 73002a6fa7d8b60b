import type { Tx } from '../database/database.ts';

/** One difference between the file and the database. */
export interface Change {
  action: 'create' | 'change';
  /** `organization Acme GmbH` */
  what: string;
  /** What becomes of which field; empty for something new. */
  fields: string[];
  /** The organization that is told of it in its audit. */
  auditedTo: string;
  apply(tx: Tx): Promise<void>;
}

/** Something that the database has and the file has not. It stays: nothing is ever deleted by leaving it out. */
export interface Leftover {
  what: string;
}

export interface Difference {
  changes: Change[];
  leftovers: Leftover[];
}

/** The fields that differ, as people read them; undefined when none does. */
export function differing(before: Record<string, unknown>, after: Record<string, unknown>): string[] | undefined {
  const fields = Object.entries(after)
    .filter(([field, value]) => shown(before[field]) !== shown(value))
    .map(([field, value]) => `${field}: ${shown(before[field])} -> ${shown(value)}`);
  return fields.length > 0 ? fields : undefined;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
