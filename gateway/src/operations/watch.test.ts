import 'reflect-metadata';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { housekeepingScope } from '../access/system-scope.ts';
import type { GatewayContext, GatewayServices } from '../graphql/context.ts';
import { organization } from '../organizations/table.ts';
import { eventually } from '../test-support/eventually.ts';
import { scopeOf } from '../test-support/people.ts';
import { freshDatabase, type ScratchDatabase } from '../test-support/scratch-database.ts';
import { seed, type Seeded } from '../test-support/seed.ts';
import { openEventFeed, type EventFeed } from '../workflows/event-feed.ts';
import { appendEvent } from '../workflows/event-log.ts';
import { queueOperation } from '../workflows/queue-operation.ts';
import { watchOperation } from './watch.ts';

let scratch: ScratchDatabase;
let seeded: Seeded;
let feed: EventFeed;
let gateway: GatewayServices;
let operationId: string;

beforeAll(async () => {
  scratch = await freshDatabase();
  seeded = await seed(scratch.database);
  feed = await openEventFeed(scratch.database);
  // Watching asks for these two only.
  gateway = { database: scratch.database, feed } as GatewayServices;
  const { acme } = seeded;
  const scope = housekeepingScope(acme.id, 'test');
  operationId = await scratch.database.inScope(scope, (tx) =>
    queueOperation(tx, scope, {
      tenantId: acme.id,
      kind: 'CHECK_CONNECTIVITY',
      workflow: 'nobody runs it',
      input: {},
      requestedBy: { subject: 's', displayName: 'Ada', kind: 'PERSON', isProvider: false },
      steps: [],
      message: 'Asked for.',
    }),
  );
});
afterEach(() => vi.useRealTimers());
afterAll(async () => {
  await feed.close();
  await scratch.drop();
});

async function contextOf(identityId: string, signal = new AbortController().signal): Promise<GatewayContext> {
  const scope = await scopeOf(scratch.database, 'vic', { identityId, role: 'VIEWER' });
  return { scope, signal, gateway, requestId: 'req-watch', clientId: 'bulkhead-portal' };
}

const setState = (organizationId: string, state: 'ACTIVE' | 'CLOSED') =>
  scratch.database.asMaintenance((tx) =>
    tx.update(organization).set({ state }).where(eq(organization.id, organizationId)),
  );

test('all streams of a reach end at the next look once it is lost, as what does not exist; one that is kept goes on', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { acme } = seeded;
  const streams = await Promise.all(
    [1, 2].map(async () => watchOperation(await contextOf(acme.identityId), operationId, null)),
  );
  for (const stream of streams) expect(await stream.next()).toMatchObject({ value: { sequence: 1 } });
  const next = streams.map((stream) => stream.next());
  vi.advanceTimersByTime(60_000);
  const scope = housekeepingScope(acme.id, 'test');
  await scratch.database.inScope(scope, (tx) =>
    appendEvent(tx, operationId, { key: 'kept', type: 'STEP_PROGRESS', data: { message: 'On it.' } }),
  );
  for (const step of await Promise.all(next)) expect(step).toMatchObject({ value: { sequence: 2 } });

  const refused = streams.map((stream) => stream.next().catch((error: unknown) => error));
  await setState(acme.id, 'CLOSED');
  try {
    vi.advanceTimersByTime(60_000);
    for (const error of await Promise.all(refused)) {
      expect(error).toMatchObject({ code: 'NOT_FOUND', detail: expect.stringContaining('no longer') });
    }
    for (const stream of streams) expect(await stream.next()).toMatchObject({ done: true });
  } finally {
    await setState(acme.id, 'ACTIVE');
  }
});

test('a foreign operation is answered as a missing one', async () => {
  const stranger = await contextOf(seeded.globex.identityId);
  const answers = await Promise.all(
    [operationId, 'op_missing'].map((id) =>
      watchOperation(stranger, id, null)
        .next()
        .catch((error: { code: string; message: string }) => [error.code, error.message]),
    ),
  );
  expect(answers[0]).toEqual(answers[1]);
});

test('a stream that is left before its first event, or whose caller goes away, ends', async () => {
  const leaving = new AbortController();
  const context = await contextOf(seeded.acme.identityId, leaving.signal);
  const left = watchOperation(context, operationId, null);
  const first = left.next();
  await left.return?.();
  expect(await first).toMatchObject({ done: true });

  const stream = watchOperation(context, operationId, null);
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { sequence } of stream) seen.push(sequence);
  })();
  await eventually(async () => (seen.length > 0 ? true : undefined));
  leaving.abort();
  await reading;
});
