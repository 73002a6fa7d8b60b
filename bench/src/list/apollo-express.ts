// Apollo Server on express as their guides put them together, on the gateway's schema.
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { loadOne, type LoadMany } from '@bulkhead/gateway/internal/graphql/batch';
import express from 'express';
import { ready } from '../runner/answers.ts';
import type { Point } from './peer-data.ts';
import { peerOptions } from './peer-options.ts';
import { openPeerResolvers, type PeerContext } from './peer-resolvers.ts';

const options = peerOptions();
const { data, context, query } = openPeerResolvers(options);
const loadPoints: LoadMany<PeerContext, Point> = ({ caller }, ids) => data.points(caller, ids);

const apollo = new ApolloServer<PeerContext>({
  typeDefs: options.schema,
  resolvers: {
    Query: query,
    ProtectedVm: {
      latestRestorePoint: async ({ id }: { id: string }, _args: unknown, asked: PeerContext) =>
        (await loadOne(asked, loadPoints, id)) ?? null,
    },
  },
  // Before the signal that the workload sends it.
  stopOnTerminationSignals: false,
});
await apollo.start();
const app = express();
app.use(
  '/graphql',
  express.json(),
  expressMiddleware(apollo, { context: ({ req }) => context(req.headers.authorization) }),
);
const server = app.listen(0, '127.0.0.1', () => {
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;
  ready({ url: () => `http://127.0.0.1:${port}/graphql` });
});
