import { createSign, generateKeyPairSync, randomUUID, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HandAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';

interface HandKey {
  kid: string;
  alg: HandAlgorithm | 'RSA-OAEP';
  privateKey: KeyObject;
  jwk: JsonWebKey & { kid: string; alg: string; use: string };
}

export interface TokenParts {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  algorithm?: HandAlgorithm;
  /** Signs with this key instead of the realm's. */
  privateKey?: KeyObject;
}

/**
 * A realm of which a test holds the keys: it publishes them at Keycloak's URL, counts who asks, answers as badly as it
 * is told to, and signs whatever a test wants signed.
 */
export interface HandRealm {
  issuer: string;
  keys: Record<HandAlgorithm | 'RSA-OAEP', HandKey>;
  fetches: number;
  /** How the key endpoint answers; `undefined`: with the keys. */
  answer: ((response: ServerResponse) => void) | undefined;
  publish(keys: readonly HandKey[]): void;
  makeKey(algorithm: HandKey['alg']): HandKey;
  claims(overrides?: Record<string, unknown>): Record<string, unknown>;
  token(parts?: TokenParts): string;
  stop(): Promise<void>;
}

export async function startHandRealm(): Promise<HandRealm> {
  const keys = {
    RS256: makeKey('RS256'),
    PS256: makeKey('PS256'),
    ES256: makeKey('ES256'),
    EdDSA: makeKey('EdDSA'),
    'RSA-OAEP': makeKey('RSA-OAEP'),
  };
  let published: readonly HandKey[] = Object.values(keys);

  const server = createServer((request, response) => {
    realm.fetches += 1;
    if (realm.answer) return realm.answer(response);
    if (request.url !== '/realms/dr/protocol/openid-connect/certs') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    return void response.end(JSON.stringify({ keys: published.map((key) => key.jwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;

  const realm: HandRealm = {
    issuer: `http://127.0.0.1:${port}/realms/dr`,
    keys,
    fetches: 0,
    answer: undefined,
    makeKey,
    publish(next) {
      published = next;
    },
    claims(overrides = {}) {
      const now = Math.floor(Date.now() / 1000);
      return {
        iss: realm.issuer,
        aud: 'bulkhead-api',
        azp: 'bulkhead-portal',
        typ: 'Bearer',
        sub: '91aa0000-0000-4000-8000-000000000001',
        iat: now,
        exp: now + 300,
        jti: randomUUID(),
        sid: 'session-1',
        ...overrides,
      };
    },
    token({ header = {}, claims = {}, algorithm = 'RS256', privateKey } = {}) {
      const key = keys[algorithm];
      const head = encode({ alg: algorithm, typ: 'JWT', kid: key.kid, ...header });
      const signed = `${head}.${encode(realm.claims(claims))}`;
      return `${signed}.${signWith(algorithm, privateKey ?? key.privateKey, signed).toString('base64url')}`;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return realm;
}

export function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

function makeKey(alg: HandKey['alg']): HandKey {
  const { privateKey, publicKey } = generate(alg);
  const kid = randomUUID();
  const use = alg === 'RSA-OAEP' ? 'enc' : 'sig';
  return { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use } };
}

function generate(alg: HandKey['alg']) {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function signWith(algorithm: HandAlgorithm, key: KeyObject, text: string): Buffer {
  const data = Buffer.from(text);
  switch (algorithm) {
    case 'RS256':
      return createSign('RSA-SHA256').update(data).sign(key);
    case 'PS256':
      return sign('sha256', data, { key, padding: 6, saltLength: 32 });
    case 'ES256':
      return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
    case 'EdDSA':
    default:
      return sign(null, data, key);
  }
}
