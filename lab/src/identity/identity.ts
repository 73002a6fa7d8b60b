import { createPublicKey, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT, type JWTHeaderParameters } from 'jose';
import { answerCrossOrigin } from './cross-origin.ts';
import { findPerson, profileClaims, type RealmDirectory } from './directory.ts';
import type { Faults } from '../faults.ts';
import { makeRealmKey, toPublicJwk, type RealmKey } from './keys.ts';
import { labClients, labOrganizations, labPassword, labPeople, type LabClient } from './people.ts';
import { makeProvider } from './provider.ts';
import { serveSignIn } from './sign-in-page.ts';
import { makeStorage } from './storage.ts';

export interface IdentityOptions {
  /** A loopback address. Default 127.0.0.1. */
  address?: string;
  /** Default: a free one. */
  port?: number;
  /** Default `dr`. */
  realm?: string;
  /** Default: the people, organizations and clients of `people.ts`. */
  directory?: RealmDirectory;
  /** Default 300, as Keycloak's. */
  accessTokenSeconds?: number;
  /** Rules for `identity`; a call is the method and the path below the realm: `GET /protocol/openid-connect/certs`. */
  faults?: Faults;
}

export interface TokenOptions {
  /** The client through which a person signs in. Default `bulkhead-cli`. */
  clientId?: string;
  /** Default `openid profile organization:*` for people. */
  scope?: string;
  /** For tests of bad tokens: claims to set; `undefined` takes one away. The result bears the realm's true signature. */
  claims?: Record<string, unknown>;
  /** For tests of bad tokens: header fields to set, likewise. */
  header?: Record<string, unknown>;
}

export interface LabIdentity {
  issuer: string;
  jwksUrl: string;
  tokenUrl: string;
  /** An access token of a person (by username) or a machine client (by client id), got at the token endpoint. */
  token(who: string, options?: TokenOptions): Promise<string>;
  /**
   * Signs with a new key from now on. The old one stays published, as Keycloak's passive keys do, unless it is
   * withdrawn.
   */
  rotateKeys(options?: { withdrawOld?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a development OpenID provider at Keycloak's URLs, with people whom everybody may be.
 * @throws Error off loopback and under `NODE_ENV=production`: it signs in anybody as anybody.
 */
export async function startIdentity(options: IdentityOptions = {}): Promise<LabIdentity> {
  const address = options.address ?? '127.0.0.1';
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'The lab identity provider signs in anybody as anybody; it does not start with NODE_ENV=production.',
    );
  }
  if (!/^(127(\.\d{1,3}){3}|::1)$/.test(address)) {
    throw new Error(`The lab identity provider listens on loopback only, not on ${address}.`);
  }
  const directory = options.directory ?? {
    people: labPeople,
    organizations: labOrganizations,
    clients: labClients,
  };
  const realm = options.realm ?? 'dr';
  const mount = `/realms/${realm}`;

  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, address, resolve);
  });
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;
  const issuer = `http://${address.includes(':') ? `[${address}]` : address}:${port}${mount}`;

  let keys: readonly RealmKey[] = await Promise.all([makeRealmKey('sig'), makeRealmKey('enc')]);
  const storage = makeStorage();
  const secret = randomBytes(32).toString('hex');
  const accessTokenSeconds = options.accessTokenSeconds ?? 300;
  const build = () => makeProvider({ issuer, directory, keys, storage, secret, accessTokenSeconds });
  let provider = await build();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/', query] = (request.url ?? '/').split('?', 2);
    if (path !== mount && !path.startsWith(`${mount}/`)) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Realm does not exist"}');
      return;
    }
    const local = path.slice(mount.length) || '/';
    if (answerCrossOrigin(request, response)) return;
    if (await disturb(options.faults, `${request.method} ${local}`, response)) return;
    if (local.startsWith('/login-actions/authenticate/')) {
      await serveSignIn(provider, directory, request, response);
      return;
    }
    if (local === '/protocol/openid-connect/userinfo') {
      await serveUserInfo(directory, keys, request, response);
      return;
    }
    if (local === '/protocol/openid-connect/certs' && request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
      response.end(JSON.stringify({ keys: keys.map(toPublicJwk) }));
      return;
    }
    // The provider finds out where it is mounted by comparing the two.
    Object.assign(request, { originalUrl: request.url });
    request.url = query === undefined ? local : `${local}?${query}`;
    await provider.callback()(request, response);
  }
  server.on('request', (request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(400, { 'content-type': 'text/plain' }).end(String(error));
    });
  });

  const tokenUrl = `${issuer}/protocol/openid-connect/token`;
  return {
    issuer,
    jwksUrl: `${issuer}/protocol/openid-connect/certs`,
    tokenUrl,

    async token(who, { clientId, scope, claims, header } = {}) {
      const token = await obtain(tokenUrl, directory, who, clientId, scope);
      if (!claims && !header) return token;
      const key = signingKey(keys);
      const patchedHeader = { ...decodeProtectedHeader(token), ...header };
      // JSON leaves out what is undefined, in the header as in the payload.
      return new SignJWT({ ...decodeJwt(token), ...claims })
        .setProtectedHeader(JSON.parse(JSON.stringify(patchedHeader)) as JWTHeaderParameters)
        .sign(key.privateKey);
    },

    async rotateKeys({ withdrawOld = false } = {}) {
      const fresh = await makeRealmKey('sig');
      keys = [fresh, ...keys.filter((key) => !withdrawOld || key.use !== 'sig')];
      provider = await build();
    },

    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function signingKey(keys: readonly RealmKey[]): RealmKey {
  const key = keys.find((candidate) => candidate.use === 'sig');
  if (!key) throw new Error('The realm has no signing key.');
  return key;
}

async function obtain(
  tokenUrl: string,
  directory: RealmDirectory,
  who: string,
  clientId: string | undefined,
  scope: string | undefined,
): Promise<string> {
  const person = directory.people.find((candidate) => candidate.username === who);
  const client = directory.clients.find(
    (candidate) => candidate.clientId === (person ? (clientId ?? 'bulkhead-cli') : who),
  );
  if (!client) throw new Error(`The lab knows neither a person nor a client named ${person ? clientId : who}.`);
  const form = person
    ? { grant_type: 'password', username: who, password: labPassword, scope: scope ?? 'openid profile organization:*' }
    : { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) };
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: authorizationOf(client),
    body: new URLSearchParams({ ...form, ...(client.secret === undefined ? { client_id: client.clientId } : {}) }),
  });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null || !('access_token' in answer)) {
    throw new Error(`The lab gave ${who} no token: ${JSON.stringify(answer)}`);
  }
  return String(answer.access_token);
}

function authorizationOf(client: LabClient): Record<string, string> {
  if (client.secret === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${client.clientId}:${client.secret}`).toString('base64')}` };
}

/** The provider refuses an access token made for an API at its own userinfo; Keycloak does not. */
async function serveUserInfo(
  directory: RealmDirectory,
  keys: readonly RealmKey[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const verified = await jwtVerify(token, ({ kid }) => {
    const key = keys.find((candidate) => candidate.kid === kid);
    if (!key) throw new Error('Signed by no key of this realm.');
    return createPublicKey(key.privateKey);
  }).catch(() => undefined);
  const person = findPerson(directory, verified?.payload.sub ?? '');
  if (!person) {
    response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    return;
  }
  const claims = { sub: person.id, ...profileClaims(person, new Set(String(verified?.payload.scope).split(' '))) };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(claims));
}

/** Applies the fault rule for this call, if any. True when nothing more is to be done. */
async function disturb(faults: Faults | undefined, call: string, response: ServerResponse): Promise<boolean> {
  const rule = faults?.match('identity', call, 'before');
  if (rule === undefined || rule.what === 'delay') {
    if (rule) await sleep(rule.delayMs ?? 1000);
    return false;
  }
  if (rule.what === 'cut') response.destroy();
  if (rule.what === 'error' && rule.fault === 'html') {
    // What a proxy in front of a Keycloak that is down says, with a status that claims success.
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Maintenance</body></html>');
  } else if (rule.what === 'error') {
    response.writeHead(Number(rule.fault ?? 503), { 'content-type': 'application/json' });
    response.end('{"error":"unavailable"}');
  }
  // Nothing more is said to `hang`.
  return true;
}
