import { randomBytes } from 'node:crypto';
import postgres from '#postgres';
import { inject } from 'vitest';
import { openDatabase, type Database } from '../database/database.ts';

export const templateName = 'template_bulkhead';
export const testSecret = Buffer.alloc(32, 7);

export interface ScratchDatabase {
  database: Database;
  /** The administrative login, for what a test looks at behind the scenes and for processes that it starts. */
  url: string;
  drop(): Promise<void>;
}

/** A migrated database of one's own, gone with `drop`. */
export async function freshDatabase(): Promise<ScratchDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const server = inject('databaseUrl');
  const admin = postgres(server, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database ${name} template ${templateName}`);
  const own = new URL(server);
  own.pathname = `/${name}`;
  const database = openDatabase({ url: own.href, secret: testSecret });
  return {
    database,
    url: own.href,
    async drop() {
      await database.close();
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
