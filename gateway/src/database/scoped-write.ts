import type { Sql } from '#postgres';

export interface WriteRights {
  role: string;
  /** The ids of the organizations that may be read with all below them, between commas. */
  read: string;
  /** And those that may be written. */
  write: string;
}

/**
 * One statement that writes, in a transaction of its own, all of it in one packet: a connection carries out what it is sent
 * in order, so nothing has to be waited for. Whatever fails in between, nothing is written: a broken transaction ends in a
 * rollback, and outside of one, on a connection made anew as well, the login has taken no role and may write no table.
 * @param client of one connection, and nobody else's until this has settled: a statement that the client repeats must
 * not meet another's transaction
 */
export async function writeScoped(
  client: Sql,
  { role, read, write }: WriteRights,
  text: string,
  parameters: readonly unknown[],
): Promise<unknown[][]> {
  const begun = client.unsafe('begin').execute();
  const scoped =
    client`select set_config('role', ${role}, true), set_config('bulkhead.read', ${read}, true), set_config('bulkhead.write', ${write}, true)`.execute();
  // The client's type of a parameter leaves out arrays, which it writes by the column's type.
  const written = client
    .unsafe(text, [...parameters] as never[], { prepare: true })
    .values()
    .execute();
  const ended = client.unsafe('commit').execute();
  const outcomes = await Promise.allSettled([begun, scoped, written, ended]);
  // The first that failed tells why; those behind it only that the transaction is broken.
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return written;
}
