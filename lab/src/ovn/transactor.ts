import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults } from '../faults.ts';
import type { Journal } from '../journal.ts';
import type { Database } from './database.ts';
import type { Transactor } from './session.ts';
import { isWrite, transact, type Operation, type Outcome } from './transaction.ts';

/**
 * Runs transactions with the lab's faults around them and its journal behind them. Fault rules and journal name a
 * transaction with writes `transact` and one without `select`.
 */
export function makeTransactor(faults: Faults, journal: Journal, instance: string): Transactor {
  return async (database, operations, client) => {
    const isWriting = operations.some(isWrite);
    const call = isWriting ? 'transact' : 'select';
    const about = isWriting ? subjectOf(database, operations) : '';
    const disturb = async (when: 'before' | 'after') => {
      const rule = faults.match('ovn', call, when, about);
      if (rule?.what === 'delay') await sleep(rule.delayMs ?? 0, undefined, { ref: false });
      if (rule?.what === 'hang') return 'no-answer' as const;
      if (rule?.what === 'cut') return 'cut' as const;
      if (rule?.what !== 'error') return undefined;
      return { answer: [{ error: rule.fault ?? 'I/O error', details: 'injected by the lab' }] };
    };

    const before = await disturb('before');
    if (before) return before;
    const outcome = await settle(database, operations, client);
    if (outcome.kind !== 'committed') return { answer: outcome.results };
    if (isWriting) {
      const tables = [...new Set(outcome.changes.map(({ table }) => table))];
      const changed = outcome.changes.length > 0;
      journal.record({
        backend: 'ovn',
        instance,
        call,
        about,
        principal: client.principal,
        changed,
        // A port goes by leaving its switch: only what was removed tells its coming from its going.
        detail: { tables, removed: outcome.changes.filter(({ after }) => !after).map(({ table }) => table) },
      });
    }
    return (await disturb('after')) ?? { answer: outcome.results };
  };
}

/** Tries until no `wait` is open: again after each commit, and a last time when the time of the `wait` is over. */
async function settle(
  database: Database,
  operations: readonly Operation[],
  client: Parameters<Transactor>[2],
): Promise<Exclude<Outcome, { kind: 'waiting' }>> {
  const startedAt = Date.now();
  for (;;) {
    const outcome = transact(database, operations, client.ownsLock);
    if (outcome.kind !== 'waiting') return outcome;
    const leftMs = startedAt + outcome.timeoutMs - Date.now();
    if (leftMs > 0 && !client.isGone()) await nextCommit(database, Math.min(leftMs, 60_000));
    if (leftMs > 0 && !client.isGone()) continue;
    const last = transact(database, operations, client.ownsLock, true);
    if (last.kind !== 'waiting') return last;
  }
}

function nextCommit(database: Database, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, limitMs);
    timer.unref();
    const stop = database.onCommit(() => setImmediate(done));
  });
}

/** The port or switch that a transaction is about, as a person would say it. */
function subjectOf(database: Database, operations: readonly Operation[]): string {
  const names = operations.filter(isWrite).flatMap((operation) => {
    const table = String(operation.table);
    const rank = ['Logical_Switch_Port', 'Logical_Switch', 'Port_Group'].indexOf(table);
    const named = namesIn(database, operation).filter((name) => name !== '');
    return named.map((name) => ({ name, rank: rank < 0 ? 9 : rank }));
  });
  return names.sort((a, b) => a.rank - b.rank)[0]?.name ?? String(operations.find(isWrite)?.table);
}

function namesIn(database: Database, { table, row, where, mutations }: Operation): string[] {
  const named = (row as { name?: unknown } | undefined)?.name;
  const found = clausesOf(where).flatMap(([column, , value]) => {
    if (column === 'name') return [String(value)];
    return uuidsIn([column, value]).flatMap((uuid) => nameOf(database, String(table), uuid));
  });
  // A port goes by leaving its switch: the mutation names it.
  const ports = clausesOf(mutations).flatMap((mutation) =>
    uuidsIn(mutation).flatMap((uuid) => nameOf(database, 'Logical_Switch_Port', uuid)),
  );
  return [
    ...(typeof named === 'string' ? [named] : []),
    ...(table === 'Logical_Switch' && ports.length > 0 ? ports : found),
  ];
}

const clausesOf = (json: unknown): unknown[][] =>
  Array.isArray(json) ? json.filter((each) => Array.isArray(each)) : [];

function uuidsIn(json: unknown): string[] {
  if (!Array.isArray(json)) return [];
  if (json[0] === 'uuid') return [String(json[1])];
  return json.flatMap((each: unknown) => uuidsIn(each));
}

function nameOf(database: Database, table: string, uuid: string): string[] {
  const name = database.table(table).get(uuid)?.columns.name?.[0]?.[0];
  return name === undefined ? [] : [String(name)];
}
