import { gatewayCatalogue, govc } from '@bulkhead/lab';
import type { Client } from '@bulkhead/sdk';
import { apiUrl, openHouse, type House } from '../runner/house.ts';
import type { Program } from '../runner/program.ts';
import { openRun, type OpenRun, type Run } from '../runner/run.ts';
import { pressAndWatch } from './failover-watch.ts';
import { runGovcScript, type ScriptFound } from './govc-script.ts';
import { until } from './steps-round.ts';
import { clientOf, machineName, provisionTarget, replicate, type ProvisionedTarget } from './tenant.ts';
import { bootNestedHost, startProduction, vcsimNames, type VcsimDatacentre } from './vcsim-datacentre.ts';

const gigabyte = 2 ** 30;
/** While what is not measured is made ready. */
const hurry = 0.002;

/** A datacentre on vcsim with twice as many machines as are failed over at once: half for the gateway, half for the script. */
export interface VcsimHouse {
  run: OpenRun;
  house: House;
  gateway: Program;
  datacentre: VcsimDatacentre;
  ada: Client;
  target: ProvisionedTarget;
  vmIds: string[];
  count: number;
}

export async function openVcsimHouse(outer: Run, count: number, relocationMs: number): Promise<VcsimHouse> {
  const run = openRun({ isQuick: outer.isQuick, say: (line) => outer.say(line) });
  outer.defer(() => run.close());
  let started: Awaited<ReturnType<typeof startProduction>> | undefined;
  const house = await openHouse(run, {
    lab: { scale: hurry },
    site: async (standard, lab) => {
      started = await startProduction(run, lab, standard, relocationMs);
      return started.site;
    },
  });
  if (!started) throw new Error('The lab names no site.');
  const gateway = await house.bulkhead('start');
  const { lab } = house;
  const [nora, ada] = ['nora', 'ada'].map((who) => clientOf(lab, apiUrl(gateway), who));
  if (!nora || !ada) throw new Error('Nobody signs in.');
  const stopping = new AbortController();
  const booting = bootNestedHost(run, lab, started, stopping.signal);
  try {
    // A host that cannot boot ends this at once, rather than by the gateway's patience.
    const [target, datacentre] = await Promise.all([provisionTarget(nora), booting]);
    const machines = { count: 2 * count, memoryBytes: gigabyte, diskBytes: gigabyte };
    const vmIds = await replicate(ada, target, machines, datacentre.nested.address);
    return { run, house, gateway, datacentre, ada, target, vmIds, count };
  } finally {
    stopping.abort();
  }
}

export interface GatewayFound {
  liveSeconds: number;
  relocatedSeconds: number;
  cpuSeconds: number;
}

/** The first half, by the gateway; afterwards nothing of the share is mounted in production any more. */
export async function byGateway({ house, gateway, ada, target, vmIds, count }: VcsimHouse): Promise<GatewayFound> {
  const before = await gateway.meter();
  const { liveSeconds, relocatedSeconds } = await pressAndWatch(ada, target, vmIds.slice(0, count));
  const after = await gateway.meter();
  // Unmounting comes before a host leaves the export list: with the nested host alone on it, all is given back.
  await until(async () => house.lab.nexentastor.world().shares.every((share) => hostsOf(share) === 1));
  return { liveSeconds, relocatedSeconds, cpuSeconds: (after.cpuMicroseconds - before.cpuMicroseconds) / 1e6 };
}

type Share = ReturnType<House['lab']['nexentastor']['world']>['shares'][number];

/** How many may mount it. */
function hostsOf({ securityContexts }: Share): number {
  return securityContexts.reduce((sum, { readWriteList }) => sum + (readWriteList ?? []).length, 0);
}

/** The second half, by the script. @throws Error when not all machines of both halves run in production, and moved. */
export async function byScript({ house, datacentre, count }: VcsimHouse): Promise<ScriptFound> {
  const { lab } = house;
  const [principal] = gatewayCatalogue(lab).productionPrincipals;
  if (!principal) throw new Error('The catalogue gives nobody an account in production.');
  const machines = Array.from({ length: count }, (_, n) => machineName(count + n + 1));
  const network = `vlan-${lab.block.customer(5).vlanId}`;
  const found = await runGovcScript(datacentre, network, principal.account, machines);
  const { production } = datacentre;
  const below = `/${vcsimNames.datacenter}/vm/${vcsimNames.folder}`;
  const running = await govc(production, ['find', below, '-type', 'm', '-runtime.powerState', 'poweredOn']);
  const seen = running.split('\n').filter((line) => line !== '').length;
  if (seen !== 2 * count) throw new Error(`${seen} of ${2 * count} machines run in production.`);
  return found;
}
