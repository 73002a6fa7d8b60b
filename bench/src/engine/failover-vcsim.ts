import type { Run } from '../runner/run.ts';
import { defineWorkload } from '../runner/workload.ts';
import { byGateway, byScript, openVcsimHouse, type VcsimHouse } from './failover-vcsim-run.ts';

interface World {
  run: Run;
  /** What moving one machine's disks takes at the backend. */
  relocationMs: number;
  /** Opened by the product's round, closed by the peer's. */
  houses: Map<string, VcsimHouse>;
}

export const failoverVcsim = defineWorkload<World>({
  name: 'failover-vcsim',
  title: 'Failover beside a script',
  about:
    'Production and the nested host are vcsim, govmomi’s own simulator, and half of its machines each are failed over by the ' +
    'gateway and by a sequential script of govc’s: unregister, register, marks, NIC, permission, power on, one machine after ' +
    'the other, then their disks; the share is mounted once and sessions are kept. But for the disks the simulator takes no ' +
    'time. Only the gateway also checks readiness, takes snapshots, closes and opens the share, survives being killed, and ' +
    'tells each step. Both must leave every machine running.',
  metrics: {
    live: { title: 'until all are live', unit: 's', digits: 2 },
    relocated: { title: 'until all are relocated', unit: 's', digits: 2 },
    cpu: { title: 'CPU per machine', unit: 'ms' },
  },
  cases: ['1', '10', '100'],
  rounds: 3,
  async prepare(run) {
    const relocationMs = run.isQuick ? 50 : 1000;
    run.note('moving one machine’s disks, in seconds', relocationMs / 1000);
    return { run, relocationMs, houses: new Map() };
  },
  product: {
    title: 'Bulkhead',
    async open(world) {
      return {
        async measure(caseName) {
          const count = Number(caseName);
          const house = await openVcsimHouse(world.run, count, world.relocationMs);
          world.houses.set(caseName, house);
          const { liveSeconds, relocatedSeconds, cpuSeconds } = await byGateway(house);
          return { live: liveSeconds, relocated: relocatedSeconds, cpu: (1000 * cpuSeconds) / count };
        },
      };
    },
  },
  peers: {
    'govc-script': {
      title: 'a sequential govc script',
      async open(world) {
        return {
          async measure(caseName) {
            const house = world.houses.get(caseName);
            if (!house) throw new Error(`Nothing is left for the script in ${caseName}.`);
            world.houses.delete(caseName);
            const { liveSeconds, relocatedSeconds, cpuSeconds } = await byScript(house);
            await house.run.close();
            return { live: liveSeconds, relocated: relocatedSeconds, cpu: (1000 * cpuSeconds) / Number(caseName) };
          },
        };
      },
    },
  },
  goals: [
    { metric: 'relocated', case: '10', compare: 'at-most', value: 1, of: 'govc-script' },
    { metric: 'relocated', case: '100', compare: 'at-most', value: 1, of: 'govc-script' },
  ],
});
