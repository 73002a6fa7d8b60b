import { parse } from 'yaml';
import { z } from 'zod';
import { faultOfPool } from '../networks/pool.ts';
import { parseCidr, parseIpv4 } from '../networks/ipv4.ts';
import { maxOrganizationDepth, organizationKinds } from '../organizations/organization.ts';

const units: Readonly<Record<string, number>> = {
  B: 1,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** `64 GiB`, `500 GB`, or plain bytes. */
const size = z.union([z.number().int().positive(), z.string()]).transform((value, context) => {
  if (typeof value === 'number') return value;
  const [, amount, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)?$/.exec(value.trim()) ?? [];
  const factor = units[unit];
  const bytes = Number(amount) * (factor ?? Number.NaN);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  context.addIssue({ code: 'custom', message: `"${value}" is not a size; write for example 64 GiB or 500 GB.` });
  return z.NEVER;
});

const key = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'is a word of small letters, digits and dashes.');
const text = z.string().min(1).max(200);
const ipv4 = z.string().refine((value) => parseIpv4(value) !== undefined, 'is not an IPv4 address.');
const cidr = z.string().refine((value) => parseCidr(value) !== undefined, 'is not a network such as 10.1.0.0/24.');
const maxRole = z.enum(['viewer', 'test-operator', 'operator', 'admin']);

const organizationEntry = z.strictObject({
  /** How this file refers to it. */
  key,
  name: text,
  kind: z.enum(organizationKinds),
  /** The key of the organization above; absent for the provider only. */
  parent: key.optional(),
  /** The organization's id at the identity provider. */
  identityId: text.optional(),
  externalId: text.optional(),
  /** Cuts what an organization above may do here and below. */
  delegations: z.array(z.strictObject({ delegate: key, maxRole, expiresAt: z.iso.datetime().optional() })).default([]),
});

const networkEntry = z.strictObject({
  organization: key,
  site: text,
  name: text,
  kind: z.enum(['PRODUCTION', 'TEST']).default('PRODUCTION'),
  vlanId: z.number().int().min(1).max(4094),
  cidr,
  gateway: ipv4,
  /** The part of the network that is set aside for replication targets. */
  targetAddresses: z.strictObject({ first: ipv4, last: ipv4 }).optional(),
});

const targetPlanEntry = z.strictObject({
  site: text,
  name: text,
  description: text.optional(),
  cpuCount: z.number().int().positive(),
  memory: size,
  storage: size,
  storageClass: text,
  maxProtectedVms: z.number().int().positive().optional(),
});

const principalEntry = z.strictObject({ organization: key, site: text, account: text });

const catalogueFile = z.strictObject({
  organizations: z.array(organizationEntry).default([]),
  networks: z.array(networkEntry).default([]),
  targetPlans: z.array(targetPlanEntry).default([]),
  productionPrincipals: z.array(principalEntry).default([]),
});

export type Catalogue = z.infer<typeof catalogueFile>;
export type OrganizationEntry = Catalogue['organizations'][number];

/**
 * Reads a catalogue and checks it as a whole, against the configured sites.
 * @throws Error that names every fault with its place in the file.
 */
export function parseCatalogue(yaml: string, siteIds: readonly string[], fileName: string): Catalogue {
  let document: unknown;
  try {
    document = parse(yaml);
  } catch (cause) {
    throw new Error(`${fileName} is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const parsed = catalogueFile.safeParse(document ?? {});
  const faults = parsed.success
    ? faultsOf(parsed.data, siteIds)
    : parsed.error.issues.map((issue) => `${place(issue.path)}: ${issue.message}`);
  if (!parsed.success || faults.length > 0) {
    throw new Error(`${fileName} cannot be applied:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
  return parsed.data;
}

function place(path: readonly PropertyKey[]): string {
  return (
    path
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .slice(1) || 'the file'
  );
}

/** What no single entry shows: references, doubles, depth. */
function faultsOf(catalogue: Catalogue, siteIds: readonly string[]): string[] {
  const faults: string[] = [];
  const { organizations } = catalogue;
  const byKey = new Map(organizations.map((entry) => [entry.key, entry]));
  const knows = (where: string, name: string) => {
    if (!byKey.has(name)) faults.push(`${where}: there is no organization with the key "${name}" in this file.`);
  };
  const atSite = (where: string, site: string) => {
    if (!siteIds.includes(site))
      faults.push(`${where}.site: "${site}" is not configured; there are ${siteIds.join(', ')}.`);
  };
  for (const [name, count] of counts(organizations.map((entry) => entry.key))) {
    if (count > 1) faults.push(`organizations: the key "${name}" is used ${count} times.`);
  }
  for (const [name, count] of counts(organizations.flatMap((entry) => entry.identityId ?? []))) {
    if (count > 1) faults.push(`organizations: the identityId "${name}" is used ${count} times.`);
  }
  for (const [index, entry] of organizations.entries()) {
    const where = `organizations[${index}]`;
    if (entry.kind === 'PROVIDER' ? entry.parent !== undefined : entry.parent === undefined) {
      faults.push(`${where}: the provider has no parent, and every other organization has one.`);
    }
    if (entry.parent !== undefined) knows(`${where}.parent`, entry.parent);
    const above = ancestorsOf(entry, byKey);
    if (!above) faults.push(`${where}: its parents go round in a circle.`);
    if (above && above.length > maxOrganizationDepth) {
      faults.push(`${where}: lies more than ${maxOrganizationDepth} levels below the provider.`);
    }
    if (entry.parent !== undefined && byKey.get(entry.parent)?.kind === 'TENANT') {
      faults.push(`${where}.parent: a tenant has no organizations below it.`);
    }
    for (const { delegate } of entry.delegations) {
      knows(`${where}.delegations`, delegate);
      if (above && byKey.has(delegate) && !above.includes(delegate)) {
        faults.push(`${where}.delegations: "${delegate}" does not lie above "${entry.key}".`);
      }
    }
  }
  for (const [index, { organization, site, targetAddresses, ...network }] of catalogue.networks.entries()) {
    const where = `networks[${index}]`;
    knows(`${where}.organization`, organization);
    atSite(where, site);
    const range = targetAddresses ?? { first: network.gateway, last: network.gateway };
    const fault = faultOfPool({ ...network, ...range });
    if (fault !== undefined) faults.push(`${where}: ${fault}`);
  }
  for (const [vlan, count] of counts(catalogue.networks.map(({ site, vlanId }) => `${vlanId} of site ${site}`))) {
    if (count > 1) faults.push(`networks: VLAN ${vlan} is used ${count} times.`);
  }
  for (const [index, { site }] of catalogue.targetPlans.entries()) atSite(`targetPlans[${index}]`, site);
  for (const [index, { organization, site }] of catalogue.productionPrincipals.entries()) {
    knows(`productionPrincipals[${index}].organization`, organization);
    atSite(`productionPrincipals[${index}]`, site);
  }
  return faults;
}

function ancestorsOf(entry: OrganizationEntry, byKey: ReadonlyMap<string, OrganizationEntry>): string[] | undefined {
  const above: string[] = [];
  for (let parent = entry.parent; parent !== undefined; parent = byKey.get(parent)?.parent) {
    if (above.includes(parent) || parent === entry.key) return undefined;
    above.push(parent);
  }
  return above;
}

function counts(values: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
}
