import type { Sql } from '#postgres';

/** Clients of one connection each, lent to one at a time: nothing of another's is ever sent between what the borrower sends. */
export interface ExclusiveClients {
  lend<T>(fn: (client: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** @param connect makes a client of one connection */
export function openExclusiveClients(connect: () => Sql, most: number): ExclusiveClients {
  const all: Sql[] = [];
  const free: Sql[] = [];
  const waiting: ((client: Sql) => void)[] = [];
  let isClosed = false;

  const take = async (): Promise<Sql> => {
    if (isClosed) throw new Error('The database has been closed.');
    const client = free.pop();
    if (client) return client;
    if (all.length >= most) return new Promise((resolve) => waiting.push(resolve));
    const added = connect();
    all.push(added);
    return added;
  };
  const giveBack = (client: Sql) => {
    const next = waiting.shift();
    if (next) next(client);
    else free.push(client);
  };

  return {
    async lend(fn) {
      const client = await take();
      try {
        return await fn(client);
      } finally {
        giveBack(client);
      }
    },
    async close() {
      isClosed = true;
      await Promise.all(all.map((client) => client.end({ timeout: 5 })));
    },
  };
}
