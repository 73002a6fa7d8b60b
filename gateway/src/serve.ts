import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginLog } from '@bulkhead/plugin-sdk';
import type { GraphQLSchema } from 'graphql';
import { makeTokenVerifier } from './access/token-verifier.ts';
import type { Configuration } from './configuration.ts';
import type { Database } from './database/database.ts';
import type { GatewayServices } from './graphql/context.ts';
import { organizationDirectory } from './organizations/directory.ts';
import { startServer } from './server/server.ts';
import { openEventFeed } from './workflows/event-feed.ts';

export { gatewaySchema } from './server/schema.ts';

export interface ServeOptions {
  services: Omit<GatewayServices, 'feed'>;
  schema: GraphQLSchema;
  configuration: Configuration;
  log: PluginLog;
  /** Called with what ends each part, as soon as that part runs. */
  defer(close: () => Promise<void>): void;
}

/** Serves the API. @returns where it is */
export async function serve({ services, schema, configuration, log, defer }: ServeOptions): Promise<string> {
  const { database } = services;
  const feed = await openEventFeed(database);
  defer(() => feed.close());
  const verifier = makeTokenVerifier(configuration.access);
  for (const issuer of configuration.access.issuers)
    log.info({ issuer: issuer.url }, 'Tokens of this issuer are accepted.');
  const server = await startServer({
    ...configuration.listen,
    schema,
    signIn: { verifier, directory: organizationDirectory(database) },
    services: { ...services, feed },
    log,
    readiness: () => readiness(database),
  });
  defer(() => server.close());
  log.info({ url: server.url }, 'The API is served.');
  return server.url;
}

async function readiness(database: Database): Promise<string[]> {
  const answered = database.asMaintenance(async () => true).catch(() => false);
  const isThere = await Promise.race([answered, sleep(2000, false, { ref: false })]);
  return isThere ? [] : ['The database does not answer.'];
}
