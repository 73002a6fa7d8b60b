import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../test-support/eventually.ts';
import { openSocket, signedInSocket, type RawSocket } from './test-support/raw-socket.ts';
import { serve, type Served } from './test-support/served.ts';

const origin = 'https://portal.example';
let served: Served;
const opened: RawSocket[] = [];

beforeAll(async () => {
  served = await serve({ allowedOrigins: [origin], requestDeadlineMs: 500 });
});
afterEach(async () => {
  for (const raw of opened.splice(0)) raw.socket.terminate();
  await eventually(async () => (served.world.running === 0 ? true : undefined));
});
afterAll(() => served.close());

async function signedIn(token = 'acme', options = {}): Promise<RawSocket> {
  const raw = await signedInSocket(served.url, token, options);
  opened.push(raw);
  return raw;
}

async function unsigned(): Promise<RawSocket> {
  const raw = await openSocket(served.url);
  opened.push(raw);
  return raw;
}

const running = (count: number) => eventually(async () => (served.world.running === count ? true : undefined));

async function gauge(name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', served.url))).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

describe('opening a socket', () => {
  test('a silent one is closed after three seconds', async () => {
    const raw = await unsigned();
    expect(await raw.closed).toMatchObject({ code: 4408 });
  });

  test.each([
    ['a bad token', { authorization: 'Bearer stranger' }],
    ['no token', undefined],
    ['a token that is no text', { authorization: { toString: 'acme' } }],
  ])('%s is closed with 4403 and no reason', async (_name, payload) => {
    const raw = await unsigned();
    raw.send({ type: 'connection_init', ...(payload ? { payload } : {}) });
    expect(await raw.closed).toEqual({ code: 4403, reason: 'Forbidden' });
    expect(raw.frames).toEqual([]);
  });

  test('a second sign-in closes with 4429', async () => {
    const raw = await signedIn();
    raw.send({ type: 'connection_init' });
    expect(await raw.closed).toMatchObject({ code: 4429 });
  });

  test('asking before the sign-in closes with 4401', async () => {
    const raw = await unsigned();
    raw.subscribe('1', '{ hello }');
    expect(await raw.closed).toMatchObject({ code: 4401 });
  });

  test('another protocol is closed with 4406', async () => {
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(served.url.replace('http', 'ws'), 'graphql-ws');
    const outcome = await new Promise((resolve) => {
      socket.once('error', () => resolve('refused'));
      socket.once('close', (code) => resolve(code));
    });
    expect(['refused', 4406]).toContain(outcome);
  });

  test('pages of other origins are refused at the door', async () => {
    await expect(openSocket(served.url, { headers: { origin: 'https://evil.example' } })).rejects.toThrow('403');
    const own = await signedIn('acme', { headers: { origin } });
    own.subscribe('1', '{ hello }');
    expect((await own.frame(({ type }) => type === 'next')).id).toBe('1');
  });

  test('another address is not found', async () => {
    await expect(openSocket(served.url.replace('/graphql', '/other'))).rejects.toThrow('404');
  });

  test.each(['//', 'http://', '/\\', '*'])('the address %j does not end the process', async (address) => {
    const { hostname, port } = new URL(served.url);
    const socket = connect(Number(port), hostname);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', () => resolve(text));
      socket.on('close', () => resolve(text));
      socket.write(
        `GET ${address} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      );
      socket.setTimeout(2_000, () => socket.destroy());
    });
    expect(answer).toContain('404');
    expect((await fetch(new URL('/healthz', served.url))).status).toBe(200);
  });
});

describe('on an open socket', () => {
  test('the same id twice closes with 4409', async () => {
    const raw = await signedIn();
    raw.subscribe('1', 'subscription { numbers }');
    raw.subscribe('1', 'subscription { numbers }');
    expect(await raw.closed).toMatchObject({ code: 4409 });
  });

  test('a message over 64 KiB closes with 1009, one just under is read', async () => {
    const raw = await signedIn();
    raw.subscribe('1', `{ hello } # ${'x'.repeat(63 * 1024)}`);
    await raw.frame(({ id, type }) => id === '1' && type === 'next');
    raw.subscribe('2', `{ hello } # ${'x'.repeat(65 * 1024)}`);
    expect(await raw.closed).toMatchObject({ code: 1009 });
  });

  test('what is no message closes with 4400', async () => {
    const raw = await signedIn();
    raw.socket.send('{');
    expect(await raw.closed).toMatchObject({ code: 4400 });
  });

  test.each([
    ['a syntax error', '{ hello', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown field', '{ helo }', 'GRAPHQL_VALIDATION_FAILED'],
    ['two operations without a name', 'query A { hello } query B { hello }', 'BAD_USER_INPUT'],
    ['a literal of the wrong type', '{ echo(number: "x") }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s is an error of that operation with a code', async (_name, query, code) => {
    const raw = await signedIn();
    raw.subscribe('1', query);
    const frame = await raw.frame(({ type }) => type === 'error');
    expect(frame.payload).toMatchObject([{ extensions: { code } }]);
    expect(JSON.stringify(frame)).not.toContain('Did you mean');
    raw.subscribe('2', '{ hello }');
    await raw.frame(({ id, type }) => id === '2' && type === 'next');
  });

  test('a variable of the wrong type is the caller’s mistake', async () => {
    const raw = await signedIn();
    raw.subscribe('1', 'query ($number: Int) { echo(number: $number) }', { number: 'many' });
    expect((await raw.frame(({ type }) => type === 'error')).payload).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  test.each([
    ['a query', '{ fails }'],
    ['a subscription that cannot start', 'subscription { refused }'],
  ])('%s that fails says nothing of why', async (_name, query) => {
    served.world.fault = () => new Error('canary-password');
    const raw = await signedIn();
    raw.subscribe('1', query);
    const frame = await raw.frame(({ type }) => type === 'next' || type === 'error');
    expect(JSON.stringify(frame)).toContain('"code":"INTERNAL"');
    await raw.frame(({ type }) => type === 'complete');
    expect(JSON.stringify(raw.frames)).not.toContain('canary');
  });

  test('a query that takes too long is given up', async () => {
    const raw = await signedIn();
    raw.subscribe('1', '{ slow }');
    const frame = await raw.frame(({ type }) => type === 'next');
    expect(frame.payload).toMatchObject({ errors: [{ extensions: { code: 'BACKEND_TIMEOUT', retryable: true } }] });
    expect(served.world.signal?.aborted).toBe(true);
  });

  test('fifty operations run at once, one more is refused, and an ended one makes room', async () => {
    const raw = await signedIn();
    for (let index = 0; index < 50; index += 1) {
      raw.subscribe(String(index), 'subscription ($c: String) { numbers(channel: $c) }', { c: String(index) });
    }
    await running(50);
    raw.subscribe('more', '{ hello }');
    const refusal = await raw.frame(({ id }) => id === 'more');
    expect(refusal).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    raw.send({ id: '7', type: 'complete' });
    await running(49);
    raw.subscribe('again', '{ hello }');
    expect((await raw.frame(({ id }) => id === 'again')).type).toBe('next');
  });
});

describe('the token’s end', () => {
  test('closes with 4403, which clients answer with a new token', async () => {
    const raw = await signedIn('acme/1');
    raw.subscribe('1', 'subscription { numbers }');
    expect(await raw.closed).toEqual({ code: 4403, reason: 'Forbidden' });
    await running(0);
  });

  test('moves with a new token in a ping; the stream goes on and the token is not sent back', async () => {
    const raw = await signedIn('acme/1');
    raw.subscribe('1', 'subscription { numbers }');
    await running(1);
    raw.send({ type: 'ping', payload: { authorization: 'Bearer acme/300' } });
    const pong = await raw.frame(({ type }) => type === 'pong');
    expect(pong).toEqual({ type: 'pong' });
    const ended = await Promise.race([
      raw.closed.then(() => 'closed'),
      new Promise((resolve) => setTimeout(() => resolve('open'), 1_500)),
    ]);
    expect(ended).toBe('open');
    served.world.publish(7);
    expect((await raw.frame(({ type }) => type === 'next')).payload).toEqual({ data: { numbers: 7 } });
  });

  test.each(['Bearer stranger', 'Bearer globex', ''])('a ping with %j closes with 4403', async (authorization) => {
    const raw = await signedIn();
    raw.send({ type: 'ping', payload: { authorization } });
    expect(await raw.closed).toMatchObject({ code: 4403 });
  });

  test('a ping before the sign-in signs nobody in', async () => {
    const raw = await unsigned();
    raw.send({ type: 'ping', payload: { authorization: 'Bearer acme' } });
    await raw.frame(({ type }) => type === 'pong');
    raw.subscribe('1', '{ hello }');
    expect(await raw.closed).toMatchObject({ code: 4401 });
  });
});

describe('equal subscriptions', () => {
  const text = 'subscription ($c: String) { numbers(channel: $c) }';

  const numbersOf = (raw: RawSocket, id: string) =>
    raw.frames.filter((frame) => frame.id === id).map(({ payload }) => JSON.stringify(payload));

  test('have each event executed once, however close together they come, and all get everything', async () => {
    const before = served.world.executions;
    const sockets = await Promise.all(Array.from({ length: 20 }, () => signedIn()));
    for (const raw of sockets) {
      raw.subscribe('a', text, { c: 'x' });
      raw.subscribe('b', text, { c: 'x' });
    }
    await running(40);
    served.world.publish(1);
    served.world.publish(2);
    for (const raw of sockets) {
      for (const id of ['a', 'b']) {
        await raw.frame((frame) => frame.id === id && JSON.stringify(frame.payload) === '{"data":{"numbers":2}}');
        expect(numbersOf(raw, id)).toEqual(['{"data":{"numbers":1}}', '{"data":{"numbers":2}}']);
      }
    }
    expect(served.world.executions - before).toBe(2);
  });

  test('of another reach, text or variables are executed apart', async () => {
    const before = served.world.executions;
    const acme = await signedIn('acme');
    const globex = await signedIn('globex');
    acme.subscribe('1', text, { c: 'x' });
    globex.subscribe('1', text, { c: 'x' });
    acme.subscribe('2', text, { c: 'y' });
    acme.subscribe('3', 'subscription { numbers(channel: "x") }');
    await running(4);
    served.world.publish(1);
    for (const id of ['1', '2', '3']) await acme.frame((frame) => frame.id === id);
    await globex.frame(({ id }) => id === '1');
    expect(served.world.executions - before).toBe(4);
  });

  const startingAt = 'subscription ($after: String) { numbers(after: $after) }';

  test('are equal wherever they begin and whenever they come', async () => {
    const [early, late] = [await signedIn(), await signedIn()];
    early.subscribe('1', startingAt, { after: 'a' });
    await running(1);
    served.world.publish(1);
    await early.frame(({ id }) => id === '1');
    late.subscribe('1', startingAt, { after: 'b' });
    await running(2);
    const before = served.world.executions;
    served.world.publish(2);
    for (const raw of [early, late]) {
      await raw.frame(({ payload }) => JSON.stringify(payload) === '{"data":{"numbers":2}}');
    }
    expect(served.world.executions - before).toBe(1);
  });

  test('whose beginning says something else as well are executed apart', async () => {
    const before = served.world.executions;
    const raw = await signedIn();
    const both = 'subscription ($after: String) { numbers(after: $after, channel: $after) }';
    raw.subscribe('1', both, { after: 'a' });
    raw.subscribe('2', both, { after: 'b' });
    await running(2);
    served.world.publish(1);
    for (const id of ['1', '2']) await raw.frame((frame) => frame.id === id);
    expect(served.world.executions - before).toBe(2);
  });

  test('get an event’s error each with its own request’s id, and go on', async () => {
    served.world.fault = () => new Error('canary-password');
    const ids = ['first-request', 'second-request'];
    const sockets = await Promise.all(ids.map((id) => signedIn('acme', { headers: { 'x-request-id': id } })));
    for (const raw of sockets) raw.subscribe('1', text, { c: 'x' });
    await running(2);
    served.world.publish(-1);
    served.world.publish(3);
    for (const [index, raw] of sockets.entries()) {
      const frame = await raw.frame(({ type }) => type === 'next');
      expect(frame.payload).toMatchObject({
        data: { numbers: null },
        errors: [{ extensions: { code: 'INTERNAL', requestId: ids[index] } }],
      });
      expect(JSON.stringify(frame)).not.toContain('canary');
      await raw.frame(({ payload }) => JSON.stringify(payload) === '{"data":{"numbers":3}}');
    }
  });

  test('go on when the first of them leaves, and end with the last at once', async () => {
    const [first, second] = [await signedIn(), await signedIn()];
    first.subscribe('1', text, { c: 'x' });
    second.subscribe('1', text, { c: 'x' });
    await eventually(async () => ((await gauge('bulkhead_subscriptions')) === 2 ? true : undefined));
    first.socket.terminate();
    await eventually(async () => ((await gauge('bulkhead_subscriptions')) === 1 ? true : undefined));
    served.world.publish(5);
    expect((await second.frame(({ type }) => type === 'next')).payload).toEqual({ data: { numbers: 5 } });
    second.send({ id: '1', type: 'complete' });
    await running(0);
  });
});

test('closing the server tells every client to come back elsewhere, and does not wait for one that is stalled', async () => {
  const own = await serve();
  const [lively, stalled] = [await signedInSocket(own.url, 'acme'), await signedInSocket(own.url, 'acme')];
  stalled.socket.pause();
  const started = Date.now();
  await own.close();
  expect(await lively.closed).toEqual({ code: 1012, reason: 'Service Restart' });
  expect(Date.now() - started).toBeLessThan(5_000);
  stalled.socket.terminate();
});
