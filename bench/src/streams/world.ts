import { labOrganizationId } from '@bulkhead/lab';
import { organization } from '@bulkhead/gateway/internal/organizations/table';
import { apiUrl, openHouse } from '../runner/house.ts';
import { programFile, startProgram, type Program } from '../runner/program.ts';
import type { Run } from '../runner/run.ts';
import type { Append, Written } from './writer.ts';

/** A gateway as it is shipped, a process that writes events as workers do, and one that watches. */
export interface StreamsWorld {
  gateway: Program;
  /** `ws://127.0.0.1:…/graphql` */
  socketUrl: string;
  /** An administrative login. */
  databaseUrl: string;
  watchers: Program;
  /** Of a person who may watch, good for an hour. */
  token: string;
  createOperation(): Promise<string>;
  append(request: Append): Promise<Written[]>;
}

const tokenSeconds = 3500;

export async function openWorld(run: Run): Promise<StreamsWorld> {
  const house = await openHouse(run);
  const { lab, database, databaseUrl, secret } = house;
  const organizations = await database.asMaintenance((tx) => tx.select().from(organization));
  const tenant = organizations.find(({ identityId }) => identityId === labOrganizationId('acme'));
  if (!tenant) throw new Error('The catalogue has no Acme.');

  const gateway = await house.bulkhead('serve');
  const start = async (...[file, options]: Parameters<typeof startProgram>) => {
    const program = await startProgram(file, options);
    run.defer(() => program.stop());
    return program;
  };
  const writer = await start(programFile('./writer', import.meta.url), {
    env: { BENCH_DATABASE_URL: databaseUrl, BENCH_SECRET: secret.toString('base64'), BENCH_TENANT: tenant.id },
  });
  const watchers = await start(programFile('./watchers', import.meta.url));
  const seconds = Math.floor(Date.now() / 1000);
  return {
    gateway,
    socketUrl: apiUrl(gateway).replace('http', 'ws'),
    databaseUrl,
    watchers,
    token: await lab.identity.token('vic', { claims: { iat: seconds, exp: seconds + tokenSeconds } }),
    createOperation: () => writer.ask<string>('create'),
    append: (request) => writer.ask<Written[]>('append', request),
  };
}
