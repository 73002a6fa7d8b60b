import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { ensurePool } from '../networks/pool.ts';
import { network } from '../networks/table.ts';
import { organization, productionPrincipal } from '../organizations/table.ts';
import { seedSites } from '../sites/seed.ts';
import type { SiteConfiguration } from '../sites/site.ts';
import { insertTargetPlanVersion } from '../target-plans/store.ts';
import { doublePolicy } from './site-double.ts';

export interface SeededTenant {
  id: string;
  identityId: string;
  networkId: string;
}

export interface Seeded {
  siteId: string;
  providerId: string;
  mspId: string;
  planId: string;
  acme: SeededTenant;
  globex: SeededTenant;
}

export const doubleSite: SiteConfiguration = {
  id: 'mel1',
  name: 'Melbourne',
  compute: { plugin: 'compute-double', config: {} },
  storage: { plugin: 'storage-double', config: {} },
  network: { plugin: 'network-double', config: {} },
  policy: doublePolicy,
};

/**
 * A provider with one MSP that serves two tenants, each with a production network and addresses for its targets. A lab
 * has customers' networks of its own: `acmeNetwork` is one of them.
 */
export async function seed(
  database: Database,
  site: SiteConfiguration = doubleSite,
  acmeNetwork?: { vlanId: number; cidr: string; gateway: string },
): Promise<Seeded> {
  await seedSites(database, [site]);
  return database.asMaintenance(async (tx) => {
    const add = async (kind: 'PROVIDER' | 'MSP' | 'TENANT', name: string, parentId: string | null) => {
      const id = newId('org');
      const identityId = `identity-${id}`;
      await tx.insert(organization).values({ id, tenantId: id, parentId, kind, name, state: 'ACTIVE', identityId });
      return { id, identityId };
    };
    const provider = await add('PROVIDER', 'Harbor Cloud', null);
    const msp = await add('MSP', 'Northwind MSP', provider.id);
    const ownNetwork = (octet: number) => ({
      vlanId: 100 + octet,
      cidr: `10.${octet}.0.0/24`,
      gateway: `10.${octet}.0.1`,
    });
    const tenant = async (name: string, octet: number, wanted = ownNetwork(octet)): Promise<SeededTenant> => {
      const owner = await add('TENANT', name, msp.id);
      const networkId = newId('net');
      const { cidr, gateway, vlanId } = wanted;
      const at = (last: number) => gateway.replace(/\.\d+$/, `.${last}`);
      const base = { tenantId: owner.id, siteId: site.id };
      const row = { ...base, id: networkId, name: `${name} servers`, kind: 'PRODUCTION' as const, vlanId };
      await tx.insert(network).values({ ...row, cidr, gateway });
      const range = { first: at(200), last: at(250) };
      const pool = { siteId: site.id, kind: 'CUSTOMER' as const, name: networkId, networkId, cidr, gateway };
      await ensurePool(tx, { ...pool, ...range });
      await tx.insert(productionPrincipal).values({ ...base, id: newId('pp'), account: `VPSUSER${octet}` });
      return { ...owner, networkId };
    };
    const acme = await tenant('Acme GmbH', 1, acmeNetwork);
    const globex = await tenant('Globex Corp', 2);
    const plan = await insertTargetPlanVersion(tx, {
      siteId: site.id,
      name: 'Small',
      description: null,
      cpuCount: 2,
      memoryBytes: 8 * 2 ** 30,
      storageBytes: 500e9,
      storageClass: 'standard',
      maxProtectedVms: null,
    });
    return { siteId: site.id, providerId: provider.id, mspId: msp.id, planId: plan.id, acme, globex };
  });
}
