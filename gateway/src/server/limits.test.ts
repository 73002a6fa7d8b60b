import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { signedInSocket } from './test-support/raw-socket.ts';
import { serve, type Served } from './test-support/served.ts';

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.close());

interface Sent {
  query: string;
  variables?: Record<string, unknown>;
}

interface Result {
  data?: unknown;
  errors?: readonly { extensions: { code: string } }[];
}

async function overHttp(sent: Sent): Promise<Result> {
  const response = await fetch(served.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer acme' },
    body: JSON.stringify(sent),
  });
  // The server's own shape.
  return (await response.json()) as Result;
}

async function overSocket({ query, variables }: Sent): Promise<Result> {
  const raw = await signedInSocket(served.url, 'acme');
  raw.subscribe('1', query, variables);
  const { type, payload } = await raw.frame((frame) => frame.type === 'next' || frame.type === 'error');
  raw.socket.close();
  // As above; an `error` frame carries the errors alone.
  return type === 'next' ? (payload as Result) : { errors: payload as NonNullable<Result['errors']> };
}

const nestedSelf = (levels: number) => `{ thing { ${'self { '.repeat(levels - 2)} id ${'} '.repeat(levels - 2)} } }`;
const repeated = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');
const nestedInput = (levels: number): unknown => (levels === 0 ? {} : { nested: nestedInput(levels - 1) });
const echo = 'query ($nested: Nested) { echo(nested: $nested) }';
/** `{ echo ( nested : { numbers : [ ] } ) }` is thirteen tokens; numbers fill up to the count. */
const withTokens = (count: number) => `{ echo(nested: { numbers: [${'1 '.repeat(count - 13)}] }) }`;
/** `levels` fragments, each twice in the one before: `2^levels` fields without an alias. */
const bomb = (levels: number) =>
  `{ thing { ...f0 } } ${repeated(levels, (i) => `fragment f${i} on Thing { ...f${i + 1} ...f${i + 1} }`)} fragment f${levels} on Thing { id }`;

const validation = 'GRAPHQL_VALIDATION_FAILED';
const cases: readonly { name: string; under: Sent; over: Sent; code: string }[] = [
  {
    name: 'levels',
    under: { query: nestedSelf(limits.depth) },
    over: { query: nestedSelf(limits.depth + 1) },
    code: validation,
  },
  {
    name: 'aliases',
    under: { query: `{ thing { ${repeated(limits.aliases, (i) => `a${i}: id`)} } }` },
    over: { query: `{ thing { ${repeated(limits.aliases + 1, (i) => `a${i}: id`)} } }` },
    code: validation,
  },
  {
    name: 'root fields',
    under: { query: `{ ${repeated(limits.rootFields, (i) => `a${i}: hello`)} }` },
    over: { query: `{ ${repeated(limits.rootFields + 1, (i) => `a${i}: hello`)} }` },
    code: validation,
  },
  {
    name: 'root fields of introspection',
    under: { query: `{ ${repeated(limits.rootFields, (i) => `a${i}: __typename`)} }` },
    over: { query: `{ ${repeated(limits.rootFields + 1, (i) => `a${i}: __typename`)} }` },
    code: validation,
  },
  {
    name: 'directives',
    under: { query: `{ thing { ${'id @skip(if: false) '.repeat(limits.directives)} } }` },
    over: { query: `{ thing { ${'id @skip(if: false) '.repeat(limits.directives + 1)} } }` },
    code: validation,
  },
  {
    name: 'tokens',
    under: { query: withTokens(limits.tokens) },
    over: { query: withTokens(limits.tokens + 1) },
    code: validation,
  },
  // Nested fragments count as what they stand for: 2 + 4 + … + 2^n spreads.
  { name: 'fields', under: { query: bomb(8) }, over: { query: bomb(12) }, code: validation },
  {
    name: 'levels of variables',
    under: { query: echo, variables: { nested: nestedInput(limits.variablesDepth - 2) } },
    over: { query: echo, variables: { nested: nestedInput(limits.variablesDepth) } },
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'entries of a list',
    under: { query: echo, variables: { nested: { numbers: Array.from({ length: limits.arrayItems }, () => 1) } } },
    over: { query: echo, variables: { nested: { numbers: Array.from({ length: limits.arrayItems + 1 }, () => 1) } } },
    code: 'BAD_USER_INPUT',
  },
  {
    // A page costs 1 and its items: 100 of 1 + 9 twice, and 2 pages.
    name: 'points',
    under: {
      query: `query ($first: Int) { things(first: $first) { nodes { id ${'self { '.repeat(7)} id ${'} '.repeat(7)} } } }`,
      variables: { first: 100 },
    },
    over: {
      query: `query ($first: Int) { ${repeated(3, (i) => `a${i}: things(first: $first) { nodes { id ${'self { '.repeat(7)} id ${'} '.repeat(7)} } }`)} }`,
      variables: { first: 100 },
    },
    code: 'COST_LIMIT_EXCEEDED',
  },
  {
    // 100 items with `id` written 90 and 110 times.
    name: 'values',
    under: { query: `{ things(first: 100) { nodes { ${'id '.repeat(90)} } } }` },
    over: { query: `{ things(first: 100) { nodes { ${'id '.repeat(110)} } } }` },
    code: 'COST_LIMIT_EXCEEDED',
  },
];

describe.each([
  ['HTTP', overHttp],
  ['WebSocket', overSocket],
])('over %s', (_name, send) => {
  test.each(cases)('$name: just under is answered, just over is refused', async ({ under, over, code }) => {
    const answered = await send(under);
    expect(answered.errors).toBeUndefined();
    expect(answered.data).toBeTruthy();
    const refused = await send(over);
    expect(refused.data ?? null).toBeNull();
    expect(refused.errors?.[0]?.extensions.code).toBe(code);
  });

  test.each([
    ['10,000 aliases', `{ ${repeated(10_000, (i) => `a${i}: hello`)} }`.slice(0, 60_000)],
    ['1,000 levels', nestedSelf(1_000)],
    ['fragments that multiply to 2^150 fields', bomb(150)],
  ])('%s are refused in no time', async (_what, query) => {
    const before = process.cpuUsage();
    const { errors } = await send({ query });
    const { user, system } = process.cpuUsage(before);
    expect(errors?.[0]?.extensions.code).toBe(validation);
    // Server, client and test runner together, on a busy machine; unbounded it would be hours.
    expect((user + system) / 1000).toBeLessThan(1_000);
  });
});
