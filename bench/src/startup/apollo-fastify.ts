// The least that serves GraphQL: fastify and Apollo with one field, no database, no sign-in.
import { ApolloServer } from '@apollo/server';
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import fastify from 'fastify';
import { ready } from '../runner/answers.ts';

const app = fastify();
const apollo = new ApolloServer({
  typeDefs: 'type Query { me: String }',
  resolvers: { Query: { me: () => 'me' } },
  plugins: [fastifyApolloDrainPlugin(app)],
  stopOnTerminationSignals: false,
});
await apollo.start();
await app.register(fastifyApollo(apollo));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
ready({ url: () => `${url}/graphql` });
