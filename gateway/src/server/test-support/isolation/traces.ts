import { sql } from 'drizzle-orm';
import { requestId, type World } from './world.ts';

/** Tables that only say what was done or tried; everything else must stay as it is when something is refused. */
const logs = ['audit_entry', 'operation_event'];

/** How many rows there are and how much the datacentre was asked to change: two that are equal had no effect between them. */
export async function effectsOf({ gateway, lab }: World): Promise<string> {
  const rows = await gateway.database.asMaintenance((tx) =>
    tx.execute<{ name: string; count: string }>(sql`
      select c.relname as name,
        (xpath('/row/c/text()', query_to_xml(format('select count(*) as c from %I', c.relname), false, true, '')))[1]::text as count
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind = 'r' order by 1`),
  );
  const counts = [...rows].filter(({ name }) => !logs.includes(name)).map(({ name, count }) => `${name}=${count}`);
  return [...counts, `journal=${lab.journal.entries.length}`].join(' ');
}

/**
 * Every text in the rows of organizations other than `seen`, as long as none of the organizations in `seen` has it as
 * well: none of these may ever be in an answer.
 */
export async function foreignTexts({ gateway }: World, seen: readonly string[]): Promise<string[]> {
  return gateway.database.asMaintenance(async (tx) => {
    const organizations = await tx.execute<{ id: string; name: string }>(sql`select id, name from organization`);
    const own = new Set([...organizations].filter(({ name }) => seen.includes(name)).map(({ id }) => id));
    const tables = await tx.execute<{ name: string }>(sql`
      select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'tenant_id'`);
    const [ours, theirs] = [new Set<string>(), new Set<string>()];
    for (const { name } of tables) {
      const rows = await tx.execute(sql`select * from ${sql.identifier(name)}`);
      for (const row of rows) {
        const into = own.has(String(row['tenant_id'])) ? ours : theirs;
        for (const text of textsOf(row)) into.add(text);
      }
    }
    // What has no owner is everybody's: plans and sites.
    for (const name of ['site', 'target_plan']) {
      const rows = await tx.execute(sql`select * from ${sql.identifier(name)}`);
      for (const row of rows) for (const text of textsOf(row)) ours.add(text);
    }
    return [...theirs].filter((text) => !ours.has(text));
  });
}

/** Texts that say something: words of a state machine are everybody's, and so short ones prove nothing. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') {
    const isSaid = value.length >= 8 && value !== requestId && !/^[A-Z_]+$/.test(value);
    return isSaid ? [value] : [];
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.values(value).flatMap(textsOf);
}
