import ordinary from '../vitest.config.ts';
import { PartReporter } from './planted/part-reporter.ts';

// A few tests of the ordinary suite in a copy of it. Most find a database server that runs already; plugins need none.
const { PLANTED_DATABASE: database, PLANTED_REPORT: report = '' } = process.env;
const globalSetup =
  database === 'own' ? ordinary.test?.globalSetup : database === 'shared' ? ['tools/planted/shared-database.ts'] : [];

export default {
  ...ordinary,
  test: { ...ordinary.test, globalSetup, maxWorkers: 1, reporters: [new PartReporter(report)] },
};
