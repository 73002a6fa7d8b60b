import type { TestProject } from 'vitest/node';

/** Stands in for the ordinary global setup: the server that the whole run shares has the migrated template already. */
export default function setup(project: TestProject): void {
  const url = process.env['PLANTED_DATABASE_URL'];
  if (url === undefined) throw new Error('There is no PLANTED_DATABASE_URL.');
  project.provide('databaseUrl', url);
}
