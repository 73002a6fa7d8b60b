// Mercurius on fastify with its just-in-time compiler and its own loaders, on the gateway's schema.
import fastify from 'fastify';
import mercurius from 'mercurius';
import { ready } from '../runner/answers.ts';
import { peerOptions } from './peer-options.ts';
import { openPeerResolvers, type PeerContext } from './peer-resolvers.ts';

declare module 'mercurius' {
  // What our `context` adds; the package means it to be extended like this.
  interface MercuriusContext extends PeerContext {}
}

const options = peerOptions();
const { data, context, query } = openPeerResolvers(options);
const app = fastify();
await app.register(mercurius, {
  schema: options.schema,
  jit: 1,
  context: (request) => context(request.headers.authorization),
  resolvers: { Query: query },
  loaders: {
    ProtectedVm: {
      // Mercurius keeps what a loader found for the request only.
      async latestRestorePoint(asked: { obj: { id: string } }[], { caller }) {
        const points = await data.points(
          caller,
          asked.map(({ obj }) => obj.id),
        );
        return asked.map(({ obj }) => points.get(obj.id) ?? null);
      },
    },
  },
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
ready({ url: () => `${url}/graphql` });
