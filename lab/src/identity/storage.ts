import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

interface Stored {
  payload: AdapterPayload;
  expiresAt: number;
}

/**
 * What the provider remembers: sessions, codes, refresh tokens. It is kept outside the provider, because rotating keys
 * makes a new provider and nobody should be signed out by that.
 */
export function makeStorage(): AdapterFactory {
  const stored = new Map<string, Stored>();

  return (model): Adapter => {
    const keyOf = (id: string) => `${model}:${id}`;
    const live = (entry: Stored | undefined) => (entry && entry.expiresAt > Date.now() ? entry.payload : undefined);
    const findBy = (matches: (payload: AdapterPayload) => boolean) => {
      for (const [key, entry] of stored) {
        if (key.startsWith(`${model}:`) && matches(entry.payload)) return live(entry);
      }
      return undefined;
    };

    return {
      async upsert(id, payload, expiresIn) {
        const expiresAt = expiresIn === undefined ? Infinity : Date.now() + expiresIn * 1000;
        stored.set(keyOf(id), { payload, expiresAt });
      },
      find: async (id) => live(stored.get(keyOf(id))),
      findByUid: async (uid) => findBy((payload) => payload.uid === uid),
      findByUserCode: async (userCode) => findBy((payload) => payload.userCode === userCode),
      async consume(id) {
        const entry = stored.get(keyOf(id));
        if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id) {
        stored.delete(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        for (const [key, entry] of stored) if (entry.payload.grantId === grantId) stored.delete(key);
      },
    };
  };
}
