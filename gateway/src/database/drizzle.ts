import { PgDatabase, PgDialect } from 'drizzle-orm/pg-core';
import { PostgresJsSession, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js/session';
import type { Sql } from '#postgres';

export type Drizzle = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;

/** PostgreSQL's numbers of the types that Drizzle reads and writes itself: dates, times and intervals, and lists of them. */
const ownTypes = [1082, 1083, 1114, 1115, 1182, 1184, 1185, 1231];
/** JSON is written by Drizzle and read by the client. */
const json = [114, 3802];

/**
 * As `drizzle` of drizzle-orm/postgres-js, which loads whatever client is installed as `postgres`: ours is patched, and where
 * the gateway comes from the registry there is no other (decisions/0009).
 */
export function drizzleOf(client: Sql): Drizzle {
  const asItIs = (value: unknown) => value;
  for (const type of ownTypes) client.options.parsers[type] = asItIs;
  for (const type of [...ownTypes, ...json]) client.options.serializers[type] = asItIs;
  const dialect = new PgDialect();
  return new PgDatabase(dialect, new PostgresJsSession(client, dialect, undefined), undefined);
}
