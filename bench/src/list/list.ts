import { newId } from '@bulkhead/gateway/internal/database/id';
import { organization } from '@bulkhead/gateway/internal/organizations/table';
import { protectedVm, restorePoint } from '@bulkhead/gateway/internal/protected-vms/table';
import { gatewaySchema } from '@bulkhead/gateway/internal/server/schema';
import { gatewayConfiguration } from '@bulkhead/lab';
import { printSchema } from 'graphql';
import postgres from 'postgres';
import { databaseMeter } from '../runner/database-meter.ts';
import { apiUrl, openHouse, type House } from '../runner/house.ts';
import { programFile, startProgram, type Program } from '../runner/program.ts';
import type { Run } from '../runner/run.ts';
import { quantile } from '../runner/statistics.ts';
import { defineWorkload, type Contender, type OpenContender } from '../runner/workload.ts';
import type { Load, LoadOutcome } from './load.ts';
import type { PeerOptions } from './peer-options.ts';
import { cases, pageSize, requestBody, type CaseName } from './query.ts';

interface World {
  house: House;
  generator: Program;
  peer: PeerOptions;
  /** What the first contender answered; nobody may answer anything else. */
  answers: Map<CaseName, string>;
  /** The database's processor time so far, in microseconds. */
  databaseCpu(): Promise<number>;
}

const person = 'ada';
const machinesPerTenant = 200;
const pointsPerMachine = 10;
const connections = 8;

async function prepare(run: Run): Promise<World> {
  const house = await openHouse(run);
  await fill(house);
  const generator = await startProgram(programFile('./load', import.meta.url));
  run.defer(() => generator.stop());
  const organizations = await house.database.asMaintenance((tx) => tx.select().from(organization));
  const peer: PeerOptions = {
    databaseUrl: house.database.urlOf('tenant'),
    access: gatewayConfiguration(house.lab).access,
    organizations: Object.fromEntries(organizations.map(({ identityId, id }) => [identityId ?? '', id])),
    schema: printSchema(await gatewaySchema()),
  };
  run.note('connections', connections);
  run.note('machines', machinesPerTenant * organizations.filter(({ kind }) => kind === 'TENANT').length);
  return { house, generator, peer, answers: new Map(), databaseCpu: await databaseMeter(house.databaseUrl) };
}

/** Machines with restore points for every tenant; only one tenant's are ever shown. */
async function fill({ database, databaseUrl }: House): Promise<void> {
  const observedAt = new Date('2026-11-24T09:30:00Z');
  await database.asMaintenance(async (tx) => {
    const tenants = (await tx.select().from(organization)).filter(({ kind }) => kind === 'TENANT');
    for (const tenant of tenants) {
      const targetId = newId('rt');
      const machines = Array.from({ length: machinesPerTenant }, (_, n) => ({
        id: newId('vm'),
        tenantId: tenant.id,
        targetId,
        instanceUuid: `${tenant.id}-${n}`,
        name: `app-${String(n).padStart(3, '0')}`,
        state: 'PROTECTED' as const,
        replicationHealth: 'ON_TARGET' as const,
        guestOs: 'Ubuntu Linux (64-bit)',
        cpuCount: 4,
        memoryBytes: 16 * 2 ** 30,
        hardwareVersion: 'vmx-19',
        disks: [{ label: 'Hard disk 1', capacityBytes: 200e9 }],
        nics: [
          { key: 4000, label: 'Network adapter 1', macAddress: '00:50:56:3f:00:01', sourceNetworkName: 'Servers' },
        ],
        observedAt,
      }));
      await tx.insert(protectedVm).values(machines);
      for (const { id } of machines) {
        await tx.insert(restorePoint).values(
          Array.from({ length: pointsPerMachine }, (_, n) => ({
            id: newId('rp'),
            tenantId: tenant.id,
            vmId: id,
            name: `Restore point ${n}`,
            createdAt: new Date(observedAt.getTime() - n * 3_600_000),
          })),
        );
      }
    }
  });
  const admin = postgres(databaseUrl, { max: 1 });
  await admin`analyze`;
  await admin.end();
}

async function askedFor(world: World, url: string, caseName: CaseName, requests: number): Promise<LoadOutcome> {
  const token = await world.house.lab.identity.token(person);
  const asked: Load = { url, token, body: requestBody(caseName), connections, requests };
  const outcome = await world.generator.ask<LoadOutcome>('load', asked);
  const expected = world.answers.get(caseName) ?? outcome.answer;
  world.answers.set(caseName, expected);
  if (outcome.answer !== expected)
    throw new Error(`${url} answers ${outcome.answer.slice(0, 300)} and not ${expected.slice(0, 300)}.`);
  return outcome;
}

/** A server that is up: warmed by every case, then measured. */
async function served(world: World, run: Run, server: Program, url: string): Promise<OpenContender> {
  const [warm, measured] = run.isQuick ? [20, 100] : [600, 1500];
  for (const caseName of cases) await askedFor(world, url, caseName, warm);
  return {
    async measure(name) {
      const caseName = name as CaseName;
      // A new token is looked at in full once, and then known: as a portal's.
      await askedFor(world, url, caseName, connections);
      const [before, databaseBefore] = [await server.meter(), await world.databaseCpu()];
      const { milliseconds } = await askedFor(world, url, caseName, measured);
      const [after, databaseAfter] = [await server.meter(), await world.databaseCpu()];
      return {
        cpu: (after.cpuMicroseconds - before.cpuMicroseconds) / measured,
        database: (databaseAfter - databaseBefore) / measured,
        latency: quantile(milliseconds, 0.5),
      };
    },
  };
}

function peer(title: string, file: string): Contender<World> {
  return {
    title,
    async open(world, run) {
      const env = { BENCH_PEER: JSON.stringify(world.peer), NODE_ENV: 'production' };
      const server = await startProgram(programFile(file, import.meta.url), { env });
      run.defer(() => server.stop());
      return served(world, run, server, await server.ask<string>('url'));
    },
  };
}

export const list = defineWorkload<World>({
  name: 'list',
  title: `A list of ${pageSize} protected machines, with sign-in and row-level security`,
  about:
    'The same GraphQL request to every server, whose answers have to be equal, byte for byte. Peers check the same token with the gateway’s own check, set the same role and scope in a transaction of the same database, and pick their columns by hand; they keep the organizations in memory and have no cost limits, request ids, metrics or delegations.',
  metrics: {
    cpu: { title: 'CPU per request', unit: 'µs' },
    database: { title: 'database CPU per request', unit: 'µs' },
    latency: { title: 'median latency', unit: 'ms', digits: 1 },
  },
  cases,
  prepare,
  product: {
    title: 'Bulkhead (`bulkhead serve`)',
    async open(world, run) {
      const server = await world.house.bulkhead('serve');
      return served(world, run, server, apiUrl(server));
    },
  },
  peers: {
    'fastify-sql': peer('fastify + SQL', './fastify-sql'),
    mercurius: peer('Mercurius + JIT', './mercurius'),
    'apollo-express': peer('Apollo Server + express', './apollo-express'),
  },
  goals: [
    { metric: 'cpu', compare: 'at-most', value: 2, of: 'fastify-sql' },
    { metric: 'cpu', compare: 'at-most', value: 1, of: 'mercurius' },
    { metric: 'cpu', compare: 'at-most', value: 1, of: 'apollo-express' },
  ],
});
