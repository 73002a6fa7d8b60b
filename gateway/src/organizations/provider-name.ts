import { eq } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { organization } from './table.ts';

/** The provider's name: the one thing about it that everybody may know. */
export async function findProviderName(database: Database): Promise<string> {
  const [row] = await database.asMaintenance((tx) =>
    tx.select({ name: organization.name }).from(organization).where(eq(organization.kind, 'PROVIDER')).limit(1),
  );
  return row?.name ?? 'The provider';
}
