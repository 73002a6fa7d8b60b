import { sql } from 'drizzle-orm';
import type { World } from './world.ts';

/** The provider's half of a tenant's things, and what of it the tenant may know all the same. */
const providerTables = ['target_host', 'target_account', 'failover_placement', 'mount', 'reservation'];
const alsoTheTenants = [
  'tenant_id',
  'target_id',
  'failover_id',
  'failover_vm_id',
  'site_id',
  'user_name',
  'kind',
  'state',
];

/** What only the provider may read: where its equipment is, what it is called, and what opens it. */
export async function providerTexts({ lab, gateway }: World): Promise<string[]> {
  const { block, vcenter, nexentastor, ovn } = lab;
  const { hosts } = vcenter.snapshotOfWorld();
  const fixed = [
    // Management addresses of every nested host, gateway and service.
    `127.${block.octet}.66.`,
    `127.${block.octet}.0.`,
    ovn.url,
    nexentastor.rootDataset,
    ...hosts.map(({ name }) => name),
    ...hosts.flatMap(({ datastores }) => datastores.filter(({ kind }) => kind === 'VMFS').map(({ name }) => name)),
    vcenter.certificate.sha256,
    nexentastor.certificate.sha256,
    nexentastor.credentials.password,
    vcenter.credentials.principalPassword,
    ...[vcenter.credentials.administrator, vcenter.credentials.service].flatMap(({ userName, password }) => [
      userName,
      password,
    ]),
    vcenter.credentials.templateRoot.password,
  ];
  const kept = await gateway.database.asMaintenance(async (tx) => {
    const texts: string[] = [];
    for (const name of providerTables) {
      const rows = await tx.execute(sql`select * from ${sql.identifier(name)}`);
      for (const row of rows) {
        for (const [column, value] of Object.entries(row)) {
          // Sizes and moments are nobody's secret, and the same ones are elsewhere.
          if (typeof value === 'string' && /[a-z]/i.test(value) && !alsoTheTenants.includes(column)) texts.push(value);
        }
      }
    }
    return texts;
  });
  return [...new Set([...fixed, ...kept])].filter((text) => text.length >= 4);
}

/** All rows of all tables of which `bulkhead_tenant` may read anything, by table. */
export async function readableRows({ gateway }: World): Promise<Map<string, string>> {
  return gateway.database.asMaintenance(async (tx) => {
    const tables = await tx.execute<{ name: string }>(sql`
      select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind = 'r' and has_table_privilege('bulkhead_tenant', c.oid, 'select')`);
    const found = new Map<string, string>();
    for (const { name } of tables) {
      const rows = await tx.execute(sql`select * from ${sql.identifier(name)}`);
      found.set(name, JSON.stringify([...rows]));
    }
    return found;
  });
}
