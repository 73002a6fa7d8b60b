import { setTimeout as sleep } from 'node:timers/promises';
import { apiUrl, openHouse, type House } from '../runner/house.ts';
import { programFile, startProgram, type Program } from '../runner/program.ts';
import type { Run } from '../runner/run.ts';
import { defineWorkload, type Contender } from '../runner/workload.ts';

interface World {
  house: House;
  token: () => Promise<string>;
}

interface Started {
  program: Program;
  url: string;
}

const query = '{ me { displayName } }';
const plainQuery = '{ me }';

/** Starts a process anew in each round, and asks it until it has answered. */
function contender(title: string, asks: string, start: (world: World) => Promise<Started>): Contender<World> {
  return {
    title,
    async open(world, run) {
      const requests = run.isQuick ? 50 : 1000;
      const ask = async (url: string, token: string) => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query: asks }),
        });
        const text = await response.text();
        if (response.status !== 200 || text.includes('"errors"')) throw new Error(`${response.status}: ${text}`);
      };
      return {
        async measure() {
          const token = await world.token();
          const began = performance.now();
          const { program, url } = await start(world);
          try {
            await ask(url, token);
            const ready = (performance.now() - began) / 1000;
            const atStart = await program.meter();
            for (let n = 1; n < requests; n += 1) await ask(url, token);
            const later = await program.meter();
            return {
              ready,
              cpu: atStart.cpuMicroseconds / 1e6,
              rss: atStart.rssBytes / 1e6,
              rssLater: later.rssBytes / 1e6,
            };
          } catch (error) {
            // What it logs of the failure comes after the answer.
            await sleep(500);
            throw new Error(`It said: ${program.output().slice(-2000)}`, { cause: error });
          } finally {
            await program.stop();
          }
        },
      };
    },
  };
}

async function prepare(run: Run): Promise<World> {
  const house = await openHouse(run);
  return { house, token: () => house.lab.identity.token('ada') };
}

const served = async (program: Program): Promise<Started> => ({ program, url: apiUrl(program) });

export const startup = defineWorkload<World>({
  name: 'startup',
  title: 'From the command to the first answer, and the memory it takes',
  about:
    '`bulkhead start` (API, workers and three plugins in one process), run from the build on a database that is there and migrated, until a signed-in request is answered. Memory is the resident set after that answer, and after 1,000 requests. The peer serves one field without database, sign-in or plugins: what no GraphQL server of this kind is below.',
  metrics: {
    ready: { title: 'ready after', unit: 's', digits: 2 },
    cpu: { title: 'CPU until ready', unit: 's', digits: 2 },
    rss: { title: 'memory at start', unit: 'MB' },
    rssLater: { title: 'after 1,000 requests', unit: 'MB' },
  },
  rounds: 5,
  prepare,
  product: contender('Bulkhead (`bulkhead start`)', query, async ({ house }) => served(await house.bulkhead('start'))),
  peers: {
    'apollo-fastify': contender('bare Apollo Server + fastify', plainQuery, async () => {
      const program = await startProgram(programFile('./apollo-fastify', import.meta.url), {
        env: { NODE_ENV: 'production' },
      });
      return { program, url: await program.ask<string>('url') };
    }),
  },
  goals: [
    { metric: 'ready', compare: 'at-most', value: 2 },
    { metric: 'rss', compare: 'at-most', value: 250 },
    { metric: 'rssLater', compare: 'at-most', value: 250 },
  ],
});
