import { pino, type Logger } from 'pino';
import { ConfigurationError, databaseUrlOf, derivedKey, masterKey, type Configuration } from './configuration.ts';
import { openDatabase, type Database } from './database/database.ts';
import { startEmbeddedServer } from './database/launcher.ts';
import { belongsToAnotherKey, databaseFindings, migrateDatabase } from './database/migrate.ts';
import { workflowsOf } from './registry.ts';
import { createSealer } from './secrets/seal.ts';
import { loadSites } from './sites/load.ts';
import { seedSites } from './sites/seed.ts';
import type { Sites } from './sites/site.ts';
import { migrateEngine } from './workflows/dbos.ts';
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
  const defer = (closer: () => Promise<void>) => void closers.push(closer);
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    // Plugins and code are loaded while the database is brought up to date. A part brings only what it needs itself: a
    // worker loads nothing of the API.
    const [{ database }, sites, workPart, apiPart] = await together([
      openConfiguredDatabase(configuration, log).then((opened) => {
        defer(() => opened.close());
        return opened;
      }),
      loadSites(configuration.sites, {
        configFile: configuration.file,
        log,
        ...(options.importPlugin === undefined ? {} : { importPlugin: options.importPlugin }),
      }).then((loaded) => {
        defer(() => loaded.dispose());
        return loaded;
      }),
      options.worker ? import('./work.ts') : undefined,
      options.api ? loadApi() : undefined,
    ]);
    await seedSites(database, configuration.sites);
    const sealer = createSealer(derivedKey(await masterKey(configuration), 'sealed secrets'));
    const services = { database, sites, sealer };
    const workflows = workflowsOf(services);
    // Neither needs the other, as where they are processes of their own.
    const [url] = await together([
      apiPart?.serve({ services, schema: apiPart.schema, configuration, log, defer }),
      workPart?.startWork({ services, definitions: workflows, configuration, log, defer }),
    ]);
    return { url, database, sites, workflows, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function loadApi() {
  const { serve, gatewaySchema } = await import('./serve.ts');
  return { serve, schema: await gatewaySchema() };
}

/**
 * What the tasks came to. It waits for every one of them, so that after a failure there is nothing under way that nobody
 * would end; the error is that of the first in the list.
 */
async function together<Tasks extends readonly unknown[]>(
  tasks: readonly [...Tasks],
): Promise<{ [Place in keyof Tasks]: Awaited<Tasks[Place]> }> {
  await Promise.allSettled(tasks);
  return Promise.all(tasks);
}
