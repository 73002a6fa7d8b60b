import { setTimeout as sleep } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { makeTokenVerifier } from './access/token-verifier.ts';
import { ConfigurationError, databaseUrlOf, derivedKey, masterKey, type Configuration } from './configuration.ts';
import { openDatabase, type Database } from './database/database.ts';
import { startEmbeddedServer } from './database/launcher.ts';
import { belongsToAnotherKey, databaseFindings, migrateDatabase } from './database/migrate.ts';
import { organizationDirectory } from './organizations/directory.ts';
import { startObserving } from './protected-vms/observe.ts';
import { upkeepOf, workflowsOf } from './registry.ts';
import { createSealer } from './secrets/seal.ts';
import { gatewaySchema } from './server/schema.ts';
import { startServer } from './server/server.ts';
import { loadSites } from './sites/load.ts';
import { seedSites } from './sites/seed.ts';
import type { Sites } from './sites/site.ts';
import type { Upkeep } from './upkeep.ts';
import { migrateEngine } from './workflows/dbos.ts';
import { chain } from './workflows/problem.ts';
import { openEventFeed } from './workflows/event-feed.ts';
import { startWorker } from './workflows/worker.ts';
import type { WorkflowDefinition } from './workflows/workflow.ts';

export interface GatewayOptions {
  configuration: Configuration;
  /** Serves the API. */
  api: boolean;
  /** Runs workflows. */
  worker: boolean;
  log?: Logger;
  /** Takes the place of importing a plugin's package; tests give doubles. */
  importPlugin?: (name: string) => Promise<unknown>;
}

export interface Gateway {
  /** Where the API is, when this process serves it. */
  url: string | undefined;
  database: Database;
  sites: Sites;
  /** The workflows of this version, with the steps that each declares. */
  workflows: readonly Pick<WorkflowDefinition, 'name' | 'steps' | 'undoSteps'>[];
  /** Lets running work end, then goes. */
  close(): Promise<void>;
}

/** A database that is open, with whatever has to end after it. */
export interface OpenedDatabase {
  database: Database;
  adminUrl: string;
  close(): Promise<void>;
}

/** Opens the configured database, or starts the embedded one, and brings it up to date. */
export async function openConfiguredDatabase(configuration: Configuration, log: Logger): Promise<OpenedDatabase> {
  const secret = derivedKey(await masterKey(configuration), 'database logins');
  const configured = databaseUrlOf(configuration);
  const { directory } = configuration.database;
  const embedded =
    configured === undefined ? await startEmbeddedServer(directory === undefined ? {} : { directory }) : undefined;
  const adminUrl = configured ?? embedded?.url;
  if (adminUrl === undefined) throw new Error('There is neither a configured database nor an embedded one.');
  if (embedded) log.info('The embedded PostgreSQL runs.');
  try {
    if (await belongsToAnotherKey({ url: adminUrl, secret })) {
      throw new ConfigurationError(
        'This database was made with another key than the configured one (secrets). Put that key back: without it, no stored credential can be read. To begin anew, use an empty database.',
      );
    }
    await migrateDatabase({ url: adminUrl, secret, migrateEngine });
    const database = openDatabase({ url: adminUrl, secret });
    const findings = await databaseFindings(database.urlOf('tenant'));
    if (findings.length > 0) throw new Error(`This database is not safe to use: ${findings.join(' ')}`);
    return {
      database,
      adminUrl,
      async close() {
        await database.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

export function gatewayLog(configuration: Configuration): Logger {
  return pino({
    level: configuration.log.level,
    base: { service: 'bulkhead' },
    redact: ['*.password', '*.secret', '*.token', '*.authorization', 'password', 'secret', 'token', 'authorization'],
  });
}

/** Starts the service: API, workers, or both. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { configuration } = options;
  const log = options.log ?? gatewayLog(configuration);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const opened = await openConfiguredDatabase(configuration, log);
    closers.push(() => opened.close());
    const { database } = opened;
    const sites = await loadSites(configuration.sites, {
      configFile: configuration.file,
      log,
      ...(options.importPlugin === undefined ? {} : { importPlugin: options.importPlugin }),
    });
    closers.push(() => sites.dispose());
    await seedSites(database, configuration.sites);
    const sealer = createSealer(derivedKey(await masterKey(configuration), 'sealed secrets'));
    const services = { database, sites, sealer };
    const definitions = workflowsOf(services);
    if (options.worker) {
      const limits = configuration.sites.map(({ policy }) => policy.limits);
      const worker = await startWorker({
        database,
        definitions,
        retry: configuration.workflows.retry,
        pollIntervalMs: configuration.workflows.pollIntervalMs,
        outageLimitSeconds: configuration.workflows.outageLimitSeconds,
        heartbeat: configuration.workflows.heartbeat,
        limits: {
          powerOnsPerHost: Math.min(...limits.map((limit) => limit.powerOnsPerHost)),
          relocationsPerDatastore: Math.min(...limits.map((limit) => limit.relocationsPerDatastore)),
        },
        log,
      });
      closers.push(() => worker.stop());
      const upkeep = startUpkeep(upkeepOf(services, configuration, log), log);
      closers.push(() => upkeep.stop());
      const observing = await startObserving(services, {
        everySeconds: configuration.workflows.observeEverySeconds,
        log,
      });
      closers.push(() => observing.stop());
    }
    let url: string | undefined;
    if (options.api) {
      const feed = await openEventFeed(database);
      closers.push(() => feed.close());
      const verifier = makeTokenVerifier(configuration.access);
      for (const issuer of configuration.access.issuers)
        log.info({ issuer: issuer.url }, 'Tokens of this issuer are accepted.');
      const server = await startServer({
        ...configuration.listen,
        schema: await gatewaySchema(),
        signIn: { verifier, directory: organizationDirectory(database) },
        services: { database, sites, feed, sealer },
        log,
        readiness: () => readiness(database),
      });
      closers.push(() => server.close());
      url = server.url;
      log.info({ url }, 'The API is served.');
    }
    return { url, database, sites, workflows: definitions, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readiness(database: Database): Promise<string[]> {
  const answered = database.asMaintenance(async () => true).catch(() => false);
  const isThere = await Promise.race([answered, sleep(2000, false, { ref: false })]);
  return isThere ? [] : ['The database does not answer.'];
}

function startUpkeep(tasks: readonly Upkeep[], log: Logger): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loops = tasks.map(async ({ name, everySeconds, run }) => {
    while (!stopping.signal.aborted) {
      await run(stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted)
          log.warn({ task: name, error: chain(error) }, 'Recurring work failed; it is tried again.');
      });
      await sleep(everySeconds * 1000, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  });
  return {
    async stop() {
      stopping.abort(new Error('The worker shuts down.'));
      await Promise.all(loops);
    },
  };
}
