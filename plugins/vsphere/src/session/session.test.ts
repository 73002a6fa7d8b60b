import { makeCertificate } from '@bulkhead/lab';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startSoapEndpoint, type SoapEndpoint } from '../test-support/soap-endpoint.ts';
import { testCall } from '../test-support/call.ts';
import { chooseVersion } from './api-version.ts';
import { toPluginError } from './plugin-errors.ts';
import { VimSession, type SessionOptions } from './session.ts';
import { openTransport } from './transport.ts';
import type { Trust } from './trust.ts';

const password = 'c0rrect';
const vm = { type: 'VirtualMachine', value: 'vm-1' };
const options = { type: 'OptionManager', value: 'o' };
let server: SoapEndpoint;
let otherCertificate: string;
const open: VimSession[] = [];

beforeAll(async () => {
  otherCertificate = (await makeCertificate('127.0.0.1')).cert;
});

beforeEach(async () => {
  server = await startSoapEndpoint(password);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()));
  await server.close();
});

function sessionWith(more: Partial<SessionOptions> & { trust?: Trust; answerTimeoutMs?: number; port?: number } = {}) {
  const {
    trust = { kind: 'pinned', sha256: server.sha256 },
    answerTimeoutMs = 5000,
    port = server.port,
    ...rest
  } = more;
  const session = new VimSession({
    open: () => openTransport({ host: server.host, port, trust, answerTimeoutMs, connectTimeoutMs: 1000 }),
    credential: { userName: 'root', password },
    loginTimeoutMs: 5000,
    ...rest,
  });
  open.push(session);
  return session;
}

const count = (method: string) => server.asked.filter((one) => one === method).length;
const kindOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (caught: unknown) => caught,
  );
  return toPluginError('do it', error);
};

test('many calls at once sign in once', async () => {
  const session = sessionWith();
  await Promise.all(Array.from({ length: 10 }, () => session.call('UnregisterVM', vm, {}, testCall())));
  expect(count('Login')).toBe(1);
  expect(count('UnregisterVM')).toBe(10);
});

test('a session that the server forgot is renewed, and a read repeated', async () => {
  const session = sessionWith();
  await session.call('QueryOptions', options, { name: 'a' }, testCall());
  server.forgetSessions();
  await session.call('QueryOptions', options, { name: 'a' }, testCall());
  expect(count('Login')).toBe(2);
  expect(session.signIns).toBe(2);
});

test('a write that met a forgotten session is not repeated, and the next call signs in', async () => {
  const session = sessionWith();
  await session.call('QueryOptions', options, { name: 'a' }, testCall());
  server.forgetSessions();
  expect(await kindOf(session.call('PowerOnVM_Task', vm, {}, testCall()))).toMatchObject({ kind: 'unavailable' });
  expect(count('PowerOnVM_Task')).toBe(1);
  await session.call('PowerOnVM_Task', vm, {}, testCall());
  expect(count('Login')).toBe(2);
});

test('a refused password is tried once, however many ask', async () => {
  const session = sessionWith({ credential: { userName: 'root', password: 'wrong' } });
  for (let i = 0; i < 5; i += 1)
    expect(await kindOf(session.call('UnregisterVM', vm, {}, testCall()))).toMatchObject({ kind: 'denied' });
  expect(count('Login')).toBe(1);
});

test('a cut after a write leaves its outcome open and sends it once', async () => {
  const session = sessionWith();
  server.answer('PowerOnVM_Task', 'cut');
  expect(await kindOf(session.call('PowerOnVM_Task', vm, {}, testCall()))).toMatchObject({ kind: 'unknown-outcome' });
  expect(count('PowerOnVM_Task')).toBe(1);
});

test('a cut while reading is tried once more, then the backend counts as unavailable', async () => {
  const session = sessionWith();
  server.answer('QueryOptions', 'cut', { xml: '<returnval><key>a</key></returnval>' });
  expect(await session.call('QueryOptions', options, { name: 'a' }, testCall())).toHaveLength(1);
  server.answer('QueryOptions', 'cut');
  expect(await kindOf(session.call('QueryOptions', options, { name: 'a' }, testCall()))).toMatchObject({
    kind: 'unavailable',
  });
});

test('no answer in time to a write leaves its outcome open', async () => {
  const session = sessionWith({ answerTimeoutMs: 300 });
  server.answer('PowerOnVM_Task', 'hang');
  expect(await kindOf(session.call('PowerOnVM_Task', vm, {}, testCall()))).toMatchObject({ kind: 'unknown-outcome' });
});

test('a call ends within a second of its signal', async () => {
  const session = sessionWith();
  server.answer('QueryOptions', 'hang');
  const started = Date.now();
  const signal = AbortSignal.timeout(200);
  expect(await kindOf(session.call('QueryOptions', options, { name: 'a' }, testCall({ signal })))).toMatchObject({
    kind: 'timeout',
  });
  expect(Date.now() - started).toBeLessThan(1200);
});

test('an endpoint that nobody listens on is unavailable, and a starting one too', async () => {
  const gone = await startSoapEndpoint(password);
  await gone.close();
  expect(await kindOf(sessionWith({ port: gone.port }).call('PowerOnVM_Task', vm, {}, testCall()))).toMatchObject({
    kind: 'unavailable',
  });
  server.answer('RetrieveServiceContent', 'unavailable');
  expect(await kindOf(sessionWith().call('PowerOnVM_Task', vm, {}, testCall()))).toMatchObject({ kind: 'unavailable' });
});

test.each<[string, () => Trust]>([
  ['pinned to another certificate', () => ({ kind: 'pinned', sha256: '00'.repeat(32) })],
  ['signed by others', () => ({ kind: 'signed', ca: otherCertificate })],
  ['signed, but not the one pinned', () => ({ kind: 'signed', ca: server.certificate, sha256: '00'.repeat(32) })],
])('a host whose certificate is %s receives nothing', async (_name, trust) => {
  expect(await kindOf(sessionWith({ trust: trust() }).call('UnregisterVM', vm, {}, testCall()))).toMatchObject({
    kind: 'denied',
  });
  expect(server.asked).toEqual([]);
});

test.each<[string, () => Trust]>([
  ['its fingerprint', () => ({ kind: 'pinned', sha256: server.sha256 })],
  ['its authority', () => ({ kind: 'signed', ca: server.certificate })],
  ['both', () => ({ kind: 'signed', ca: server.certificate, sha256: server.sha256 })],
])('a host is believed by %s', async (_name, trust) => {
  await sessionWith({ trust: trust() }).call('UnregisterVM', vm, {}, testCall());
  expect(count('UnregisterVM')).toBe(1);
});

test('an idle session signs out, and opens again when needed', async () => {
  let idle = 0;
  const session = sessionWith({ idleMs: 100, onIdle: () => (idle += 1) });
  await session.call('UnregisterVM', vm, {}, testCall());
  await expect.poll(() => count('Logout'), { timeout: 3000 }).toBe(1);
  expect(idle).toBe(1);
  await session.call('UnregisterVM', vm, {}, testCall());
  expect(count('Login')).toBe(2);
});

test('errors hold no password', async () => {
  const session = sessionWith({ credential: { userName: 'root', password: 'hunter2-wrong' } });
  const error = await kindOf(session.call('UnregisterVM', vm, {}, testCall()));
  expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toContain('hunter2');
});

test('the id of the call goes along for the backend’s own log', async () => {
  const call = testCall();
  await sessionWith().call('UnregisterVM', vm, {}, call);
  expect(server.bodies.at(-1)).toContain(`<operationID>${call.callId}</operationID>`);
});

test('the newest release that both sides know is spoken', async () => {
  const document = (version: string, ...prior: string[]) =>
    `<?xml version="1.0"?><namespaces version="1.0"><namespace><name>urn:vim25</name><version>${version}</version>` +
    `<priorVersions>${prior.map((one) => `<version>${one}</version>`).join('')}</priorVersions></namespace></namespaces>`;
  expect(chooseVersion(document('9.9.9.9', '8.0.1.0', '7.0.3.0'))).toBe('8.0.1.0');
  expect(chooseVersion(document('6.7.3', '6.5'))).toBe('6.7.3');
  expect(chooseVersion('<not xml')).toBe('6.5');
  expect(chooseVersion(undefined)).toBe('6.5');
  const modern = await startSoapEndpoint(password, document('8.0.3.0', '8.0.2.0'));
  try {
    await sessionWith({ port: modern.port, trust: { kind: 'pinned', sha256: modern.sha256 } }).signIn(testCall());
    expect(modern.actions.at(-1)).toBe('urn:vim25/8.0.3.0');
  } finally {
    await modern.close();
  }
});
