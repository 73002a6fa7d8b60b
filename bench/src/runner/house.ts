import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyCatalogue, checkConfiguration, startEmbeddedServer, type Configuration } from '@bulkhead/gateway';
import { openDatabase, type Database } from '@bulkhead/gateway/internal/database/database';
import { migrateDatabase } from '@bulkhead/gateway/internal/database/migrate';
import { derivedKey, masterKey } from '@bulkhead/gateway/internal/configuration';
import { seedSites } from '@bulkhead/gateway/internal/sites/seed';
import { migrateEngine } from '@bulkhead/gateway/internal/workflows/dbos';
import { gatewayCatalogue, gatewayConfiguration, startLab, type Lab, type LabOptions } from '@bulkhead/lab';
import postgres from 'postgres';
import { stringify } from 'yaml';
import { startProgram, type Program, type ProgramOptions } from './program.ts';
import type { Run } from './run.ts';

/** A lab, a migrated database with the lab's organizations and networks, and a configuration for gateways on both. */
export interface House {
  lab: Lab;
  /** An administrative login. */
  databaseUrl: string;
  /** From which the database's logins have their passwords. */
  secret: Buffer;
  /** The gateway's own way to the rows, for what a workload puts there itself. */
  database: Database;
  configuration: Configuration;
  /** The command `bulkhead`, as users run it, in a process of its own. */
  bulkhead(command: 'start' | 'serve' | 'work', options?: Pick<ProgramOptions, 'env' | 'nodeFlags'>): Promise<Program>;
}

export interface HouseOptions {
  lab?: LabOptions;
  /** Further settings of the database server, `name=value`. It writes through to the disk, as an installation's does. */
  databaseSettings?: readonly string[];
  workflows?: Partial<Configuration['workflows']>;
  /** What the site's configuration says other than the lab's: another vCenter, started for it. */
  site?: (standard: SiteConfiguration, lab: Lab) => Promise<Readonly<Record<string, unknown>>>;
}

export type SiteConfiguration = ReturnType<typeof gatewayConfiguration>['sites'][number];

/** Below this package, since plugins are looked for from the configuration file's folder. */
const folders = fileURLToPath(new URL('../../.bulkhead', import.meta.url));
const said = { serving: /"url":"(http[^"]+)".*The API is served/, working: /The worker runs/ };

/** All of it ends with the run. */
export async function openHouse(run: Run, options: HouseOptions = {}): Promise<House> {
  await mkdir(folders, { recursive: true });
  const folder = await mkdtemp(join(folders, 'run-'));
  run.defer(() => rm(folder, { recursive: true, force: true }));
  const databaseUrl = await openServer(run, options.databaseSettings ?? []);
  const lab = await startLab(options.lab);
  run.defer(() => lab.stop());

  const standard = gatewayConfiguration(lab, { host: '127.0.0.1', port: 0 });
  const sites = await Promise.all(
    standard.sites.map(async (site) => ({ ...site, ...(await options.site?.(site, lab)) })),
  );
  const plain = {
    ...standard,
    sites,
    workflows: { ...standard.workflows, ...options.workflows },
    database: { url: databaseUrl },
    secrets: { keyFile: join(folder, 'bulkhead.key') },
    log: { level: 'info' },
  };
  const files = { configuration: join(folder, 'bulkhead.yaml'), catalogue: join(folder, 'catalogue.yaml') };
  await writeFile(files.configuration, stringify(plain), { mode: 0o600 });
  await writeFile(files.catalogue, stringify(gatewayCatalogue(lab)));
  const configuration = checkConfiguration(plain, files.configuration);
  const secret = derivedKey(await masterKey(configuration), 'database logins');
  await migrateDatabase({ url: databaseUrl, secret, migrateEngine });
  const database = openDatabase({ url: databaseUrl, secret });
  run.defer(() => database.close());
  await seedSites(database, configuration.sites);
  await applyCatalogue(database, configuration, files.catalogue, { dryRun: false, log: () => undefined });

  return {
    lab,
    databaseUrl,
    secret,
    database,
    configuration,
    async bulkhead(command, { env, nodeFlags = [] } = {}) {
      const program = await startProgram(bulkheadFile(), {
        args: [command, '--config', files.configuration],
        env: { ...env, NODE_ENV: 'production' },
        nodeFlags,
        isReady: command === 'work' ? said.working : said.serving,
      });
      run.defer(() => program.stop());
      return program;
    },
  };
}

/** Where a gateway that serves has said that it does. */
export function apiUrl(program: Program): string {
  const [, url] = said.serving.exec(program.output()) ?? [];
  if (url === undefined) throw new Error(`No API is served: ${program.output().slice(-2000)}`);
  return url;
}

async function openServer(run: Run, settings: readonly string[]): Promise<string> {
  // The embedded server runs as another user when we are root: it gets a folder that this user can reach.
  const directory = await mkdtemp(join(tmpdir(), 'bulkhead-bench-postgres-'));
  await chmod(directory, 0o755);
  run.defer(() => rm(directory, { recursive: true, force: true }));
  const server = await startEmbeddedServer({ directory, settings });
  run.defer(() => server.stop());
  const admin = postgres(server.url, { max: 1, onnotice: () => undefined });
  const [row] = await admin<{ version: string }[]>`select current_setting('server_version') as version`;
  await admin.end();
  run.note('PostgreSQL', row?.version ?? 'unknown');
  return server.url;
}

function bulkheadFile(): string {
  const home = dirname(createRequire(import.meta.url).resolve('@bulkhead/gateway/package.json'));
  return join(home, 'bin', 'bulkhead.js');
}
