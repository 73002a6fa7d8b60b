import { createHash, randomBytes } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Faults } from '../faults.ts';
import { startIdentity, type LabIdentity } from './identity.ts';
import { labOrganizationId, labPassword, labPeople } from './people.ts';

let identity: LabIdentity;
const faults = new Faults();

beforeAll(async () => {
  identity = await startIdentity({ faults });
});
afterAll(() => identity.stop());

async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${identity.issuer}${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : {} };
}

test('publishes its endpoints at Keycloak URLs', async () => {
  const response = await fetch(`${identity.issuer}/.well-known/openid-configuration`);
  expect(await response.json()).toMatchObject({
    issuer: identity.issuer,
    authorization_endpoint: `${identity.issuer}/protocol/openid-connect/auth`,
    token_endpoint: identity.tokenUrl,
    jwks_uri: identity.jwksUrl,
    userinfo_endpoint: `${identity.issuer}/protocol/openid-connect/userinfo`,
    end_session_endpoint: `${identity.issuer}/protocol/openid-connect/logout`,
    device_authorization_endpoint: `${identity.issuer}/protocol/openid-connect/auth/device`,
  });
  expect((await fetch(identity.issuer.replace('/dr', '/other'))).status).toBe(404);
});

test('gives a person a token as Keycloak shapes it', async () => {
  const token = await identity.token('dana');
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
  const claims = decodeJwt(token);
  expect(claims).toMatchObject({
    iss: identity.issuer,
    aud: 'bulkhead-api',
    azp: 'bulkhead-cli',
    typ: 'Bearer',
    sub: labPeople.find((person) => person.username === 'dana')?.id,
    name: 'Dana Double',
    preferred_username: 'dana',
    organization: {
      acme: { id: labOrganizationId('acme'), groups: ['/bulkhead/viewer'] },
      globex: { id: labOrganizationId('globex'), groups: ['/bulkhead/admin'] },
    },
    sid: expect.any(String),
    jti: expect.any(String),
  });
  expect(claims).not.toHaveProperty('client_id');
  expect(claims).not.toHaveProperty('bulkhead_grants');
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
  expect(Math.abs(Number(claims.auth_time) - (claims.iat ?? 0))).toBeLessThanOrEqual(1);
});

test.each([
  ['dana', 'openid', undefined],
  ['dana', 'openid organization', undefined],
  ['vic', 'openid organization', ['acme']],
  ['dana', 'openid organization:globex', ['globex']],
  ['vic', 'openid organization:globex', undefined],
  ['pat', 'openid organization:*', undefined],
])('%s asking for "%s" gets the organizations %j', async (who, scope, aliases) => {
  const { organization } = decodeJwt<{ organization?: object }>(await identity.token(who, { scope }));
  expect(organization && Object.keys(organization)).toEqual(aliases);
});

test('gives machines their grants and client roles', async () => {
  const msp = decodeJwt(await identity.token('msp-northwind'));
  expect(msp).toMatchObject({
    azp: 'msp-northwind',
    organization: {},
    bulkhead_grants: [`${labOrganizationId('northwind-msp')}:operator`],
  });
  expect(msp).not.toHaveProperty('sid');
  expect(msp.sub).not.toBe('msp-northwind');
  const billing = decodeJwt(await identity.token('billing-contoso'));
  expect(billing).toMatchObject({ resource_access: { 'bulkhead-api': { roles: ['usage-reader'] } } });
});

test('refuses a wrong password, a wrong secret and a grant that the client may not use', async () => {
  const path = '/protocol/openid-connect/token';
  const person = { grant_type: 'password', client_id: 'bulkhead-cli', username: 'vic' };
  expect(await post(path, { ...person, password: 'guess' })).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  });
  const wrong = { authorization: `Basic ${Buffer.from('msp-northwind:guess').toString('base64')}` };
  expect(await post(path, { grant_type: 'client_credentials' }, wrong)).toMatchObject({ status: 401 });
  const portal = { ...person, client_id: 'bulkhead-portal', password: labPassword };
  expect(await post(path, portal)).toMatchObject({ status: 400 });
});

test('renews a token once per refresh token and keeps the time of the sign-in', async () => {
  const path = '/protocol/openid-connect/token';
  const first = await post(path, {
    grant_type: 'password',
    client_id: 'bulkhead-cli',
    username: 'ada',
    password: labPassword,
    scope: 'openid profile organization:*',
  });
  expect(decodeJwt(first.body.id_token)).toMatchObject({ name: 'Ada Acme', aud: 'bulkhead-cli' });
  // Shaped as a JWT: Keycloak's own client for browsers decodes it.
  expect(decodeJwt(first.body.refresh_token)).toMatchObject({ typ: 'Refresh' });
  const form = { grant_type: 'refresh_token', client_id: 'bulkhead-cli', refresh_token: first.body.refresh_token };
  const second = await post(path, form);
  expect(second.status).toBe(200);
  const [before, after] = [decodeJwt(first.body.access_token), decodeJwt(second.body.access_token)];
  expect(after).toMatchObject({ sid: before.sid, auth_time: before.auth_time, organization: before.organization });
  expect(await post(path, form)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

/** Walks the authorization code flow as a browser would: follows redirects by hand and keeps cookies. */
function browser() {
  const jar = new Map<string, string>();
  return async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
}

function locationOf(response: Response): string {
  return new URL(response.headers.get('location') ?? '', response.url).href;
}

/** The portal's half of the code flow; `visit` is the browser in which the person sits. */
function portalSignIn(visit: ReturnType<typeof browser>, more: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const redirectUri = 'http://127.0.0.1:4711/signed-in';
  const query = new URLSearchParams({
    client_id: 'bulkhead-portal',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile organization:*',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'here',
    ...more,
  });
  return {
    redirectUri,
    begin: async () => locationOf(await visit(`${identity.issuer}/protocol/openid-connect/auth?${query.toString()}`)),
    async choose(page: string, username: string) {
      const resumed = await visit(page, { method: 'POST', body: new URLSearchParams({ username }) });
      return new URL(locationOf(await visit(locationOf(resumed))));
    },
    redeem: (back: URL) =>
      post('/protocol/openid-connect/token', {
        grant_type: 'authorization_code',
        client_id: 'bulkhead-portal',
        redirect_uri: redirectUri,
        code: back.searchParams.get('code') ?? '',
        code_verifier: verifier,
      }),
  };
}

test('signs a person in on its page and gives the portal a token for the code', async () => {
  const visit = browser();
  const portal = portalSignIn(visit);
  const page = await portal.begin();
  const html = await (await visit(page)).text();
  expect(html).toContain('Dana Double');
  expect(html).toContain('viewer of Acme GmbH, admin of Globex Corp');
  const back = await portal.choose(page, 'dana');
  expect(back.href).toContain(`${portal.redirectUri}?`);
  expect(back.searchParams.get('state')).toBe('here');
  const answer = await portal.redeem(back);
  expect(answer.status).toBe(200);
  expect(decodeJwt(answer.body.access_token)).toMatchObject({
    azp: 'bulkhead-portal',
    aud: 'bulkhead-api',
    auth_time: expect.any(Number),
    organization: { acme: expect.anything(), globex: expect.anything() },
  });
  const info = await fetch(`${identity.issuer}/protocol/openid-connect/userinfo`, {
    headers: { authorization: `Bearer ${answer.body.access_token}` },
  });
  expect(await info.json()).toMatchObject({ name: 'Dana Double' });
  // A code is good once.
  expect(await portal.redeem(back)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('asks nobody again while the session lasts, unless a fresh sign-in is wanted', async () => {
  const visit = browser();
  const portal = portalSignIn(visit);
  await portal.choose(await portal.begin(), 'vic');
  expect(await portalSignIn(visit, { prompt: 'none' }).begin()).toContain('code=');
  expect(await portalSignIn(visit, { prompt: 'login' }).begin()).toContain('/login-actions/authenticate/');
  expect(await portalSignIn(browser(), { prompt: 'none' }).begin()).toContain('error=login_required');
});

test('signs a person out and goes back to the portal', async () => {
  const visit = browser();
  const portal = portalSignIn(visit);
  const { body } = await portal.redeem(await portal.choose(await portal.begin(), 'ada'));
  const query = new URLSearchParams({
    id_token_hint: body.id_token,
    post_logout_redirect_uri: 'http://127.0.0.1:4711/',
  });
  const asked = await (await visit(`${identity.issuer}/protocol/openid-connect/logout?${query.toString()}`)).text();
  // The page sends this form by itself.
  const action = /action="([^"]+)"/.exec(asked)?.[1] ?? '';
  const form = new URLSearchParams({ xsrf: hiddenValue(asked, 'xsrf'), logout: 'yes' });
  const left = await visit(new URL(action, identity.issuer).href, { method: 'POST', body: form });
  expect(locationOf(left)).toBe('http://127.0.0.1:4711/');
  expect(await portalSignIn(visit, { prompt: 'none' }).begin()).toContain('error=login_required');
  const renewed = await post('/protocol/openid-connect/token', {
    grant_type: 'refresh_token',
    client_id: 'bulkhead-portal',
    refresh_token: body.refresh_token,
  });
  expect(renewed).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('refuses a person that the lab does not have', async () => {
  const visit = browser();
  const portal = portalSignIn(visit);
  const back = await portal.choose(await portal.begin(), 'mallory');
  expect(back.searchParams.get('error')).toBe('access_denied');
});

test('returns to pages on this machine only', async () => {
  const query = new URLSearchParams({
    client_id: 'bulkhead-portal',
    redirect_uri: 'https://attacker.example/',
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  });
  const response = await fetch(`${identity.issuer}/protocol/openid-connect/auth?${query.toString()}`, {
    redirect: 'manual',
  });
  expect(response.status).toBe(400);
  expect(response.headers.get('location')).toBeNull();
});

test('connects a device once a person has confirmed its code', async () => {
  const started = await post('/protocol/openid-connect/auth/device', {
    client_id: 'bulkhead-portal',
    scope: 'openid organization:*',
  });
  expect(started).toMatchObject({ status: 200, body: { user_code: expect.any(String) } });
  expect(started.body.verification_uri).toBe(`${identity.issuer}/device`);
  const poll = () =>
    post('/protocol/openid-connect/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'bulkhead-portal',
      device_code: started.body.device_code,
    });
  expect(await poll()).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });

  const visit = browser();
  const asked = await (await visit(`${identity.issuer}/device`)).text();
  const code = { xsrf: hiddenValue(asked, 'xsrf'), user_code: started.body.user_code };
  const confirmed = await (await send(visit, '/device', code)).text();
  expect(confirmed).toContain('Bulkhead portal shows the code');
  let response = await send(visit, '/device', { ...code, xsrf: hiddenValue(confirmed, 'xsrf'), confirm: 'yes' });
  // To the sign-in page and back again.
  const signIn = locationOf(response);
  response = await visit(signIn, { method: 'POST', body: new URLSearchParams({ username: 'vic' }) });
  response = await visit(locationOf(response));
  expect(await response.text()).toContain('Go back to your device.');

  const done = await poll();
  expect(done.status).toBe(200);
  expect(decodeJwt(done.body.access_token)).toMatchObject({ azp: 'bulkhead-portal', organization: { acme: {} } });
});

function hiddenValue(html: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
}

function send(visit: ReturnType<typeof browser>, path: string, form: Record<string, string>) {
  return visit(`${identity.issuer}${path}`, { method: 'POST', body: new URLSearchParams(form) });
}

test('lets pages of other origins call it with credentials', async () => {
  const origin = 'http://127.0.0.1:4711';
  const preflight = await fetch(identity.tokenUrl, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  const keys = await fetch(identity.jwksUrl, { headers: { origin } });
  for (const { headers } of [preflight, keys]) {
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
  }
});

test('signs with a new key after rotation and keeps or withdraws the old one', async () => {
  const rotating = await startIdentity();
  try {
    const verify = (token: string) => jwtVerify(token, createRemoteJWKSet(new URL(rotating.jwksUrl)));
    const old = await rotating.token('vic');
    await rotating.rotateKeys();
    const fresh = await rotating.token('vic');
    expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old).kid);
    await expect(verify(fresh)).resolves.toBeDefined();
    await expect(verify(old)).resolves.toBeDefined();
    await rotating.rotateKeys({ withdrawOld: true });
    await expect(verify(fresh)).rejects.toThrow('no applicable key');
    await expect(verify(await rotating.token('vic'))).resolves.toBeDefined();
  } finally {
    await rotating.stop();
  }
});

test('truly signs the bad claims that a test asks for', async () => {
  const token = await identity.token('vic', { claims: { aud: 'elsewhere', jti: undefined }, header: { typ: 'x' } });
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(identity.jwksUrl)));
  expect(payload.aud).toBe('elsewhere');
  expect(payload).not.toHaveProperty('jti');
  expect(decodeProtectedHeader(token).typ).toBe('x');
});

test('misbehaves when a fault rule says so', async () => {
  faults.add({
    backend: 'identity',
    call: 'GET /protocol/openid-connect/certs',
    when: 'before',
    what: 'error',
    fault: 'html',
  });
  faults.add({ backend: 'identity', call: 'GET /protocol/openid-connect/certs', when: 'before', what: 'cut' });
  expect((await fetch(identity.jwksUrl)).headers.get('content-type')).toBe('text/html');
  await expect(fetch(identity.jwksUrl)).rejects.toThrow();
  expect((await fetch(identity.jwksUrl)).status).toBe(200);
});

test('refuses to start off loopback and in production', async () => {
  await expect(startIdentity({ address: '0.0.0.0' })).rejects.toThrow('loopback only');
  await expect(startIdentity({ address: '127.0.0.1.example' })).rejects.toThrow('loopback only');
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await expect(startIdentity()).rejects.toThrow('NODE_ENV=production');
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
});
