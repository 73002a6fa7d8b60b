// One worker process of `steps.ts`: the gateway's own worker, with a workflow whose backend answers at once.
import { openDatabase } from '@bulkhead/gateway/internal/database/database';
import { startWorker } from '@bulkhead/gateway/internal/workflows/worker';
import { ready } from '../runner/answers.ts';
import { noopWorkflow } from './noop-workflow.ts';

const { BENCH_DATABASE_URL: url = '', BENCH_SECRET: secret = '' } = process.env;
const quiet = () => undefined;
const complain = (...told: unknown[]) => void process.stderr.write(`${JSON.stringify(told)}\n`);
const database = openDatabase({ url, secret: Buffer.from(secret, 'base64') });
const worker = await startWorker({
  database,
  definitions: [noopWorkflow],
  retry: { attempts: 5, firstPauseMs: 2000, factor: 2 },
  pollIntervalMs: 1000,
  limits: { powerOnsPerHost: 8, relocationsPerDatastore: 2 },
  log: { debug: quiet, info: quiet, warn: complain, error: complain },
});
const leave = async () => {
  await worker.stop();
  await database.close();
  process.exit(0);
};
process.once('SIGTERM', () => void leave());
ready({});
