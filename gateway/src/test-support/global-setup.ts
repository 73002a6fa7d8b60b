import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from '#postgres';
import type { TestProject } from 'vitest/node';
import { startEmbeddedServer } from '../database/launcher.ts';
import { migrateDatabase } from '../database/migrate.ts';
import { migrateEngine } from '../workflows/dbos.ts';
import { templateName, testSecret } from './scratch-database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
  }
}

/** One embedded server for the whole run, with a migrated template from which each file copies its own database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = join(tmpdir(), `bulkhead-test-${process.pid}`);
  const server = await startEmbeddedServer({ directory, unsafe: true });
  const admin = postgres(server.url, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database ${templateName}`);
  const template = new URL(server.url);
  template.pathname = `/${templateName}`;
  await migrateDatabase({ url: template.href, secret: testSecret, migrateEngine });
  await admin.unsafe(`alter database ${templateName} is_template true allow_connections false`);
  await admin.end();
  project.provide('databaseUrl', server.url);
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
