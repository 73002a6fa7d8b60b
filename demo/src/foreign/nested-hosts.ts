import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startVcsim, type Lab, type OvnEdge, type Vcsim } from '@bulkhead/lab';
import { findVms, readVm, vlanOf } from './govc-reader.ts';

/** The machines of the house that vcsim does not run: what is switched on there is a record and nothing boots. */
export interface NestedHosts {
  running: ReadonlyMap<string, Vcsim>;
  /** What kept a host from booting; empty in a good run. */
  accidents: readonly string[];
  stop(): Promise<void>;
}

export interface NestedHostOptions {
  lab: Lab;
  /** Where the management VLANs end. */
  edge: OvnEdge;
  production: Vcsim;
  directory: string;
  /** Folder that simulators find NFS exports below. */
  exports: string;
  template: { userName: string; password: string };
}

const pauseMs = 250;

/**
 * Stands for the hardware under nested hosts. When govc sees one of our clones powered on, a simulated ESXi comes to life
 * as the clone would: with the MACs of its two NICs, at the address that OVN offers to the first of them on its
 * port group's VLAN, and with the template's root password. Without an offer, or without the lock letting it use
 * that address, it stays silent, as a real one would. When the clone is off or gone, so is the host.
 */
export function runNestedHosts(options: NestedHostOptions): NestedHosts {
  const running = new Map<string, Vcsim>();
  const accidents: string[] = [];
  const stopping = new AbortController();
  const follow = async () => {
    const powered = await findVms(options.production, 'bh-*', ['-runtime.powerState', 'poweredOn']);
    for (const [path, host] of running) {
      if (powered.includes(path)) continue;
      running.delete(path);
      await host.stop();
    }
    for (const path of powered.filter((each) => !running.has(each))) {
      const host = await boot(options, path);
      if (host) running.set(path, host);
    }
  };
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await follow().catch((error: unknown) => accidents.push(String(error)));
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    running,
    accidents,
    async stop() {
      stopping.abort();
      await watching;
      await Promise.all([...running.values()].map((host) => host.stop()));
    },
  };
}

async function boot({ lab, edge, production, directory, exports, template }: NestedHostOptions, path: string) {
  const { name, nics } = await readVm(production, path);
  const [management, customer] = nics;
  if (!management || !customer) throw new Error(`${path} has not its two NICs.`);
  const vlanId = await vlanOf(production, management.portGroup);
  const lease = await edge.lease(management.mac, vlanId);
  if (!lease || !(await edge.isAllowed(management.mac, lease.ip, vlanId))) return undefined;
  await makeExportedFolders(lab, exports);
  return startVcsim({
    mode: 'esx',
    address: lease.ip,
    port: lab.esxiPort,
    directory: join(directory, name),
    exports,
    ...template,
    flags: ['-mac', management.mac, '-customer-mac', customer.mac],
  });
}

/** The lab's appliance keeps its files in memory; what simulators mount are folders, one for each filesystem that it shares. */
async function makeExportedFolders({ nexentastor }: Lab, exports: string): Promise<void> {
  const { filesystems, shares } = nexentastor.world();
  for (const { filesystem } of shares) {
    const mountPoint = filesystems.find(({ path }) => path === filesystem)?.mountPoint;
    if (mountPoint !== undefined) await mkdir(join(exports, mountPoint), { recursive: true });
  }
}
