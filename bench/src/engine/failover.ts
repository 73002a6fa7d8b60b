import type { Run } from '../runner/run.ts';
import { defineWorkload } from '../runner/workload.ts';
import { failOverMachines, type FailoverFound } from './failover-run.ts';

interface World {
  run: Run;
  /** A simulated second of the backend, in real ones. */
  scale: number;
  /** What the product's last round came to, by case: its critical path is where the product has put the machines. */
  found: Map<string, FailoverFound>;
}

export const failover = defineWorkload<World>({
  name: 'failover',
  title: 'Failover of many machines',
  about:
    'From the call of the mutation to the event that tells that the last machine is on, and to the one that tells that the ' +
    'last disks are on production storage. The datacentre is the lab at its own speed. The critical path is what the tasks ' +
    'that it carried out and the limits (8 machines at once per host, 2 moves per datastore) take by themselves, where the ' +
    'gateway has put the machines; orchestration is a machine’s time from its start to LIVE beyond its own tasks.',
  metrics: {
    live: { title: 'until all are live', unit: 's', digits: 2 },
    relocated: { title: 'until all are relocated', unit: 's', digits: 2 },
    overheadP50: { title: 'orchestration per machine, p50', unit: 's', digits: 2 },
    overheadP95: { title: 'orchestration per machine, p95', unit: 's', digits: 2 },
    cpu: { title: 'CPU per machine, gateway', unit: 'ms' },
  },
  cases: ['1', '10', '100'],
  rounds: 3,
  async prepare(run) {
    const scale = run.isQuick ? 0.05 : 1;
    run.note('a backend’s second, in seconds', scale);
    return { run, scale, found: new Map() };
  },
  product: {
    title: 'Bulkhead',
    async open(world) {
      return {
        async measure(caseName) {
          const count = Number(caseName);
          const found = await failOverMachines(world.run, { count, scale: world.scale });
          world.found.set(caseName, found);
          world.run.note(`hosts used by ${caseName}`, found.hosts);
          world.run.note('a machine’s own tasks until it is on, seconds', Number(found.bringUpSeconds.toFixed(2)));
          return {
            live: found.liveSeconds,
            relocated: found.relocatedSeconds,
            overheadP50: found.overheadSeconds.p50,
            overheadP95: found.overheadSeconds.p95,
            cpu: (1000 * found.cpuSeconds) / count,
          };
        },
      };
    },
  },
  peers: {
    'critical-path': {
      title: 'the backend’s own time',
      metrics: ['live', 'relocated'],
      async open(world) {
        return {
          async measure(caseName) {
            const found = world.found.get(caseName);
            if (!found) throw new Error(`Nothing was failed over for ${caseName}.`);
            return { live: found.criticalPath.liveSeconds, relocated: found.criticalPath.relocatedSeconds };
          },
        };
      },
    },
  },
  goals: [
    { metric: 'live', case: '100', compare: 'at-most', value: 1.1, of: 'critical-path' },
    { metric: 'overheadP95', case: '100', compare: 'at-most', value: 2 },
  ],
});
