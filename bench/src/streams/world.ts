import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyCatalogue, checkConfiguration, startEmbeddedServer, startGateway } from '@bulkhead/gateway';
import { gatewayCatalogue, gatewayConfiguration, labOrganizationId, startLab } from '@bulkhead/lab';
import postgres from 'postgres';
import { stringify } from 'yaml';
import { derivedKey, masterKey } from '@bulkhead/gateway/internal/configuration';
import { programFile, startProgram, type Program } from '../runner/program.ts';
import type { Run } from '../runner/run.ts';
import type { Append, Written } from './writer.ts';

/** A gateway as it is shipped, a process that writes events as workers do, and one that watches. */
export interface StreamsWorld {
  gateway: Program;
  /** `ws://127.0.0.1:…/graphql` */
  socketUrl: string;
  /** The administrative login. */
  databaseUrl: string;
  watchers: Program;
  /** Of a person who may watch, good for an hour. */
  token: string;
  createOperation(): Promise<string>;
  append(request: Append): Promise<Written[]>;
}

/** Below this package, since plugins are looked for from the configuration file's folder. */
const folders = fileURLToPath(new URL('../../.bulkhead', import.meta.url));
const tokenSeconds = 3500;

export async function openWorld(run: Run): Promise<StreamsWorld> {
  await mkdir(folders, { recursive: true });
  const folder = await mkdtemp(join(folders, 'streams-'));
  run.defer(() => rm(folder, { recursive: true, force: true }));
  // The embedded server runs as another user when we are root: it gets a folder that this user can reach.
  const directory = join(tmpdir(), `bulkhead-bench-postgres-${randomBytes(4).toString('hex')}`);
  await mkdir(directory, { mode: 0o755 });
  run.defer(() => rm(directory, { recursive: true, force: true }));
  const server = await startEmbeddedServer({ directory });
  run.defer(() => server.stop());
  const lab = await startLab();
  run.defer(() => lab.stop());

  const plain = {
    ...gatewayConfiguration(lab, { host: '127.0.0.1', port: 0 }),
    database: { url: server.url },
    secrets: { keyFile: join(folder, 'bulkhead.key') },
    log: { level: 'info' },
  };
  const files = { configuration: join(folder, 'bulkhead.yaml'), catalogue: join(folder, 'catalogue.yaml') };
  await writeFile(files.configuration, stringify(plain), { mode: 0o600 });
  await writeFile(files.catalogue, stringify(gatewayCatalogue(lab)));
  const configuration = checkConfiguration({ ...plain, log: { level: 'warn' } }, files.configuration);
  const tenantId = await seedTenant(configuration, files.catalogue, server.url);

  const environment = {
    BENCH_DATABASE_URL: server.url,
    BENCH_SECRET: derivedKey(await masterKey(configuration), 'database logins').toString('base64'),
    BENCH_TENANT: tenantId,
  };
  const start = async (...[file, options]: Parameters<typeof startProgram>) => {
    const program = await startProgram(file, options);
    run.defer(() => program.stop());
    return program;
  };
  const gateway = await start(programFile('../../../gateway/src/cli', import.meta.url), {
    args: ['serve', '--config', files.configuration],
    env: { DATABASE_URL: '' },
    // For whoever looks for where the time goes: `BENCH_GATEWAY_FLAGS="--cpu-prof"`.
    nodeFlags: (process.env.BENCH_GATEWAY_FLAGS ?? '').split(' ').filter((flag) => flag !== ''),
    isReady: /The API is served/,
  });
  const url = /"url":"(http:[^"]+)"/.exec(gateway.output())?.[1];
  if (url === undefined) throw new Error(`The gateway does not say where it serves: ${gateway.output()}`);
  const writer = await start(programFile('./writer', import.meta.url), { env: environment });
  const watchers = await start(programFile('./watchers', import.meta.url));
  const seconds = Math.floor(Date.now() / 1000);
  return {
    gateway,
    socketUrl: url.replace('http', 'ws'),
    databaseUrl: server.url,
    watchers,
    token: await lab.identity.token('vic', { claims: { iat: seconds, exp: seconds + tokenSeconds } }),
    createOperation: () => writer.ask<string>('create'),
    append: (request) => writer.ask<Written[]>('append', request),
  };
}

/** Migrates the database and applies the catalogue. Gives the id of the tenant whose operations are watched. */
async function seedTenant(
  configuration: ReturnType<typeof checkConfiguration>,
  catalogue: string,
  databaseUrl: string,
): Promise<string> {
  const migrating = await startGateway({ configuration, api: false, worker: false });
  try {
    await applyCatalogue(migrating.database, configuration, catalogue, { dryRun: false, log: () => undefined });
  } finally {
    await migrating.close();
  }
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const [row] = await sql<{ id: string }[]>`
      select id from organization where identity_id = ${labOrganizationId('acme')}`;
    if (!row) throw new Error('The catalogue has no Acme.');
    return row.id;
  } finally {
    await sql.end();
  }
}
