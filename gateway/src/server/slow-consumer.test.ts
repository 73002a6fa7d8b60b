import 'reflect-metadata';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { housekeepingScope } from '../access/system-scope.ts';
import type { GatewayServices } from '../graphql/context.ts';
import { organizationDirectory } from '../organizations/directory.ts';
import { eventually } from '../test-support/eventually.ts';
import { freshDatabase, type ScratchDatabase } from '../test-support/scratch-database.ts';
import { seed, type SeededTenant } from '../test-support/seed.ts';
import { silentLog } from '../test-support/silent-log.ts';
import { openEventFeed, type EventFeed } from '../workflows/event-feed.ts';
import { eventChannel } from '../workflows/event-log.ts';
import { queueOperation } from '../workflows/queue-operation.ts';
import { gatewaySchema } from './schema.ts';
import { startServer, type RunningServer } from './server.ts';
import { signedInSocket, type RawSocket } from './test-support/raw-socket.ts';

// From the log to the socket: the feed, the groups and the network together, with a client that stops reading.

let scratch: ScratchDatabase;
let feed: EventFeed;
let server: RunningServer;
let acme: SeededTenant;

beforeAll(async () => {
  scratch = await freshDatabase();
  ({ acme } = await seed(scratch.database));
  feed = await openEventFeed(scratch.database);
  const principal = {
    subject: 'vic',
    displayName: 'Vic',
    kind: 'PERSON' as const,
    clientId: 'portal',
    issuer: 'https://identity.example/realms/dr',
    expiresAt: new Date(Date.now() + 600_000),
    providerRoles: [],
    grants: [{ identityId: acme.identityId, role: 'VIEWER' as const }],
  };
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    allowedOrigins: [],
    schema: await gatewaySchema(),
    signIn: { verifier: { verify: async () => principal }, directory: organizationDirectory(scratch.database) },
    // Events of an operation ask for these two only.
    services: { database: scratch.database, feed } as GatewayServices,
    log: silentLog,
    readiness: async () => [],
  });
});
afterAll(async () => {
  await server.close();
  await feed.close();
  await scratch.drop();
});

const text = /* GraphQL */ `
  subscription ($id: ID!, $after: Cursor) {
    operationEvents(operationId: $id, after: $after) {
      sequence
      message
    }
  }
`;

function sequencesOf({ frames }: RawSocket, id: string): number[] {
  return frames.flatMap((frame) => {
    // The subscription above asks for it.
    const payload = frame.payload as { data?: { operationEvents: { sequence: number } } } | undefined;
    return frame.id === id && frame.type === 'next' && payload?.data ? [payload.data.operationEvents.sequence] : [];
  });
}

test('a client that stops reading loses its stream only, and resumes where the error says', async () => {
  const scope = housekeepingScope(acme.id, 'test');
  const { database } = scratch;
  const operationId = await database.inScope(scope, (tx) =>
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
  // What the kernel holds for a stalled client is limited in bytes: large events reach the end of it soon.
  const message = 'x'.repeat(32 * 1024);
  let last = 1;
  const append = (count: number) =>
    database.inScope(scope, async (tx) => {
      await tx.execute(sql`
        insert into operation_event (operation_id, sequence, tenant_id, key, type, data)
        select ${operationId}, n, ${acme.id}, 'large/' || n, 'STEP_PROGRESS',
          jsonb_build_object('kind', 'CHECK_CONNECTIVITY', 'status', 'QUEUED', 'message', ${message}::text)
        from generate_series(${last + 1}::int, ${last + count}::int) as n`);
      await tx.execute(sql`update operation set last_sequence = ${last + count} where id = ${operationId}`);
      await tx.execute(sql`select pg_notify(${eventChannel}, ${`${operationId}:${last + count}`})`);
      last += count;
    });
  const [stalled, lively] = [await signedInSocket(server.url, 'vic'), await signedInSocket(server.url, 'vic')];
  for (const raw of [stalled, lively]) {
    raw.subscribe('1', text, { id: operationId });
    await raw.frame(({ type }) => type === 'next');
  }

  stalled.socket.pause();
  // Far more than the network and the queue hold. The other one keeps up.
  for (let round = 0; round < 10; round += 1) {
    await append(100);
    await eventually(async () => (sequencesOf(lively, '1').at(-1) === last ? true : undefined));
  }
  expect(sequencesOf(lively, '1')).toEqual(Array.from({ length: last }, (_, index) => index + 1));

  stalled.socket.resume();
  const error = await stalled.frame(({ type }) => type === 'error');
  const seen = sequencesOf(stalled, '1');
  expect(seen.length).toBeGreaterThan(256);
  expect(seen.length).toBeLessThan(last);
  expect(error).toMatchObject({ id: '1', payload: [{ extensions: { code: 'SLOW_CONSUMER', retryable: true } }] });
  // As above: the error's own form.
  const [{ extensions }] = error.payload as [{ extensions: { cursor: string } }];

  stalled.subscribe('2', text, { id: operationId, after: extensions.cursor });
  await eventually(async () => (sequencesOf(stalled, '2').at(-1) === last ? true : undefined));
  expect([...seen, ...sequencesOf(stalled, '2')]).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  for (const raw of [stalled, lively]) raw.socket.terminate();
});
