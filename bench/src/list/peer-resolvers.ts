import { machineOf, openPeerData, pageOf, type Caller } from './peer-data.ts';
import type { PeerOptions } from './peer-options.ts';

export interface PeerContext {
  caller: Caller;
}

/** What the GraphQL peers share: who asks, and the root field. Scalars travel as the text that the rows come with. */
export function openPeerResolvers(options: PeerOptions) {
  const data = openPeerData(options);
  return {
    data,
    context: async (authorization: string | undefined): Promise<PeerContext> => ({
      caller: await data.caller(authorization),
    }),
    query: {
      protectedVms: async (_root: unknown, { first }: { first: number }, { caller }: PeerContext) =>
        pageOf(await data.machines(caller, first), first, machineOf),
    },
  };
}
