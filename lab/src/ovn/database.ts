import { randomUUID } from 'node:crypto';
import type { Datum } from './datum.ts';
import { restoreIntegrity } from './integrity.ts';
import type { DatabaseSchema } from './schema.ts';

export interface Row {
  readonly uuid: string;
  readonly version: string;
  readonly columns: Readonly<Record<string, Datum>>;
}

export type Table = ReadonlyMap<string, Row>;

/** One row's change by a transaction; absent before is an insert, absent after a removal. */
export interface Change {
  table: string;
  uuid: string;
  before?: Row;
  after?: Row;
}

/** A database held in memory. Rows are never changed in place: a transaction works on copies of the tables it writes. */
export class Database {
  readonly tables: Map<string, Map<string, Row>>;
  /** Names the state, for `monitor_cond_since`. */
  lastTransactionId: string = randomUUID();
  private readonly listeners = new Set<(changes: Change[]) => void>();

  constructor(readonly schema: DatabaseSchema) {
    this.tables = new Map(Object.keys(schema.tables).map((name) => [name, new Map<string, Row>()]));
  }

  /** Called after each commit that changed something; returns how to stop that. */
  onCommit(listener: (changes: Change[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  begin(): Draft {
    return new Draft(this);
  }

  table(name: string): Table {
    return this.tables.get(name) ?? new Map<string, Row>();
  }

  /** @internal */
  publish(changes: Change[]): void {
    this.lastTransactionId = randomUUID();
    for (const listener of this.listeners) listener(changes);
  }
}

/** The state that a transaction sees and makes. */
export class Draft {
  private readonly written = new Map<string, Map<string, Row>>();

  constructor(private readonly database: Database) {}

  get schema(): DatabaseSchema {
    return this.database.schema;
  }

  table(name: string): Table {
    return this.written.get(name) ?? this.database.table(name);
  }

  set(table: string, uuid: string, columns: Record<string, Datum>): void {
    this.writable(table).set(uuid, { uuid, version: randomUUID(), columns });
  }

  delete(table: string, uuid: string): void {
    this.writable(table).delete(uuid);
  }

  /**
   * Collects garbage, checks references and indexes, and makes the draft the database's state.
   * @throws OvsdbFault and changes nothing when the state would break a rule of the schema.
   */
  commit(): Change[] {
    restoreIntegrity(this);
    const changes = this.changes();
    if (changes.length === 0) return changes;
    for (const [name, rows] of this.written) this.database.tables.set(name, rows);
    this.database.publish(changes);
    return changes;
  }

  private writable(name: string): Map<string, Row> {
    const rows = this.written.get(name) ?? new Map(this.database.table(name));
    this.written.set(name, rows);
    return rows;
  }

  private changes(): Change[] {
    const changes: Change[] = [];
    for (const [table, rows] of this.written) {
      const old = this.database.table(table);
      for (const [uuid, after] of rows) {
        const before = old.get(uuid);
        if (before && JSON.stringify(before.columns) === JSON.stringify(after.columns)) continue;
        changes.push({ table, uuid, after, ...(before ? { before } : {}) });
      }
      for (const [uuid, before] of old) if (!rows.has(uuid)) changes.push({ table, uuid, before });
    }
    return changes;
  }
}
