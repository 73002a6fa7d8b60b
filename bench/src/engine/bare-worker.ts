// One worker process of `steps.ts`: the engine alone with its own pool, otherwise set up as the gateway sets it up, without ledger
// and events.
import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { ready } from '../runner/answers.ts';
import { bareQueue, bareVersion, bareWorkflowName } from './bare-engine.ts';

const { BENCH_DATABASE_URL: url = '' } = process.env;

DBOS.registerWorkflow(
  async (steps: number) => {
    for (let index = 1; index <= steps; index += 1) {
      // What the gateway's checkpoints keep of such a step.
      await DBOS.runStep(async () => ({ ok: true, result: null }), { name: `run/step-${index}` });
    }
  },
  { name: bareWorkflowName },
);
DBOS.setConfig({
  name: 'bulkhead',
  systemDatabaseUrl: url,
  systemDatabasePoolSize: 12,
  executorID: randomUUID(),
  applicationVersion: bareVersion,
  enablePatching: true,
  logLevel: 'error',
});
await DBOS.launch();
await DBOS.registerQueue(bareQueue, { workerConcurrency: 100, minPollingIntervalMs: 200 });
process.once('SIGTERM', () => void DBOS.shutdown().then(() => process.exit(0)));
ready({});
