import { programFile, startProgram } from '../program.ts';
import type { Run } from '../run.ts';
import { defineWorkload, type AnyWorkload, type OpenContender } from '../workload.ts';

const timesPerRound = { few: 1, many: 3 };

/** A product and a peer that does three times the work, each in a process of its own. */
export function toyWorkload(broken: { figure?: number } = {}): AnyWorkload {
  const contender = async (run: Run, thousands: number): Promise<OpenContender> => {
    const server = await startProgram(programFile('./toy-server', import.meta.url), { args: [String(thousands)] });
    run.defer(() => server.stop());
    return {
      async measure(caseName) {
        const times = timesPerRound[caseName as keyof typeof timesPerRound];
        const before = await server.meter();
        await server.ask('work', times);
        const after = await server.meter();
        return {
          cpu: broken.figure ?? (after.cpuMicroseconds - before.cpuMicroseconds) / times,
          rss: after.rssBytes / 1e6,
        };
      },
    };
  };
  return defineWorkload<void>({
    name: 'toy',
    title: 'Hashing a little',
    about: 'For the test of the runner.',
    metrics: {
      cpu: { title: 'CPU per piece', unit: 'µs' },
      rss: { title: 'memory', unit: 'MB', digits: 1 },
    },
    cases: Object.keys(timesPerRound),
    prepare: async (run) => run.note('salt', 1),
    product: { title: 'the product', open: (_world, run) => contender(run, 20) },
    peers: {
      slow: { title: 'the slow one', metrics: ['cpu'], open: (_world, run) => contender(run, 60) },
    },
    goals: [
      { metric: 'cpu', case: 'many', compare: 'at-most', value: 1, of: 'slow' },
      { metric: 'rss', case: 'few', compare: 'at-most', value: 1 },
    ],
  });
}
