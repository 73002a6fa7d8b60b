import { PluginError } from '@bulkhead/plugin-sdk';
import { DrizzleQueryError } from 'drizzle-orm';
import { GraphQLError } from 'graphql';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestErrorCodes } from '../access/errors.ts';
import { eventually } from '../test-support/eventually.ts';
import { serve, type Served } from './test-support/served.ts';

let served: Served;
beforeAll(async () => {
  served = await serve({ requestDeadlineMs: 500, allowedOrigins: ['https://portal.example'] });
});
afterAll(() => served.close());

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: {
    data?: Record<string, unknown> | null;
    errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
  };
}

async function ask(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(served.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer acme', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  // Whatever was answered is looked at by each test.
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Answer['body'] };
}

const codeOf = ({ body }: Answer) => body.errors?.[0]?.extensions['code'];

describe('sign-in', () => {
  test.each([
    ['no token', ''],
    ['a token that is not accepted', 'Bearer stranger'],
    ['another scheme', 'Basic YTpi'],
  ])('%s is answered 401, with the way to sign in and nothing else', async (_name, authorization) => {
    const answer = await ask({ query: '{ hello nothingLikeThis }' }, { authorization });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(codeOf(answer)).toBe('UNAUTHENTICATED');
    expect(answer.body.errors).toHaveLength(1);
    expect(answer.body.data).toBeUndefined();
    expect(answer.text).not.toContain('canary');
    expect(answer.text).not.toContain('nothingLikeThis');
  });

  test('comes before the body is read', async () => {
    const answer = await ask('x'.repeat(600 * 1024), { authorization: '' });
    expect(answer.status).toBe(401);
  });

  test('is what introspection needs, and all that it needs', async () => {
    const query = '{ __schema { queryType { name } } }';
    expect((await ask({ query }, { authorization: '' })).status).toBe(401);
    expect((await ask({ query })).body.data).toEqual({ __schema: { queryType: { name: 'Query' } } });
  });

  test('a permission that is held nowhere is FORBIDDEN, 403 when nothing else was asked', async () => {
    const answer = await ask({ query: '{ forAdmins }' });
    expect(codeOf(answer)).toBe('FORBIDDEN');
    expect(answer.status).toBe(403);
  });
});

describe('the request id', () => {
  test('is the caller’s own, in the header, the context and every error', async () => {
    const answer = await ask({ query: '{ hello fails }' }, { 'x-request-id': 'portal-12345' });
    expect(answer.headers.get('x-request-id')).toBe('portal-12345');
    expect(answer.body.data).toEqual({ hello: 'portal-12345', fails: null });
    expect(answer.body.errors?.[0]?.extensions['requestId']).toBe('portal-12345');
  });

  test.each([
    ['before the sign-in', { query: '{ hello }' }, { authorization: '' }],
    ['before GraphQL', [{ query: '{ hello }' }], {}],
    ['in validation', { query: '{ none }' }, {}],
    ['in the body', '{', {}],
  ])('is in errors that arise %s', async (_name, body, headers) => {
    const answer = await ask(body, { ...headers, 'x-request-id': 'portal-12345' });
    expect(answer.body.errors?.[0]?.extensions['requestId']).toBe('portal-12345');
  });

  test.each(['short', 'with space in it', 'x'.repeat(129), 'semi;colon-12345'])('is ours instead of %j', async (id) => {
    const answer = await ask({ query: '{ hello }' }, { 'x-request-id': id });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('what is not a GraphQL request', () => {
  test.each([
    [
      'a body over 512 KiB',
      413,
      JSON.stringify({ query: '{ hello }', extensions: { pad: 'x'.repeat(512 * 1024) } }),
      {},
    ],
    ['text', 415, '{ hello }', { 'content-type': 'text/plain' }],
    ['a form', 415, 'query={hello}', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['no JSON', 400, '{"query":', {}],
    ['nothing', 400, '', {}],
    ['a poisoned object', 400, '{"__proto__":{"a":1},"query":"{ hello }"}', {}],
    ['a batch', 400, '[{"query":"{ hello }"},{"query":"{ hello }"}]', {}],
    ['no query', 400, '{"variables":{}}', {}],
    ['variables that are a list', 400, '{"query":"{ hello }","variables":[1]}', {}],
    ['a persisted query', 400, '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}', {}],
  ])('%s is answered %i with a code of the closed set', async (_name, status, body, headers) => {
    const answer = await ask(body, headers);
    expect(answer.status).toBe(status);
    expect(requestErrorCodes).toContain(codeOf(answer));
    expect(codeOf(answer)).not.toBe('INTERNAL');
  });

  test('a body just under the limit is read', async () => {
    const answer = await ask({ query: '{ hello }', extensions: { pad: 'x'.repeat(511 * 1024) } });
    expect(answer.status).toBe(200);
  });

  test('another method is answered 405, another address 404', async () => {
    const put = await fetch(served.url, { method: 'PUT', headers: { authorization: 'Bearer acme' } });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect((await fetch(new URL('/elsewhere', served.url))).status).toBe(404);
  });
});

describe('GET', () => {
  const get = (query: string, headers: Record<string, string>) =>
    fetch(`${served.url}?query=${encodeURIComponent(query)}`, {
      headers: { authorization: 'Bearer acme', ...headers },
    });

  test('needs a header that a foreign page cannot send', async () => {
    expect((await get('{ hello }', {})).status).toBe(400);
    expect((await get('{ hello }', { 'apollo-require-preflight': '1' })).status).toBe(200);
  });

  test('changes nothing', async () => {
    const answer = await get('mutation { touch(name: "by GET") }', { 'apollo-require-preflight': '1' });
    expect(answer.status).toBe(405);
    expect(served.world.mutations).not.toContain('by GET');
  });
});

test('a subscription over HTTP is refused with the way to it', async () => {
  const before = served.world.executions;
  const answer = await ask({ query: 'subscription { numbers }' });
  expect(answer.status).toBe(400);
  expect(codeOf(answer)).toBe('BAD_USER_INPUT');
  expect(answer.body.errors?.[0]?.message).toContain('WebSocket');
  expect(served.world.executions).toBe(before);
});

test('answers in the media type that was asked for, never stored', async () => {
  const media = 'application/graphql-response+json';
  const answer = await ask({ query: '{ hello }' }, { accept: media });
  expect(answer.headers.get('content-type')).toContain(media);
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('names that are nearly right are not suggested', async () => {
  const answer = await ask({ query: '{ helo }' });
  expect(codeOf(answer)).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(answer.text).not.toContain('Did you mean');
  expect(answer.text).not.toContain('hello');
});

test('names at most ten mistakes', async () => {
  const query = `{ ${Array.from({ length: 30 }, (_, index) => `none${index}`).join(' ')} }`;
  expect((await ask({ query })).body.errors?.length).toBeLessThanOrEqual(11);
});

test('a value of the wrong type is the caller’s mistake', async () => {
  const query = 'query ($number: Int) { echo(number: $number) }';
  const answer = await ask({ query, variables: { number: 'many' } });
  expect(codeOf(answer)).toBe('BAD_USER_INPUT');
  expect(answer.status).toBe(400);
});

describe('errors', () => {
  const canaries = ['canary-password', 'canary-host.provider.internal', 'canary-parameter'];
  const [password, host, parameter] = canaries;
  const pluginError = new PluginError('unavailable', 'The storage does not answer.', `tried ${host}`, {
    cause: new Error(`login ${password}`),
  });

  test.each([
    ['an Error', new Error(`connect to ${host} with ${password}`), 'INTERNAL'],
    ['a failed query', new DrizzleQueryError('select $1', [parameter], new Error(String(host))), 'INTERNAL'],
    [
      'a GraphQL error with a stranger’s code',
      new GraphQLError(String(password), { extensions: { code: 'SECRET', host } }),
      'INTERNAL',
    ],
    ['an error with a status of its own', Object.assign(new Error(String(password)), { statusCode: 403 }), 'INTERNAL'],
    [
      'an error with extensions',
      Object.assign(new Error('x'), { extensions: { password, code: 'NOT_FOUND' } }),
      'INTERNAL',
    ],
    [
      'a text that no database takes',
      new DrizzleQueryError('select $1', [parameter], Object.assign(new Error(String(host)), { code: '22021' })),
      'BAD_USER_INPUT',
    ],
    ['a backend’s error', pluginError, 'BACKEND_UNAVAILABLE'],
    [
      'a database that went away',
      new DrizzleQueryError('select $1', [parameter], Object.assign(new Error(String(host)), { code: '57P01' })),
      'BACKEND_UNAVAILABLE',
    ],
  ])('%s says nothing of what it holds', async (_name, fault, code) => {
    served.world.fault = () => fault;
    const soft = await ask({ query: '{ fails }' });
    expect(soft.status).toBe(200);
    expect(codeOf(soft)).toBe(code);
    expect(soft.body.errors?.[0]?.path).toEqual(['fails']);
    const hard = await ask({ query: '{ failsHard }' });
    expect(codeOf(hard)).toBe(code);
    for (const canary of canaries) {
      expect(soft.text).not.toContain(canary);
      expect(hard.text).not.toContain(canary);
    }
    expect(Object.keys(soft.body.errors?.[0]?.extensions ?? {}).sort()).toEqual(['code', 'requestId', 'retryable']);
  });

  test('a failed query’s parameters are not even logged', () => {
    expect(served.logged.join('\n')).toContain('a query failed');
    expect(served.logged.join('\n')).not.toContain(String(parameter));
  });

  test('a value of ours that the schema does not know is our mistake', async () => {
    const answer = await ask({ query: '{ badEnum }' });
    expect(codeOf(answer)).toBe('INTERNAL');
    expect(answer.text).not.toContain('canary-enum');
  });
});

describe('a request that takes too long', () => {
  test('is given up, is told so, and its work is told as well', async () => {
    const answer = await ask({ query: '{ hello slow }' });
    expect(answer.status).toBe(504);
    expect(codeOf(answer)).toBe('BACKEND_TIMEOUT');
    expect(answer.body.errors?.[0]?.extensions['retryable']).toBe(true);
    expect(served.world.signal?.aborted).toBe(true);
  });

  test('begins no further mutation', async () => {
    const answer = await ask({ query: 'mutation { a: touch(name: "first", isSlow: 1) b: touch(name: "second") }' });
    expect(answer.status).toBe(504);
    // The first ends with the signal; whatever would follow has had its chance when the next request is through.
    await ask({ query: 'mutation { touch(name: "later") }' });
    expect(served.world.mutations.filter((name) => name !== 'later')).toEqual(['first']);
  });

  test('is told when its caller goes away', async () => {
    served.world.signal = undefined;
    const call = request(served.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer acme' },
    });
    call.on('error', () => undefined);
    call.end(JSON.stringify({ query: '{ slow }' }));
    const signal = await eventually(async () => served.world.signal);
    expect(signal.aborted).toBe(false);
    call.destroy();
    await eventually(async () => signal.aborted || undefined, 400);
  });
});

describe('origins', () => {
  const preflight = (origin: string) => fetch(served.url, { method: 'OPTIONS', headers: { origin } });

  test('only those of the configuration are allowed', async () => {
    const own = await preflight('https://portal.example');
    expect(own.headers.get('access-control-allow-origin')).toBe('https://portal.example');
    const foreign = await preflight('https://evil.example');
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    expect(foreign.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('beside the API', () => {
  const look = async (path: string) => {
    const response = await fetch(new URL(path, served.url));
    return { status: response.status, text: await response.text() };
  };

  test('health is whether the process lives, readiness what it finds', async () => {
    expect(await look('/healthz')).toEqual({ status: 200, text: '{"status":"ok"}' });
    expect((await look('/readyz')).status).toBe(200);
    served.findings.push('The database does not answer.');
    const answer = await look('/readyz');
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('The database does not answer.');
    expect((await look('/healthz')).status).toBe(200);
    served.findings.length = 0;
  });

  test('metrics count requests by kind and result, without names', async () => {
    await ask({ query: '{ hello }' });
    const { text } = await look('/metrics');
    expect(text).toMatch(/bulkhead_graphql_requests_total\{operation="query",code="ok"\} [1-9]/);
    expect(text).toMatch(/bulkhead_graphql_requests_total\{operation="query",code="error"\} [1-9]/);
    expect(text).not.toContain('acme');
  });
});
