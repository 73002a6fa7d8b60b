import { createHmac, createPublicKey, sign } from 'node:crypto';
import { labClients, labOrganizationId, startIdentity, type LabIdentity } from '@bulkhead/lab';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bearerToken } from './compact-token.ts';
import { TokenError, type TokenRefusal } from './errors.ts';
import { makeRevocations } from './revocations.ts';
import { accessSettings, type AccessSettingsInput } from './settings.ts';
import { encode, startHandRealm, type HandRealm } from './test-support/hand-realm.ts';
import { makeTokenVerifier, type TokenVerifier, type TokenVerifierOptions } from './token-verifier.ts';

let realm: HandRealm;
let identity: LabIdentity;
let verifier: TokenVerifier;

beforeAll(async () => {
  [realm, identity] = await Promise.all([startHandRealm(), startIdentity()]);
  verifier = verifierOf();
});
afterAll(() => Promise.all([realm.stop(), identity.stop()]));
afterEach(() => {
  realm.answer = undefined;
  realm.publish(Object.values(realm.keys));
});

const clients = labClients.map(({ clientId, kind, maxRole, allowsProviderRoles }) => ({
  azp: clientId,
  kind,
  maxRole,
  allowsProviderRoles,
}));

type IssuerInput = Partial<AccessSettingsInput['issuers'][number]>;

function verifierOf(issuer: IssuerInput = {}, options: TokenVerifierOptions = {}): TokenVerifier {
  const algorithms: IssuerInput['algorithms'] = ['RS256', 'PS256', 'ES256', 'EdDSA'];
  const settings = accessSettings.parse({ issuers: [{ url: realm.issuer, algorithms, ...issuer }], clients });
  return makeTokenVerifier(settings, options);
}

async function refusalOf(work: Promise<unknown>): Promise<TokenRefusal | 'accepted'> {
  return work.then(
    () => 'accepted' as const,
    (error: unknown) => {
      if (error instanceof TokenError) return error.refusal;
      throw error;
    },
  );
}

const seconds = () => Math.floor(Date.now() / 1000);
/** A token whose parts a test spells itself; the signature is the realm's. */
const spelled = (header: string, payload: string) => {
  const good = realm.token().split('.');
  return `${header || good[0]}.${payload || good[1]}.${good[2]}`;
};

type Case = readonly [name: string, expected: TokenRefusal | 'accepted', make: () => string];

const corpus: readonly Case[] = [
  ['a plain access token', 'accepted', () => realm.token()],
  [
    'several audiences, ours among them',
    'accepted',
    () => realm.token({ claims: { aud: ['account', 'bulkhead-api'] } }),
  ],
  ['ES256', 'accepted', () => realm.token({ algorithm: 'ES256' })],
  ['PS256', 'accepted', () => realm.token({ algorithm: 'PS256' })],
  ['EdDSA', 'accepted', () => realm.token({ algorithm: 'EdDSA' })],
  ['a header of type at+jwt', 'accepted', () => realm.token({ header: { typ: 'at+jwt' } })],
  ['a header without type', 'accepted', () => realm.token({ header: { typ: undefined } })],
  ['expired within the tolerance', 'accepted', () => realm.token({ claims: { exp: seconds() - 10 } })],
  ['not before, within the tolerance', 'accepted', () => realm.token({ claims: { nbf: seconds() + 10 } })],
  ['issued ahead, within the tolerance', 'accepted', () => realm.token({ claims: { iat: seconds() + 10 } })],

  ['nothing', 'MALFORMED', () => ''],
  ['one word', 'MALFORMED', () => 'token'],
  ['two segments', 'MALFORMED', () => realm.token().split('.').slice(0, 2).join('.')],
  ['an empty signature', 'MALFORMED', () => `${realm.token().split('.').slice(0, 2).join('.')}.`],
  ['a fourth segment', 'MALFORMED', () => `${realm.token()}.e30`],
  ['padding', 'MALFORMED', () => `${realm.token()}==`],
  ['a line break', 'MALFORMED', () => `${realm.token()}\n`],
  ['base64 instead of base64url', 'MALFORMED', () => `${realm.token().slice(0, -4)}+/+/`],
  ['another spelling of the last character', 'MALFORMED', () => respell(realm.token())],
  ['a header that is no JSON', 'MALFORMED', () => spelled(encode('{"alg"'), '')],
  ['a header that is a list', 'MALFORMED', () => spelled(encode([]), '')],
  ['a payload that is a text', 'MALFORMED', () => spelled('', encode('"text"'))],
  ['a payload that is null', 'MALFORMED', () => spelled('', encode('null'))],
  ['a payload that is no UTF-8', 'MALFORMED', () => spelled('', Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url'))],
  ['more than 12 KiB', 'MALFORMED', () => realm.token({ claims: { note: 'x'.repeat(12_000) } })],

  ['alg none', 'ALG', () => realm.token({ header: { alg: 'none' } })],
  ['alg None', 'ALG', () => realm.token({ header: { alg: 'None' } })],
  ['alg HS256, keyed with the public key', 'ALG', () => hmacWithPublicKey()],
  ['alg HS256 as a label on an RS256 signature', 'ALG', () => realm.token({ header: { alg: 'HS256' } })],
  ['an algorithm that the issuer does not use', 'ALG', () => realm.token({ header: { alg: 'RS512' } })],
  ['no algorithm', 'ALG', () => realm.token({ header: { alg: undefined } })],
  ['ES256 as a label on an RS256 signature', 'UNKNOWN_KEY', () => realm.token({ header: { alg: 'ES256' } })],
  ['crit', 'HEADER', () => realm.token({ header: { crit: ['exp'] } })],
  ['b64', 'HEADER', () => realm.token({ header: { b64: false } })],
  ['jku', 'HEADER', () => realm.token({ header: { jku: 'https://attacker.example/keys' } })],
  ['x5u', 'HEADER', () => realm.token({ header: { x5u: 'https://attacker.example/cert' } })],
  ['x5c', 'HEADER', () => realm.token({ header: { x5c: ['MIIB'] } })],
  ['a key in the header', 'HEADER', () => realm.token({ header: { jwk: realm.keys.RS256.jwk } })],
  ['no key id', 'HEADER', () => realm.token({ header: { kid: undefined } })],
  ['a key id that is a number', 'HEADER', () => realm.token({ header: { kid: 1 } })],
  ['a very long key id', 'HEADER', () => realm.token({ header: { kid: 'k'.repeat(129) } })],
  ['another type in the header', 'TYP', () => realm.token({ header: { typ: 'logout+jwt' } })],

  ['another issuer', 'ISS', () => realm.token({ claims: { iss: 'https://attacker.example/realms/dr' } })],
  ['the issuer with a slash', 'ISS', () => realm.token({ claims: { iss: `${realm.issuer}/` } })],
  ['no issuer', 'ISS', () => realm.token({ claims: { iss: undefined } })],
  ['issuers in a list', 'ISS', () => realm.token({ claims: { iss: [realm.issuer] } })],
  ['another audience', 'AUD', () => realm.token({ claims: { aud: 'account' } })],
  ['an audience that begins like ours', 'AUD', () => realm.token({ claims: { aud: 'bulkhead-api-2' } })],
  ['no audience', 'AUD', () => realm.token({ claims: { aud: undefined } })],
  ['other audiences', 'AUD', () => realm.token({ claims: { aud: ['account', 'grafana'] } })],
  ['an ID token', 'TYP', () => realm.token({ claims: { typ: 'ID' } })],
  ['a refresh token', 'TYP', () => realm.token({ claims: { typ: 'Refresh' } })],
  ['a DPoP token', 'TYP', () => realm.token({ claims: { typ: 'DPoP', cnf: { jkt: 'x' } } })],
  ['no type', 'TYP', () => realm.token({ claims: { typ: undefined } })],
  ['no expiry', 'TIME', () => realm.token({ claims: { exp: undefined } })],
  ['an expiry that is a text', 'TIME', () => realm.token({ claims: { exp: `${seconds() + 300}` } })],
  ['no time of issue', 'TIME', () => realm.token({ claims: { iat: undefined } })],
  ['not before a text', 'TIME', () => realm.token({ claims: { nbf: 'now' } })],
  ['a negative time', 'TIME', () => realm.token({ claims: { iat: -1 } })],
  ['expired', 'EXPIRED', () => realm.token({ claims: { exp: seconds() - 31 } })],
  ['not valid yet', 'NBF', () => realm.token({ claims: { nbf: seconds() + 60 } })],
  ['issued in the future', 'IAT', () => realm.token({ claims: { iat: seconds() + 60 } })],
  ['a life of a day', 'LIFETIME', () => realm.token({ claims: { exp: seconds() + 86_400 } })],
  ['no subject', 'SUBJECT', () => realm.token({ claims: { sub: undefined } })],
  ['a subject that is a number', 'SUBJECT', () => realm.token({ claims: { sub: 1 } })],
  ['an unknown client', 'AZP', () => realm.token({ claims: { azp: 'grafana' } })],
  ['no client', 'AZP', () => realm.token({ claims: { azp: undefined } })],
  ['bound to a key', 'SENDER_CONSTRAINED', () => realm.token({ claims: { cnf: { jkt: 'x' } } })],
  ['a token id that is an object', 'CLAIM_SHAPE', () => realm.token({ claims: { jti: {} } })],

  ['a key that the realm does not have', 'UNKNOWN_KEY', () => realm.token({ header: { kid: 'another' } })],
  ["the realm's key for encryption", 'UNKNOWN_KEY', () => realm.token({ header: { kid: realm.keys['RSA-OAEP'].kid } })],
  ["another algorithm's key", 'UNKNOWN_KEY', () => realm.token({ header: { kid: realm.keys.ES256.kid } })],
  ['a changed payload', 'SIGNATURE', () => spelled('', encode(realm.claims({ sub: 'somebody-else' })))],
  ['a changed signature', 'SIGNATURE', () => changeSignature(realm.token())],
  ['a changed signature of ES256', 'SIGNATURE', () => changeSignature(realm.token({ algorithm: 'ES256' }))],
  ['signed by a stranger', 'SIGNATURE', () => realm.token({ privateKey: realm.makeKey('RS256').privateKey })],
  ['PS256 as a label on an RS256 signature', 'SIGNATURE', () => realm.token({ header: asPs256() })],
  ['an ES256 signature in DER', 'SIGNATURE', () => derSigned()],
  ['a short signature', 'SIGNATURE', () => `${realm.token().split('.').slice(0, 2).join('.')}.AAAA`],
];

function respell(token: string): string {
  // 256 bytes leave four spare bits in the last character, which every lax decoder ignores.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1) ?? 'A');
  return token.slice(0, -1) + alphabet.charAt(last + 1);
}

function changeSignature(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

function hmacWithPublicKey(): string {
  const [, payload] = realm.token().split('.');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', kid: realm.keys.RS256.kid })}.${payload}`;
  const pem = createPublicKey(realm.keys.RS256.privateKey).export({ type: 'spki', format: 'pem' });
  return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
}

function derSigned(): string {
  const [header, payload] = realm.token({ algorithm: 'ES256' }).split('.');
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), realm.keys.ES256.privateKey);
  return `${header}.${payload}.${signature.toString('base64url')}`;
}

const asPs256 = () => ({ alg: 'PS256', kid: realm.keys.PS256.kid });

describe('the token corpus', () => {
  test.each(corpus)('%s: %s', async (_name, expected, make) => {
    expect(await refusalOf(verifier.verify(make()))).toBe(expected);
  });

  test('refuses what can never be accepted without asking for keys', async () => {
    const cold = verifierOf();
    const before = realm.fetches;
    const needKeys: readonly string[] = ['accepted', 'UNKNOWN_KEY', 'SIGNATURE'];
    for (const [, expected, make] of corpus) if (!needKeys.includes(expected)) await refusalOf(cold.verify(make()));
    expect(realm.fetches).toBe(before);
  });

  test('says the same to the caller whatever is wrong, and the reason only to the log', async () => {
    const messages = new Set<string>();
    for (const [, expected, make] of corpus) {
      if (expected === 'accepted' || expected === 'EXPIRED') continue;
      await verifier.verify(make()).catch((error: TokenError) => {
        messages.add(error.message);
        expect(error).toMatchObject({ code: 'UNAUTHENTICATED', isRetryable: false });
        expect(error.detail).toContain(expected);
      });
    }
    expect([...messages]).toEqual(['The access token is not valid here. Sign in again.']);
  });

  test('never puts the token into an error', async () => {
    for (const [, expected, make] of corpus) {
      const token = make();
      if (expected === 'accepted' || token === '' || token === 'token') continue;
      const error: unknown = await verifier.verify(token).catch((thrown: unknown) => thrown);
      const texts = error instanceof TokenError ? `${error.message} ${error.detail} ${String(error.cause)}` : '';
      expect(texts).not.toBe('');
      expect(texts).not.toContain(token.split('.')[2] || token);
    }
  });
});

describe('tokens of the lab identity provider', () => {
  const settingsOf = (url: string) => accessSettings.parse({ issuers: [{ url }], clients });

  test('a person comes with the roles of each organization apart', async () => {
    const principal = await makeTokenVerifier(settingsOf(identity.issuer)).verify(await identity.token('dana'));
    expect(principal).toMatchObject({
      kind: 'PERSON',
      displayName: 'Dana Double',
      clientId: 'bulkhead-cli',
      issuer: identity.issuer,
      authTime: expect.any(Date),
      providerRoles: [],
      grants: [
        { identityId: labOrganizationId('acme'), role: 'VIEWER' },
        { identityId: labOrganizationId('globex'), role: 'ADMIN' },
      ],
    });
  });

  test('provider staff, an MSP client and a billing client are told apart by the registry', async () => {
    const lab = makeTokenVerifier(settingsOf(identity.issuer));
    expect(await lab.verify(await identity.token('pat'))).toMatchObject({
      kind: 'PERSON',
      providerRoles: ['provider-admin'],
      grants: [],
    });
    expect(await lab.verify(await identity.token('msp-northwind'))).toMatchObject({
      kind: 'MSP_CLIENT',
      providerRoles: [],
      grants: [{ identityId: labOrganizationId('northwind-msp'), role: 'OPERATOR' }],
    });
    expect(await lab.verify(await identity.token('billing-contoso'))).toMatchObject({
      kind: 'BILLING_CLIENT',
      grants: [{ identityId: labOrganizationId('contoso-msp'), role: 'BILLING' }],
    });
  });

  test('a rotated key works at once after the cooldown, and a withdrawn one no longer once the cache is old', async () => {
    const rotating = await startIdentity();
    try {
      let cold = makeTokenVerifier(settingsOf(rotating.issuer), { cooldownMs: 0 });
      const old = await rotating.token('vic');
      expect(await refusalOf(cold.verify(old))).toBe('accepted');
      await rotating.rotateKeys();
      expect(await refusalOf(cold.verify(await rotating.token('vic')))).toBe('accepted');
      await rotating.rotateKeys({ withdrawOld: true });
      cold = makeTokenVerifier(settingsOf(rotating.issuer));
      expect(await refusalOf(cold.verify(await rotating.token('vic')))).toBe('accepted');
      expect(await refusalOf(cold.verify(old))).toBe('UNKNOWN_KEY');
    } finally {
      await rotating.stop();
    }
  });
});

describe('the key endpoint', () => {
  test('is asked once for many tokens at the start', async () => {
    const cold = verifierOf();
    const before = realm.fetches;
    await Promise.all(Array.from({ length: 100 }, () => cold.verify(realm.token())));
    expect(realm.fetches).toBe(before + 1);
  });

  test('is asked once for many tokens with unknown keys', async () => {
    const warm = verifierOf({}, { cooldownMs: 0 });
    await warm.verify(realm.token());
    const before = realm.fetches;
    const forged = Array.from({ length: 200 }, (_, index) => realm.token({ header: { kid: `forged-${index}` } }));
    const refusals = await Promise.all(forged.map((token) => refusalOf(warm.verify(token))));
    expect(new Set(refusals)).toEqual(new Set(['UNKNOWN_KEY']));
    expect(realm.fetches - before).toBeLessThanOrEqual(2);
  });

  const outages: readonly [string, HandRealm['answer']][] = [
    ['answers 503', (response) => void response.writeHead(503).end()],
    ['answers HTML with status 200', (response) => void response.writeHead(200).end('<html>Maintenance</html>')],
    ['answers an empty list', (response) => void response.writeHead(200).end('{"keys":[]}')],
    ['redirects', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
    ['cuts the connection', (response) => void response.destroy()],
    ['answers nothing', () => undefined],
    ['answers half and stops', (response) => void response.writeHead(200).write('{"keys":[')],
    ['answers without end', (response) => void response.writeHead(200).end('x'.repeat(600_000))],
  ];
  test.each(outages)(
    '%s: the token is not judged, and the next ones ask no more for a while',
    async (_name, answer) => {
      realm.answer = answer;
      let now = 0;
      const cold = verifierOf({}, { timeoutMs: 150, now: () => now });
      const before = realm.fetches;
      const tokens = Array.from({ length: 50 }, () => realm.token());
      const error = await cold.verify(tokens[0] ?? '').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'BACKEND_UNAVAILABLE', refusal: 'IDP_UNAVAILABLE', isRetryable: true });
      for (const token of tokens) expect(await refusalOf(cold.verify(token))).toBe('IDP_UNAVAILABLE');
      expect(realm.fetches).toBe(before + 1);

      // The pause is over and the realm is back.
      now += 501;
      realm.answer = undefined;
      expect(await refusalOf(cold.verify(realm.token()))).toBe('accepted');
    },
  );

  test('is asked ever more seldom while it fails, at least every half minute', async () => {
    realm.answer = (response) => response.writeHead(500).end();
    let now = 0;
    const cold = verifierOf({}, { now: () => now });
    const before = realm.fetches;
    for (; now < 120_000; now += 100) expect(await refusalOf(cold.verify(realm.token()))).toBe('IDP_UNAVAILABLE');
    // 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s, then every 30 s.
    expect(realm.fetches - before).toBe(9);
  });

  test('may be away while the known keys are fresh', async () => {
    const warm = verifierOf();
    await warm.verify(realm.token());
    realm.answer = (response) => response.destroy();
    expect(await refusalOf(warm.verify(realm.token()))).toBe('accepted');
    expect(await refusalOf(warm.verify(realm.token({ algorithm: 'ES256' })))).toBe('accepted');
  });

  test('is not needed with a pinned key set', async () => {
    realm.answer = (response) => response.destroy();
    const { jwk } = realm.keys.RS256;
    const offline = verifierOf({ pinnedKeys: { keys: [{ ...jwk }] } });
    expect(await refusalOf(offline.verify(realm.token()))).toBe('accepted');
    expect(await refusalOf(offline.verify(realm.token({ algorithm: 'ES256' })))).toBe('IDP_UNAVAILABLE');
    expect(await refusalOf(offline.verify(changeSignature(realm.token())))).toBe('SIGNATURE');
  });

  test('is the only thing ever asked: the adapter makes no request of its own', async () => {
    const cold = verifierOf();
    const before = realm.fetches;
    await cold.verify(realm.token());
    await refusalOf(cold.verify(changeSignature(realm.token())));
    expect(realm.fetches).toBe(before + 1);
  });
});

describe('remembered tokens', () => {
  test('expire when the token does, and are checked anew after a minute', async () => {
    let time = Date.now();
    const patient = verifierOf({ keysMaxAgeSeconds: 86_400 }, { clock: () => new Date(time) });
    const token = realm.token({ claims: { exp: seconds() + 40 } });
    await patient.verify(token);
    time += 65_000;
    expect(await refusalOf(patient.verify(token))).toBe('accepted');
    time += 10_000;
    expect(await refusalOf(patient.verify(token))).toBe('EXPIRED');
  });

  test('do not lend their acceptance to a forged copy', async () => {
    const token = realm.token();
    await verifier.verify(token);
    expect(await refusalOf(verifier.verify(changeSignature(token)))).toBe('SIGNATURE');
    expect(await refusalOf(verifier.verify(respell(token)))).toBe('MALFORMED');
  });

  test.each([
    ['token', { tokenId: 'jti-1' }],
    ['session', { sessionId: 'session-9' }],
    ['client', { clientId: 'bulkhead-portal', issuedUpTo: new Date('2100-01-01') }],
  ])('are refused once their %s is revoked', async (_name, revocation) => {
    const revocations = makeRevocations(3600);
    const watchful = verifierOf({}, { revocations });
    const token = realm.token({ claims: { jti: 'jti-1', sid: 'session-9' } });
    const other = realm.token({ claims: { azp: 'bulkhead-cli', jti: 'jti-2', sid: 'session-8' } });
    await watchful.verify(token);
    await watchful.verify(other);
    revocations.add(revocation);
    expect(await refusalOf(watchful.verify(token))).toBe('REVOKED');
    expect(await refusalOf(watchful.verify(other))).toBe('accepted');
  });

  test('of a subject are refused if issued before its revocation', async () => {
    const revocations = makeRevocations(3600);
    const watchful = verifierOf({}, { revocations });
    const subject = String(realm.claims().sub);
    const [before, after] = [
      realm.token({ claims: { iat: seconds() - 60 } }),
      realm.token({ claims: { iat: seconds() + 20 } }),
    ];
    revocations.add({ issuer: realm.issuer, subject, issuedUpTo: new Date() });
    expect(await refusalOf(watchful.verify(before))).toBe('REVOKED');
    expect(await refusalOf(watchful.verify(after))).toBe('accepted');
  });

  test('revocations are forgotten when no token can be alive any more', () => {
    let now = new Date(0);
    const revocations = makeRevocations(3600, () => now);
    revocations.add({ tokenId: 'one' });
    now = new Date(3_600_001);
    revocations.add({ tokenId: 'two' });
    const [issuer] = accessSettings.parse({ issuers: [{ url: realm.issuer }], clients }).issuers;
    const [client] = accessSettings.parse({ issuers: [{ url: realm.issuer }], clients }).clients;
    if (!issuer || !client) throw new Error('The settings lost their issuer.');
    const claims = { issuer, client, algorithm: 'RS256', keyId: 'k', subject: 's', issuedAt: 0, expiresAt: 1 } as const;
    expect(revocations.isRevoked({ ...claims, tokenId: 'one' })).toBe(false);
    expect(revocations.isRevoked({ ...claims, tokenId: 'two' })).toBe(true);
  });
});

describe('the Authorization header', () => {
  test.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
  ])('%j carries %s', (header, token) => expect(bearerToken(header)).toBe(token));

  test.each([
    [undefined, 'MISSING'],
    ['', 'MISSING'],
    ['abc', 'MALFORMED'],
    ['Basic abc', 'MALFORMED'],
    ['DPoP abc', 'MALFORMED'],
    ['Bearer', 'MALFORMED'],
    ['Bearer a b', 'MALFORMED'],
    [['Bearer abc'], 'MALFORMED'],
    [{ token: 'abc' }, 'MALFORMED'],
  ])('%j is refused as %s', (header, refusal) => {
    expect(() => bearerToken(header)).toThrowError(expect.objectContaining({ refusal }));
  });
});

describe('the settings', () => {
  const parse = (url: string, more: object = {}) =>
    accessSettings.safeParse({ issuers: [{ url, ...more }], clients }).success;

  test.each([
    ['https://login.example.net/realms/dr', true],
    ['http://127.0.0.1:8480/realms/dr', true],
    ['http://127.3.2.1/realms/dr', true],
    ['http://login.example.net/realms/dr', false],
    ['http://127.0.0.1.example.net/realms/dr', false],
    ['https://login.example.net/', false],
    ['https://login.example.net/realms/dr/', false],
    ['ftp://127.0.0.1/realms/dr', false],
  ])('the issuer %s is taken: %s', (url, isTaken) => expect(parse(url)).toBe(isTaken));

  test.each([['HS256'], ['none'], ['RS1']])('the algorithm %s is not taken', (algorithm) => {
    expect(parse('https://login.example.net/realms/dr', { algorithms: [algorithm] })).toBe(false);
  });
});
