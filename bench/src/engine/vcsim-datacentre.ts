import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayCatalogue, govc, startVcsim, type Lab, type Vcsim } from '@bulkhead/lab';
import type { SiteConfiguration } from '../runner/house.ts';
import type { Run } from '../runner/run.ts';

/** Production and one nested host, both govmomi's simulator; storage, network and sign-in stay the lab's. */
export interface VcsimDatacentre {
  production: Vcsim;
  /** Where the nested host's share is, as whoever mounts it says it. */
  share: { remoteHost: string; remotePath: string };
  /** The nested host, with an account that may do anything there. */
  nested: Vcsim;
}

export const vcsimNames = {
  datacenter: 'dc1',
  cluster: 'prod',
  hosts: ['esx01.prod', 'esx02.prod', 'esx03.prod'],
  luns: ['lun-1', 'lun-2'],
  folder: 'Recovered',
  pool: 'Recovered',
  role: 'VPS user',
} as const;

const template = { userName: 'root', password: 'template-Passw0rd' };
/** Made before the gateway takes root's password over: for whoever works on the nested host beside it. */
const operator = { userName: 'operator', password: 'Operator-Passw0rd-1' };
const targetFolder = 'Replication targets';

interface Production {
  production: Vcsim;
  /** Where NFS exports lie, each below its remote path. */
  exports: string;
  folder: string;
  site: Readonly<Record<string, unknown>>;
}

/** The vCenter, and what a site's configuration has to say to use it. */
export async function startProduction(
  run: Run,
  lab: Lab,
  site: SiteConfiguration,
  relocationMs: number,
): Promise<Production> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-bench-vcsim-'));
  run.defer(() => rm(folder, { recursive: true, force: true }));
  const exports = join(folder, 'exports');
  await mkdir(exports);
  const production = await startVcsim({
    mode: 'vpx',
    address: lab.block.vcenter,
    directory: join(folder, 'production'),
    exports,
    users: gatewayCatalogue(lab).productionPrincipals.map(({ account }) => account),
    flags: [
      '-host-addresses',
      vcsimNames.hosts.map((_, index) => lab.block.productionHost(index + 1)).join(','),
      // One port group for each network of the catalogue.
      '-vlans',
      `${lab.block.customer(1).vlanId}-${lab.block.customer(9).vlanId}`,
      '-relocation-time',
      `${relocationMs}ms`,
    ],
  });
  run.defer(() => production.stop());
  await govc(production, ['folder.create', `/${vcsimNames.datacenter}/vm/${targetFolder}`]);
  const found = await govc(production, ['find', `/${vcsimNames.datacenter}`, '-type', 'DistributedVirtualSwitch']);
  const compute = {
    plugin: '@bulkhead/plugin-vsphere',
    config: {
      vcenter: {
        url: new URL(production.url).origin,
        ...production.credentials,
        certificateSha256: production.certificateSha256,
      },
      datacenter: vcsimNames.datacenter,
      distributedSwitch: found.trim().split('/').at(-1) ?? '',
      templateCredential: template,
      targetPort: lab.esxiPort,
    },
  };
  const { cluster, folder: failoverFolder, role, luns } = vcsimNames;
  const policy = {
    ...site.policy,
    targetHosts: { cluster, datastore: luns[0], folder: targetFolder, template: 'nested-esxi' },
    failover: { clusters: [cluster], folder: failoverFolder, role, storageClasses: { standard: [...luns] } },
  };
  return { production, exports, folder, site: { compute, policy } };
}

/**
 * Stands for the hardware under the one nested host: waits until its clone is on in production, then lets a simulated
 * ESXi come to life with the clone's MACs at the address that the lab's network leases to it.
 */
export async function bootNestedHost(
  run: Run,
  lab: Lab,
  { production, exports, folder }: Omit<Production, 'site'>,
  stopping: AbortSignal,
): Promise<VcsimDatacentre> {
  for (;;) {
    const running = await govc(production, [
      'find',
      '/',
      '-type',
      'm',
      '-name',
      'bh-*',
      '-runtime.powerState',
      'poweredOn',
    ]);
    const [path] = running.split('\n');
    const booted =
      path === undefined || path === '' ? undefined : await boot(run, lab, path, { production, exports, folder });
    if (booted) return booted;
    await sleep(250, undefined, { signal: stopping });
  }
}

async function boot(
  run: Run,
  lab: Lab,
  path: string,
  { production, exports, folder }: Omit<Production, 'site'>,
): Promise<VcsimDatacentre | undefined> {
  const answer = JSON.parse(await govc(production, ['device.info', '-json', '-vm', path, 'ethernet-*'])) as {
    devices: { macAddress: string }[];
  };
  const [management, customer] = answer.devices.map(({ macAddress }) => macAddress.toLowerCase());
  if (management === undefined || customer === undefined) throw new Error(`${path} has not its two NICs.`);
  const { ports } = lab.ovn.world();
  const vlanId = ports.find(({ addresses }) => addresses.some((one) => one.startsWith(management)))?.tag;
  const lease = vlanId === undefined ? undefined : lab.ovn.fabric.lease(management, vlanId);
  if (!lease) return undefined;
  const { filesystems, shares } = lab.nexentastor.world();
  const shared = filesystems.find((one) => one.path === shares[0]?.filesystem);
  if (!shared) return undefined;
  await mkdir(join(exports, shared.mountPoint), { recursive: true });
  const nested = await startVcsim({
    mode: 'esx',
    address: lease.ip,
    port: lab.esxiPort,
    directory: join(folder, 'nested'),
    exports,
    ...template,
    flags: ['-mac', management, '-customer-mac', customer],
  });
  run.defer(() => nested.stop());
  await govc(nested, ['host.account.create', '-id', operator.userName, '-password', operator.password]);
  await govc(nested, ['permissions.set', '-principal', operator.userName, '-role', 'Admin', '/']);
  return {
    production,
    nested: { ...nested, credentials: operator },
    share: { remoteHost: lab.nexentastor.dataAddress, remotePath: shared.mountPoint },
  };
}
