import { parse, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import { tenantScope } from '../access/scope.ts';
import { memoryDirectory } from '../access/test-support/memory-directory.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { eventually } from '../test-support/eventually.ts';
import { groupedSubscribe, type Subscriber } from './grouped-subscribe.ts';
import { makeMetrics } from './metrics.ts';
import { smallSchema } from './test-support/small-schema.ts';

const document = parse('subscription { numbers }');

interface Joined {
  results: AsyncGenerator<ExecutionResult, void, void>;
  /** What was written to it. */
  written: string[];
  /** From now on the network takes nothing. */
  stall(): void;
  /** It takes what waits, and goes on. */
  flow(): void;
  hasLeft: boolean;
}

async function group() {
  const { schema, world } = smallSchema();
  const subscribers = new WeakMap<GatewayContext, Subscriber>();
  const grouped = groupedSubscribe({
    metrics: makeMetrics(),
    subscriberOf: (context) => {
      const found = subscribers.get(context);
      if (!found) throw new Error('Nobody subscribed with this context.');
      return found;
    },
  });
  const principal = {
    subject: 'somebody',
    displayName: 'Somebody',
    kind: 'PERSON' as const,
    clientId: 'portal',
    issuer: 'https://identity.example/realms/dr',
    expiresAt: new Date(Date.now() + 60_000),
    providerRoles: [],
    grants: [],
  };
  const scope = await tenantScope(principal, memoryDirectory([]));
  const join = async (): Promise<Joined> => {
    const controller = new AbortController();
    // The small schema asks for no services.
    const contextValue = { scope, signal: controller.signal, requestId: 'r', clientId: 'c' } as GatewayContext;
    const waiting: (() => void)[] = [];
    let isStalled = false;
    const joined: Omit<Joined, 'results'> = {
      written: [],
      hasLeft: false,
      stall: () => void (isStalled = true),
      flow: () => {
        isStalled = false;
        for (const taken of waiting.splice(0)) taken();
      },
    };
    subscribers.set(contextValue, {
      send: (body) => {
        joined.written.push(body);
        return isStalled ? new Promise((resolve) => void waiting.push(resolve)) : Promise.resolve();
      },
      abort: () => controller.abort(),
      left: () => void (joined.hasLeft = true),
    });
    const args: ExecutionArgs = { schema, document, contextValue };
    const results = await grouped(args);
    if (!(Symbol.asyncIterator in results)) throw new Error('It did not start.');
    return Object.assign(joined, { results });
  };
  return { world, join };
}

const texts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `{"data":{"numbers":${from + index}}}`);
const settled = (condition: () => boolean) => eventually(async () => (condition() ? true : undefined));

test('events are executed once and written to all of the group', async () => {
  const { world, join } = await group();
  const [one, two] = [await join(), await join()];
  const reading = [one.results.next(), two.results.next()];
  await settled(() => world.running === 2);
  world.publish(1);
  world.publish(2);
  await settled(() => one.written.length === 2 && two.written.length === 2);
  expect([one.written, two.written]).toEqual([texts(1, 2), texts(1, 2)]);
  expect(world.executions).toBe(2);
  for (const { results } of [one, two]) await results.return();
  expect(await Promise.all(reading)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test('a member whose network takes nothing holds nobody up, and misses nothing when it does again', async () => {
  const { world, join } = await group();
  const [stalled, lively] = [await join(), await join()];
  stalled.stall();
  void stalled.results.next();
  void lively.results.next();
  await settled(() => world.running === 2);
  for (let number = 1; number <= 300; number += 1) world.publish(number);
  await settled(() => lively.written.length === 300);
  // One text is on its way; the rest waits where its stream is read from, and is limited there.
  expect(stalled.written).toEqual(texts(1, 1));
  stalled.flow();
  await settled(() => stalled.written.length === 300);
  expect(stalled.written).toEqual(texts(1, 300));
  for (const { results } of [stalled, lively]) await results.return();
});

test.each(['while it waits for an event', 'while its network takes nothing'])(
  'a member that leaves %s ends its stream at once, and no other',
  async (when) => {
    const { world, join } = await group();
    const [one, two] = [await join(), await join()];
    one.stall();
    const waiting = one.results.next();
    void two.results.next();
    await settled(() => world.running === 2);
    if (when.includes('network')) {
      world.publish(1);
      await settled(() => one.written.length === 1);
    }
    await one.results.return();
    await settled(() => world.running === 1);
    expect(one.hasLeft).toBe(true);
    one.flow();
    expect(await waiting).toEqual({ done: true, value: undefined });
    world.publish(2);
    await settled(() => two.written.includes('{"data":{"numbers":2}}'));
    expect(one.written).not.toContain('{"data":{"numbers":2}}');
    await two.results.return();
    await settled(() => world.running === 0);
  },
);

test('whoever joins while the last member leaves gets its events executed', async () => {
  const { world, join } = await group();
  const one = await join();
  await one.results.return();
  const two = await join();
  void two.results.next();
  await settled(() => world.running === 1);
  world.publish(1);
  await settled(() => two.written.length === 1);
  expect(world.executions).toBe(1);
  await two.results.return();
});

test('a result with errors is handed out, since its errors are each subscriber’s own', async () => {
  const { world, join } = await group();
  world.fault = () => new Error('no number');
  const one = await join();
  const result = one.results.next();
  await settled(() => world.running === 1);
  world.publish(-1);
  expect(await result).toMatchObject({ done: false, value: { errors: [{ message: 'no number' }] } });
  expect(one.written).toEqual([]);
  await one.results.return();
});
