import type { Sql, TransactionSql } from '#postgres';

/** A connection keeps what it has prepared until it is made anew; so many texts fit, and further ones are sent as they are. */
const mostTexts = 1000;

/**
 * The same client, with every statement prepared by its text. Drizzle sends each as one that is never met again: described
 * in a round trip of its own, parsed and planned each time, which cost the database more than to carry it out.
 */
export function preparing(client: Sql): Sql {
  const texts = new Set<string>();
  const isPrepared = (text: string) => {
    if (texts.has(text)) return true;
    if (texts.size >= mostTexts) return false;
    texts.add(text);
    return true;
  };
  const wrapped = <Client extends Sql | TransactionSql>(own: Client): Client =>
    new Proxy(own, {
      get(target, property): unknown {
        if (property === 'unsafe') {
          const unsafe: Sql['unsafe'] = (text, parameters, options) =>
            target.unsafe(text, parameters, { ...options, prepare: isPrepared(text) });
          return unsafe;
        }
        // What it is asked for by its own name; a symbol of the language has no wrapping.
        const value: unknown = Reflect.get(target, property);
        if (property !== 'begin' && property !== 'savepoint') return value;
        if (typeof value !== 'function') return value;
        // Both take their callback last, and give it a client of its own.
        return (...args: unknown[]): unknown => {
          const callback = args.at(-1) as (inner: TransactionSql) => unknown;
          return Reflect.apply(value, target, [
            ...args.slice(0, -1),
            (inner: TransactionSql) => callback(wrapped(inner)),
          ]);
        };
      },
    });
  return wrapped(client);
}
