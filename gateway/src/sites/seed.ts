import type { Database } from '../database/database.ts';
import { ensureMacBlock, ensureManagementVlans, ensurePool } from '../networks/pool.ts';
import type { SiteConfiguration } from './site.ts';
import { site } from './table.ts';

/**
 * Makes the database agree with the configured sites: their names, and the management addresses, MACs and VLANs to hand
 * out. Safe to repeat at every start and in several processes at once.
 */
export async function seedSites(database: Database, sites: readonly SiteConfiguration[]): Promise<void> {
  await database.exclusively('seed-sites', () =>
    database.asMaintenance(async (tx) => {
      for (const { id, name, location, policy } of sites) {
        const row = { name, location: location ?? null };
        await tx
          .insert(site)
          .values({ id, ...row })
          .onConflictDoUpdate({ target: site.id, set: row });
        const { cidr, gateway, first, last, vlans, macBlock } = policy.management;
        await ensurePool(tx, { siteId: id, kind: 'MANAGEMENT', name: 'management', cidr, gateway, first, last });
        await ensureManagementVlans(tx, id, vlans);
        await ensureMacBlock(tx, id, macBlock);
      }
    }),
  );
}
