import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createClient } from './client.ts';
import { ApiError, unwrap, UserInputFailure } from './error.ts';

type Answer = (request: { headers: IncomingMessage['headers']; body: string }, response: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A gateway that answers from a script, one entry per request. */
async function scripted(answers: Answer[]) {
  const seen: { headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ headers: request.headers, body });
    const answer = answers.shift();
    if (!answer) throw new Error('No further request was expected.');
    answer({ headers: request.headers, body }, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
const cut: Answer = (_request, response) => void response.destroy();
const refusal = (code: string, extensions = {}) =>
  json({ errors: [{ message: `said ${code}`, extensions: { code, requestId: 'req-1', ...extensions } }] });
const started = json({ data: { commitFailover: { failover: { id: 'fo_1' }, userErrors: [] } } });
const quick = { baseMs: 1, capMs: 2 };

test('a lost answer is asked for again under the same idempotency key', async () => {
  const gateway = await scripted([cut, json({}, 503), started]);
  const client = createClient({ url: gateway.url, auth: { token: 't' }, retry: quick });
  const payload = await client.commitFailover({ failoverId: 'fo_1' });
  expect(unwrap(payload, 'failover').id).toBe('fo_1');
  const keys = gateway.seen.map(
    ({ body }) =>
      (JSON.parse(body) as { variables: { input: { idempotencyKey: string } } }).variables.input.idempotencyKey,
  );
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
});

test("the caller's own idempotency key is kept", async () => {
  const gateway = await scripted([started]);
  const client = createClient({ url: gateway.url, auth: { token: 't' } });
  await client.commitFailover({ failoverId: 'fo_1', idempotencyKey: 'press-4711' });
  expect(gateway.seen[0]?.body).toContain('press-4711');
});

test('an error that the gateway calls final is not retried and keeps its request id', async () => {
  const gateway = await scripted([refusal('BAD_USER_INPUT')]);
  const client = createClient({ url: gateway.url, auth: { token: 'secret-token' }, retry: quick });
  const error = await client.getOperation('op_1').then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    code: 'BAD_USER_INPUT',
    requestId: 'req-1',
    operationName: 'getOperation',
    retryable: false,
  });
  expect(JSON.stringify(error)).not.toContain('secret-token');
});

test('a retryable error is retried as often as asked and then thrown', async () => {
  const busy = refusal('BACKEND_UNAVAILABLE', { retryable: true });
  const gateway = await scripted([busy, busy, busy]);
  const client = createClient({ url: gateway.url, auth: { token: 't' }, retry: { ...quick, retries: 2 } });
  await expect(client.getOperation('op_1')).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  expect(gateway.seen).toHaveLength(3);
});

test('client credentials are fetched once for parallel calls and anew after a refusal', async () => {
  const issuer = await scripted([
    json({ access_token: 'first', expires_in: 300 }),
    json({ access_token: 'second', expires_in: 300 }),
  ]);
  const me = json({ data: { me: { subject: 's' } } });
  const gateway = await scripted([
    me,
    me,
    json({ errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] }, 401),
    me,
  ]);
  const client = createClient({
    url: gateway.url,
    auth: { clientId: 'msp', clientSecret: 'hush', tokenUrl: issuer.url },
  });
  await Promise.all([client.me(), client.me()]);
  expect(issuer.seen).toHaveLength(1);
  await client.me();
  expect(gateway.seen.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer first',
    'Bearer first',
    'Bearer first',
    'Bearer second',
  ]);
});

test('a refused sign-in says what happened without the secret', async () => {
  const refused = json({ error: 'invalid_client' }, 401);
  const issuer = await scripted([refused, refused]);
  const client = createClient({
    url: 'http://127.0.0.1:1',
    auth: { clientId: 'msp', clientSecret: 'hush', tokenUrl: issuer.url },
  });
  await expect(client.me()).rejects.toThrow(/msp got no token.*401/);
  await expect(client.me()).rejects.not.toThrow(/hush/);
});

test('a list reads further pages only when they are needed', async () => {
  const page = (names: string[], endCursor: string | null) =>
    json({
      data: {
        networks: { nodes: names.map((name) => ({ name })), pageInfo: { hasNextPage: endCursor !== null, endCursor } },
      },
    });
  const gateway = await scripted([page(['a', 'b'], 'c1'), page(['c'], null), page(['a', 'b'], 'c1')]);
  const client = createClient({ url: gateway.url, auth: { token: 't' } });
  const all = await client.listNetworks({ first: 2, kind: 'PRODUCTION' }).toArray({ limit: 100 });
  expect(all.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(JSON.parse(gateway.seen[1]!.body)).toMatchObject({ variables: { first: 2, kind: 'PRODUCTION', after: 'c1' } });
  await client.listNetworks({ first: 2 }).toArray({ limit: 2 });
  expect(gateway.seen).toHaveLength(3);
});

test('unwrap throws what the gateway refused', () => {
  const payload = {
    failover: null,
    userErrors: [{ code: 'VM_BUSY', message: 'web01 is already failing over.', field: ['input', 'selection'] }],
  };
  expect(() => unwrap(payload, 'failover')).toThrow(UserInputFailure);
  expect(() => unwrap(payload, 'failover')).toThrow('VM_BUSY: web01 is already failing over.');
});
