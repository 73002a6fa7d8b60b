import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyCatalogue, checkConfiguration, startGateway, type Gateway } from '@bulkhead/gateway';
import {
  gatewayCatalogue,
  gatewayConfiguration,
  govc,
  startLab,
  startPostgresServer,
  startVcsim,
  type Lab,
  type PostgresServer,
  type Vcsim,
} from '@bulkhead/lab';
import { createClient, type Client } from '@bulkhead/sdk';
import { stringify } from 'yaml';
import { runNestedHosts, type NestedHosts } from './nested-hosts.ts';
import { startNorthbound, type Northbound } from './northbound.ts';

/**
 * A gateway whose database is Debian's PostgreSQL server, whose network is Debian's OVN and whose production vCenter and
 * nested hosts are vcsim. Storage and sign-in are the lab's, over their own protocols; the lab's own vCenter and northbound
 * database run beside and are asked for nothing.
 */
export interface ForeignHouse {
  lab: Lab;
  database: PostgresServer;
  northbound: Northbound;
  production: Vcsim;
  nested: NestedHosts;
  gateway: Gateway;
  /** Where the LUNs' files lie: `luns/<name>/…` below it. */
  productionFolder: string;
  /** Where the exports' files lie, each below its remote path. */
  exports: string;
  names: typeof names;
  as(who: string): Client;
  close(): Promise<void>;
}

const names = {
  datacenter: 'dc1',
  cluster: 'prod',
  hosts: ['esx01.prod', 'esx02.prod', 'esx03.prod'],
  luns: ['lun-1', 'lun-2'],
  failoverFolder: 'Recovered',
  targetFolder: 'Replication targets',
  template: 'nested-esxi',
  tenantRole: 'VPS user',
} as const;

const vcenterPort = 9443;
const template = { userName: 'root', password: 'template-Passw0rd' };

/** Below this package, since plugins are looked for from the configuration file's folder and it depends on all three. */
const folders = fileURLToPath(new URL('../../.bulkhead', import.meta.url));

export async function openForeignHouse(): Promise<ForeignHouse> {
  await mkdir(folders, { recursive: true });
  const folder = await mkdtemp(join(folders, 'real-'));
  const closers: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const database = await startPostgresServer();
    closers.push(() => database.stop());
    const lab = await startLab();
    closers.push(() => lab.stop());
    const northbound = await startNorthbound(lab);
    closers.push(() => northbound.central.stop());
    const [exports, productionFolder] = [join(folder, 'exports'), join(folder, 'production')];
    await mkdir(exports);
    const production = await startProduction(lab, productionFolder, exports);
    closers.push(() => production.stop());
    const nested = runNestedHosts({
      lab,
      edge: northbound.edge,
      production,
      directory: join(folder, 'nested'),
      exports,
      template,
    });
    closers.push(() => nested.stop());

    const plain = {
      ...gatewayConfiguration(lab, { host: '127.0.0.1', port: 0 }),
      database: { url: database.url },
      secrets: { keyFile: join(folder, 'bulkhead.key') },
    };
    const [site] = plain.sites;
    if (!site) throw new Error('The lab names no site.');
    const configuration = checkConfiguration(
      { ...plain, sites: [{ ...site, ...(await onVcsim(site, lab, production)), ...onOvn(site, northbound) }] },
      join(folder, 'bulkhead.yaml'),
    );
    const gateway = await startGateway({ configuration, api: true, worker: true });
    closers.push(() => gateway.close());
    const { url } = gateway;
    if (url === undefined) throw new Error('The gateway serves no API.');
    const catalogue = join(folder, 'catalogue.yaml');
    await writeFile(catalogue, stringify(gatewayCatalogue(lab)));
    await applyCatalogue(gateway.database, configuration, catalogue, { dryRun: false, log: () => undefined });
    const as = (who: string) =>
      createClient({ url, auth: { getToken: () => lab.identity.token(who) }, clientName: 'bulkhead-real-test' });
    return { lab, database, northbound, production, nested, gateway, productionFolder, exports, names, as, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startProduction(lab: Lab, directory: string, exports: string): Promise<Vcsim> {
  const production = await startVcsim({
    mode: 'vpx',
    address: lab.block.vcenter,
    port: vcenterPort,
    directory,
    exports,
    users: gatewayCatalogue(lab).productionPrincipals.map(({ account }) => account),
    flags: [
      '-host-addresses',
      names.hosts.map((_, index) => lab.block.productionHost(index + 1)).join(','),
      // One port group for each network of the catalogue.
      '-vlans',
      `${lab.block.customer(1).vlanId}-${lab.block.customer(9).vlanId}`,
      '-relocation-time',
      '1s',
    ],
  });
  await govc(production, ['folder.create', `/${names.datacenter}/vm/${names.targetFolder}`]);
  return production;
}

type SiteConfiguration = ReturnType<typeof gatewayConfiguration>['sites'][number];

/** The lab's network configuration at another address: the README's names are the lab's. */
function onOvn({ network }: SiteConfiguration, { central }: Northbound) {
  return { network: { ...network, config: { ...network.config, ovsdb: { addresses: [central.url] } } } };
}

/** What the site's configuration has to say so that its compute is vcsim. */
async function onVcsim(site: SiteConfiguration, lab: Lab, production: Vcsim) {
  const found = await govc(production, ['find', `/${names.datacenter}`, '-type', 'DistributedVirtualSwitch']);
  const distributedSwitch = found.trim().split('/').at(-1) ?? '';
  return {
    compute: {
      plugin: '@bulkhead/plugin-vsphere',
      config: {
        vcenter: {
          url: new URL(production.url).origin,
          ...production.credentials,
          certificateSha256: production.certificateSha256,
        },
        datacenter: names.datacenter,
        distributedSwitch,
        templateCredential: template,
        targetPort: lab.esxiPort,
      },
    },
    policy: {
      ...site.policy,
      targetHosts: {
        cluster: names.cluster,
        datastore: names.luns[0],
        folder: names.targetFolder,
        template: names.template,
      },
      failover: {
        clusters: [names.cluster],
        folder: names.failoverFolder,
        role: names.tenantRole,
        storageClasses: { standard: [...names.luns] },
      },
    },
  };
}
