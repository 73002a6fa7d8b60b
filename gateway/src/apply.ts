import { readFile } from 'node:fs/promises';
import { eq } from 'drizzle-orm';
import { housekeepingScope } from './access/system-scope.ts';
import * as audit from './audit/audit.ts';
import { parseCatalogue, type Catalogue } from './apply/catalogue.ts';
import type { Difference } from './apply/change.ts';
import { compareNetworks } from './apply/networks.ts';
import { compareDelegations, compareOrganizations, comparePrincipals } from './apply/organizations.ts';
import { compareTargetPlans } from './apply/target-plans.ts';
import type { Database, Tx } from './database/database.ts';
import { organization } from './organizations/table.ts';
import { seedSites } from './sites/seed.ts';
import type { SiteConfiguration } from './sites/site.ts';

export interface ApplyOptions {
  /** Shows the difference and changes nothing. */
  dryRun: boolean;
  /** One line for a person. */
  log(line: string): void;
  /** Asked after the difference was shown; absent: it is applied. */
  confirm?(): Promise<boolean>;
}

export interface ApplyResult {
  created: number;
  changed: number;
  isApplied: boolean;
}

/**
 * Makes organizations, networks, target plans and production principals agree with a file. Shows first what it would
 * change. Safe to repeat: a second run finds nothing to do. Nothing is deleted: what the file does not name is listed
 * and stays.
 */
export async function applyCatalogue(
  database: Database,
  configuration: { sites: readonly SiteConfiguration[] },
  file: string,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const siteIds = configuration.sites.map((site) => site.id);
  const catalogue = parseCatalogue(await readFile(file, 'utf8'), siteIds, file);
  return database.exclusively('apply', async () => {
    const difference = await database.asMaintenance((tx) => compare(tx, catalogue));
    show(difference, options.log);
    const created = difference.changes.filter(({ action }) => action === 'create').length;
    const changed = difference.changes.length - created;
    if (options.dryRun || (difference.changes.length > 0 && options.confirm && !(await options.confirm()))) {
      options.log('Nothing was changed.');
      return { created, changed, isApplied: false };
    }
    await seedSites(database, configuration.sites);
    await database.asMaintenance((tx) => applyAll(tx, catalogue));
    options.log(`Applied: ${created} created, ${changed} changed.`);
    return { created, changed, isApplied: true };
  });
}

async function compare(tx: Tx, catalogue: Catalogue): Promise<Difference> {
  const organizations = await compareOrganizations(tx, catalogue);
  const { ids } = organizations;
  const provider = catalogue.organizations.find(({ kind }) => kind === 'PROVIDER');
  const providerId = (provider && ids.get(provider.key)) ?? (await findProvider(tx));
  const parts = [
    organizations,
    await compareDelegations(tx, catalogue, ids),
    await compareNetworks(tx, catalogue, ids),
    await comparePrincipals(tx, catalogue, ids),
  ];
  if (catalogue.targetPlans.length > 0) {
    if (providerId === undefined)
      throw new Error('Target plans need a provider: add an organization of kind PROVIDER.');
    parts.push(await compareTargetPlans(tx, catalogue, providerId));
  }
  return { changes: parts.flatMap(({ changes }) => changes), leftovers: parts.flatMap(({ leftovers }) => leftovers) };
}

async function findProvider(tx: Tx): Promise<string | undefined> {
  const [row] = await tx.select({ id: organization.id }).from(organization).where(eq(organization.kind, 'PROVIDER'));
  return row?.id;
}

/** Compares once more, in the transaction that writes: what was shown may have changed since, or been applied already. */
async function applyAll(tx: Tx, catalogue: Catalogue): Promise<void> {
  const { changes } = await compare(tx, catalogue);
  for (const change of changes) {
    await change.apply(tx);
    const verb = change.action === 'create' ? 'Created' : 'Changed';
    await audit.record(tx, housekeepingScope(change.auditedTo, 'apply'), {
      tenantId: change.auditedTo,
      action: `catalogue.${change.action}`,
      summary: `${verb} the ${change.what}${change.fields.length > 0 ? `: ${change.fields.join(', ')}` : ''}.`,
    });
  }
}

function show({ changes, leftovers }: Difference, log: (line: string) => void): void {
  if (changes.length === 0) log('The database agrees with the file.');
  for (const { action, what, fields } of changes) {
    log(`${action === 'create' ? '+' : '~'} ${what}`);
    for (const field of fields) log(`    ${field}`);
  }
  for (const { what } of leftovers) log(`  ${what}: not in the file, stays as it is.`);
}
