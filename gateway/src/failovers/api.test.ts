import 'reflect-metadata';
import { execute, parse, subscribe, validate, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantScope } from '../access/scope.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { gatewaySchema } from '../server/schema.ts';
import { eventually } from '../test-support/eventually.ts';
import { scopeOf } from '../test-support/people.ts';
import { silentLog } from '../test-support/silent-log.ts';
import { openEventFeed, type EventFeed } from '../workflows/event-feed.ts';
import { startWorker, type Worker } from '../workflows/worker.ts';
import { failoverFixture, failoverStage, key, names, type Fixture, type Stage } from './test-support/fixture.ts';
import { failoverWorkflows } from './workflows.ts';

// The API, the durable engine and the doubles together: what a portal does, from the list of machines to the commit.

let fixture: Fixture;
let stage: Stage;
let schema: GraphQLSchema;
let feed: EventFeed;
let worker: Worker;

beforeAll(async () => {
  fixture = await failoverFixture();
  stage = failoverStage(fixture);
  schema = await gatewaySchema();
  feed = await openEventFeed(fixture.database);
  worker = await startWorker({
    database: fixture.database,
    definitions: failoverWorkflows(stage.services),
    retry: { attempts: 3, firstPauseMs: 5, factor: 1 },
    pollIntervalMs: 10,
    limits: { powerOnsPerHost: 8, relocationsPerDatastore: 2 },
    log: silentLog,
  });
});
afterAll(async () => {
  await worker.stop(2000);
  await feed.close();
  await fixture.drop();
});

function contextOf(scope: TenantScope, signal: AbortSignal): GatewayContext {
  const { database, sealer } = fixture;
  const gateway = { database, sites: stage.double.sites, feed, sealer };
  return { scope, signal, gateway, requestId: 'req-api', clientId: 'bulkhead-portal' };
}

async function ask(text: string, variableValues: Record<string, unknown> = {}, scope = fixture.ada) {
  const document = parse(text);
  expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
  const contextValue = contextOf(scope, AbortSignal.timeout(20_000));
  const result = await execute({ schema, document, variableValues, contextValue });
  expect(result.errors ?? []).toEqual([]);
  // GraphQL's own type of this is `unknown`; each test looks at what it asked for.
  return JSON.parse(JSON.stringify(result.data));
}

const failoverQuery = /* GraphQL */ `
  query Failover($id: ID!) {
    failover(id: $id) {
      __typename
      id
      kind
      status
      type
      phase
      outcome
      pauseReason
      percent
      sequence
      eventCursor
      relocation
      commitPolicy
      requestedBy {
        displayName
      }
      organization {
        name
      }
      targets {
        name
        protectedVms {
          totalCount
        }
      }
      steps {
        name
        title
        state
        attempt
      }
      problem {
        code
        message
        remedy
      }
      vmCounts {
        state
        count
      }
      rto {
        achieved
        status
      }
      allowedOperations {
        name
        allowed
        code
        reason
      }
      events(first: 3) {
        nodes {
          sequence
          type
          message
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      vms(first: 2) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          name
          state
          percent
          sequence
          ioLocation
          ipAddresses
          poweredOnAt
          bootGroup
          nics {
            nic {
              key
              label
              macAddress
              sourceNetworkName
            }
            network {
              name
            }
            connected
            macAddress
          }
          vm {
            name
            state
            currentFailover {
              id
            }
            allowedOperations(names: ["startFailover"]) {
              name
              allowed
              code
            }
          }
          steps {
            name
            state
          }
          restorePoint {
            id
          }
          failover {
            id
          }
          problem {
            code
          }
        }
      }
    }
  }
`;

test('serves a failover from the list of machines to its commit', async () => {
  const { target } = await stage.site();
  const listed = await ask(
    /* GraphQL */ `
      query Machines($targetId: ID!) {
        protectedVms(first: 2, targetId: $targetId, states: [PROTECTED]) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            name
            state
            replicationHealth
            activeSide
            testState
            guestOs
            cpuCount
            memory
            disks {
              label
              capacity
            }
            nics {
              key
              label
              macAddress
              sourceNetworkName
            }
            target {
              name
            }
            latestRestorePoint {
              id
              isLatest
            }
            rpo {
              achieved
              status
              objective
            }
            restorePoints(first: 1) {
              nodes {
                id
                createdAt
                description
                isLatest
              }
              pageInfo {
                hasNextPage
              }
            }
            currentFailover {
              id
            }
            allowedOperations {
              name
              allowed
              code
              reason
            }
          }
        }
      }
    `,
    { targetId: target.id },
  );
  expect(listed['protectedVms']).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
  expect(listed['protectedVms'].nodes.map(({ name }: { name: string }) => name)).toEqual(['app01', 'db01']);
  const [first] = listed['protectedVms'].nodes;
  expect(first).toMatchObject({
    state: 'PROTECTED',
    memory: String(4 * 2 ** 30),
    latestRestorePoint: { isLatest: true },
    restorePoints: { pageInfo: { hasNextPage: true } },
    rpo: { status: 'NO_OBJECTIVE', achieved: expect.stringMatching(/^P/) },
    currentFailover: null,
    allowedOperations: [
      { name: 'startFailover', allowed: true, code: null, reason: null },
      { name: 'startTestFailover', allowed: true, code: null, reason: null },
    ],
  });

  const input = {
    idempotencyKey: key(),
    selection: { targetIds: [target.id], networkId: fixture.seeded.acme.networkId },
    confirm: target.name,
    reason: 'The site is under water.',
  };
  const mutation = /* GraphQL */ `
    mutation Start($input: StartFailoverInput!) {
      startFailover(input: $input) {
        failover {
          id
          phase
          eventCursor
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `;
  const refused = await ask(mutation, { input: { ...input, confirm: 'no' } });
  expect(refused['startFailover']).toMatchObject({
    failover: null,
    userErrors: [{ code: 'CONFIRMATION_MISMATCH', field: ['confirm'] }],
  });
  const started = await ask(mutation, { input });
  const { id, eventCursor } = started['startFailover'].failover;
  expect(started['startFailover'].userErrors).toEqual([]);

  const watching = new AbortController();
  const events = await subscribe({
    schema,
    document: parse(/* GraphQL */ `
      subscription Watch($id: ID!, $after: Cursor) {
        operationEvents(operationId: $id, after: $after) {
          __typename
          cursor
          occurredAt
          organizationId
          message
          sequence
          type
          operationId
          kind
          status
          phase
          percent
          deadline
          vm {
            failoverVmId
            name
            state
            ioLocation
          }
          step {
            name
            title
            state
            attempt
          }
          stepOfFailoverVmId
          problem {
            code
          }
        }
      }
    `),
    variableValues: { id, after: eventCursor },
    contextValue: contextOf(fixture.ada, watching.signal),
  });
  if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
  const seen: ReturnType<typeof JSON.parse>[] = [];
  const watched = (async () => {
    for await (const result of events) seen.push(result.data?.['operationEvents'] ?? result);
  })();

  const live = await eventually(async () => {
    const { failover } = await ask(failoverQuery, { id });
    // A machine is SETTLED before the share is given back, which are steps of its own.
    const isSettled = failover.vms.nodes.every((vm: { steps: { state: string }[] }) =>
      vm.steps.every(({ state }) => state === 'SUCCEEDED'),
    );
    // The page holds two machines; the third is told by the counts.
    const areAll = failover.vmCounts.every((one: { state: string }) => one.state === 'SETTLED');
    return failover.phase === 'LIVE' && isSettled && areAll ? failover : undefined;
  });
  expect(live).toMatchObject({
    __typename: 'Failover',
    status: 'WAITING',
    percent: 100,
    requestedBy: { displayName: 'Ada' },
    vmCounts: [{ state: 'SETTLED', count: 3 }],
    rto: { status: 'NO_OBJECTIVE', achieved: expect.stringMatching(/^PT/) },
    allowedOperations: [
      { name: 'commitFailover', allowed: true },
      { name: 'undoFailover', allowed: true },
      { name: 'cancelFailover', allowed: false, code: 'NOT_ALLOWED_IN_PHASE' },
      { name: 'pauseFailover', allowed: false, code: 'NOT_ALLOWED_IN_PHASE' },
      { name: 'resumeFailover', allowed: false, code: 'NOT_ALLOWED_IN_PHASE' },
      { name: 'retryFailover', allowed: false, code: 'NOT_ALLOWED_IN_PHASE' },
      { name: 'cleanUpTestFailover', allowed: false, code: 'NOT_ALLOWED_IN_PHASE' },
      { name: 'extendTestFailover', allowed: false, code: 'NOT_ALLOWED_IN_PHASE' },
      { name: 'skipVms', allowed: false, code: 'NOT_ALLOWED_IN_PHASE' },
    ],
    vms: { totalCount: 3, pageInfo: { hasNextPage: true } },
  });
  for (const vm of live.vms.nodes) {
    expect(vm).toMatchObject({
      state: 'SETTLED',
      ioLocation: 'PRODUCTION_STORAGE',
      ipAddresses: ['10.1.0.50'],
      nics: [{ network: { name: 'Acme GmbH servers' }, connected: true }],
      vm: { state: 'FAILED_OVER', currentFailover: { id }, allowedOperations: [{ allowed: false, code: 'VM_BUSY' }] },
    });
  }
  // The rest of the machines are behind the cursor.
  const rest = await ask(
    `query Rest($id: ID!, $after: Cursor) { failover(id: $id) { vms(after: $after) { nodes { name } } } }`,
    {
      id,
      after: live.vms.pageInfo.endCursor,
    },
  );
  expect(rest['failover'].vms.nodes).toHaveLength(1);

  const committed = await ask(
    `mutation Commit($input: CommitFailoverInput!) { commitFailover(input: $input) { failover { phase } userErrors { code } } }`,
    { input: { idempotencyKey: key(), failoverId: id } },
  );
  expect(committed['commitFailover']).toEqual({ failover: { phase: 'COMMITTING' }, userErrors: [] });
  // The stream ends by itself behind FINISHED.
  await watched;
  const [before] = seen;
  // The worker may have begun before the payload was read.
  expect(before.sequence).toBeGreaterThan(1);
  expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, index) => index + before.sequence));
  expect(seen.at(-1)).toMatchObject({ type: 'FINISHED', phase: 'COMMITTED', status: 'SUCCEEDED' });
  expect(new Set(seen.map(({ phase }) => phase).filter(Boolean))).toEqual(
    new Set(['PREFLIGHT', 'RUNNING', 'LIVE', 'COMMITTING', 'COMMITTED']),
  );
  const lives = seen.filter(({ vm }) => vm?.state === 'LIVE').map(({ vm }) => vm.name);
  expect(new Set(lives)).toEqual(new Set(names));
  expect(lives).toHaveLength(names.length);
  const { operation, operations } = await ask(
    `query Ops($id: ID!) { operation(id: $id) { __typename status ... on Failover { outcome } } operations(kinds: [FAILOVER]) { nodes { __typename id } totalCount } }`,
    { id },
  );
  expect(operation).toEqual({ __typename: 'Failover', status: 'SUCCEEDED', outcome: 'FULL' });
  expect(operations.nodes).toContainEqual({ __typename: 'Failover', id });
});

test('shows another tenant nothing of it, exactly as if it did not exist', async () => {
  const { target, vmOf } = await stage.site(['solo01']);
  const { failoverId } = (await stage.start(stage.all(target))) as { failoverId: string };
  const ben = await scopeOf(fixture.database, 'Ben', { identityId: fixture.seeded.globex.identityId });
  const query = `query Probe($fo: ID!, $vm: ID!) { failover(id: $fo) { id } operation(id: $fo) { id } protectedVm(id: $vm) { id } failovers { nodes { id } totalCount } protectedVms { totalCount } }`;
  const foreign = await ask(query, { fo: failoverId, vm: vmOf('solo01') }, ben);
  const missing = await ask(query, { fo: 'fo_01jzzzzzzzzzzzzzzzzzzzzzzz', vm: 'vm_01jzzzzzzzzzzzzzzzzzzzzzzz' }, ben);
  expect(foreign).toEqual(missing);
  expect(foreign['failover']).toBeNull();
  const watch = async (id: string) => {
    const events = await subscribe({
      schema,
      document: parse(`subscription ($id: ID!) { operationEvents(operationId: $id) { sequence } }`),
      variableValues: { id },
      contextValue: contextOf(ben, AbortSignal.timeout(5000)),
    });
    if (!(Symbol.asyncIterator in events)) return JSON.stringify(events);
    return events.next().then(
      (result) => JSON.stringify(result),
      (error: unknown) => String(error),
    );
  };
  expect(await watch(failoverId)).toBe(await watch('fo_01jzzzzzzzzzzzzzzzzzzzzzzz'));
  expect(await watch(failoverId)).toContain('Not found.');
});
