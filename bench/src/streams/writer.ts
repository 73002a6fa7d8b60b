// Commits events of operations through the gateway's own event log, as a worker does.
import { setTimeout as sleep } from 'node:timers/promises';
import { housekeepingScope } from '@bulkhead/gateway/internal/access/system-scope';
import { openDatabase } from '@bulkhead/gateway/internal/database/database';
import { appendEvent } from '@bulkhead/gateway/internal/workflows/event-log';
import { queueOperation } from '@bulkhead/gateway/internal/workflows/queue-operation';
import { ready } from '../runner/answers.ts';
import { now } from './clock.ts';

const { BENCH_DATABASE_URL: url = '', BENCH_SECRET: secret = '', BENCH_TENANT: tenantId = '' } = process.env;
const database = openDatabase({ url, secret: Buffer.from(secret, 'base64') });
const scope = housekeepingScope(tenantId, 'bench');

export interface Append {
  operationId: string;
  count: number;
  /** From one to the next, whether anybody has received the one before or not. */
  everyMs: number;
}

export interface Written {
  sequence: number;
  /** The moment at which the transaction was asked to commit. */
  at: number;
}

/** An operation with its first event. No worker runs, so nothing else happens to it. */
async function create(): Promise<string> {
  return database.inScope(scope, (tx) =>
    queueOperation(tx, scope, {
      tenantId,
      kind: 'CHECK_CONNECTIVITY',
      workflow: 'bench',
      input: {},
      requestedBy: { subject: 'bench', displayName: 'Bench', kind: 'SYSTEM', isProvider: false },
      steps: [],
      message: 'Queued.',
    }),
  );
}

async function append({ operationId, count, everyMs }: Append): Promise<Written[]> {
  const written: Written[] = [];
  const begun = now();
  for (let index = 0; index < count; index += 1) {
    await sleep(Math.max(0, begun + index * everyMs - now()));
    written.push(
      await database.inScope(scope, async (tx) => {
        const percent = written.length % 100;
        const sequence = await appendEvent(tx, operationId, {
          key: `progress/${now()}`,
          type: 'STEP_PROGRESS',
          data: { message: 'Moving web01 to its production datastore.', percent },
        });
        if (sequence === undefined) throw new Error(`${operationId} took no event.`);
        return { sequence, at: now() };
      }),
    );
  }
  return written;
}

ready({ create, append });
