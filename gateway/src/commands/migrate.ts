import { readConfiguration } from '../configuration.ts';
import { gatewayLog, openConfiguredDatabase } from '../gateway.ts';
import { seedSites } from '../sites/seed.ts';

/** Brings the database up to date: roles, tables, rights, the engine's schema, and the configured sites' pools. */
export async function migrate(configFile: string): Promise<number> {
  const configuration = await readConfiguration(configFile);
  const opened = await openConfiguredDatabase(configuration, gatewayLog(configuration));
  try {
    await seedSites(opened.database, configuration.sites);
  } finally {
    await opened.close();
  }
  process.stdout.write('The database is up to date.\n');
  return 0;
}
