import { parse, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import { tenantScope } from '../access/scope.ts';
import { memoryDirectory } from '../access/test-support/memory-directory.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { eventually } from '../test-support/eventually.ts';
import { groupedSubscribe } from './grouped-subscribe.ts';
import { makeMetrics } from './metrics.ts';
import { smallSchema } from './test-support/small-schema.ts';

type Results = AsyncGenerator<ExecutionResult, void, void>;

const document = parse('subscription { numbers }');

async function group() {
  const { schema, world } = smallSchema();
  const aborts = new WeakMap<GatewayContext, AbortController>();
  const left: GatewayContext[] = [];
  const grouped = groupedSubscribe({
    metrics: makeMetrics(),
    abortOf: (context) => () => aborts.get(context)?.abort(),
    onLeave: (context) => left.push(context),
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
  const join = async (): Promise<Results> => {
    const controller = new AbortController();
    // The small schema asks for no services.
    const contextValue = { scope, signal: controller.signal, requestId: 'r', clientId: 'c' } as GatewayContext;
    aborts.set(contextValue, controller);
    const args: ExecutionArgs = { schema, document, contextValue };
    const results = await grouped(args);
    if (!(Symbol.asyncIterator in results)) throw new Error('It did not start.');
    return results;
  };
  return { world, join, left };
}

const value = ({ value: result }: IteratorResult<ExecutionResult, void>) => result?.data?.['numbers'];

test('a member that does not read loses only itself: 256 results, then SLOW_CONSUMER', async () => {
  const { world, join } = await group();
  const [stalled, lively] = [await join(), await join()];
  await eventually(async () => (world.running === 1 ? true : undefined));
  for (let number = 1; number <= 300; number += 1) {
    world.publish(number);
    expect(value(await lively.next())).toBe(number);
  }
  const got: unknown[] = [];
  const reading = async () => {
    for await (const result of stalled) got.push(result.data?.['numbers']);
  };
  await expect(reading()).rejects.toMatchObject({ name: 'SlowConsumer' });
  expect(got).toEqual(Array.from({ length: 256 }, (_, index) => index + 1));
  world.publish(301);
  expect(value(await lively.next())).toBe(301);
  expect(world.executions).toBe(1);
  await lively.return();
});

test('the last member to leave ends the execution while it waits for an event', async () => {
  const { world, join, left } = await group();
  const [one, two] = [await join(), await join()];
  const waiting = two.next();
  await eventually(async () => (world.running === 1 ? true : undefined));
  await one.return();
  expect(world.running).toBe(1);
  await two.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
  await eventually(async () => (world.running === 0 ? true : undefined), 1_000);
  expect(left).toHaveLength(2);
});

test('whoever joins while the last member leaves gets an execution that lives', async () => {
  const { world, join } = await group();
  const one = await join();
  await one.return();
  const two = await join();
  await eventually(async () => (world.running === 1 && world.executions === 2 ? true : undefined));
  world.publish(1);
  expect(value(await two.next())).toBe(1);
  await two.return();
});
