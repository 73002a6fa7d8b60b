import type { Sql } from '#postgres';
import type { ExclusiveClients } from './exclusive-clients.ts';
import type { Statement } from './statement.ts';

export interface ReadRights {
  role: string;
  /** The ids of the organizations that may be read with all below them, between commas. */
  roots: string;
}

/** Reads under a scope's rights, each in a transaction of its own that can write nothing. */
export interface ScopedReads {
  rows<Values extends object, Row>(
    rights: ReadRights,
    statement: Statement<Values, Row>,
    values: Values,
  ): Promise<Row[]>;
}

export function openScopedReads(clients: ExclusiveClients): ScopedReads {
  return {
    async rows(rights, statement, values) {
      const parameters = statement.parameters(values);
      const found = await clients.lend((client) => readScoped(client, rights, statement.text, parameters));
      return found.map(statement.row);
    },
  };
}

/**
 * All of it in one packet: a connection carries out what it is sent in order, so nothing has to be waited for. Whatever
 * fails in between leaves the read without rights: in a broken transaction nothing is read, and outside of one, on a
 * connection made anew as well, the login has taken no role and may read no table.
 * @param client of one connection, and nobody else's until this has settled: a statement that the client repeats must
 * not meet another's transaction
 */
export async function readScoped(
  client: Sql,
  { role, roots }: ReadRights,
  text: string,
  parameters: readonly unknown[],
): Promise<unknown[][]> {
  const begun = client.unsafe('begin read only').execute();
  const scoped =
    client`select set_config('role', ${role}, true), set_config('bulkhead.read', ${roots}, true)`.execute();
  // The client's type of a parameter leaves out arrays, which it writes by the column's type.
  const read = client
    .unsafe(text, [...parameters] as never[], { prepare: true })
    .values()
    .execute();
  const ended = client.unsafe('commit').execute();
  const outcomes = await Promise.allSettled([begun, scoped, read, ended]);
  // The first that failed tells why; those behind it only that the transaction is broken.
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return read;
}
