import { createHash, createPublicKey, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { accessSettings, type AccessSettingsInput } from '@bulkhead/gateway/internal/access/settings';
import { makeTokenVerifier } from '@bulkhead/gateway/internal/access/token-verifier';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify, type JWK } from 'jose';
import KeycloakConnect from 'keycloak-connect';

export interface Realm {
  access: AccessSettingsInput;
  issuer: string;
  audience: string;
  jwksUrl: string;
}

/** Checks one token and tells its subject, so that nobody is paid for not looking. */
export type Check = (token: string) => Promise<string>;

/** Makes a check that remembers nothing yet. Its keys are fetched with the first token. */
export const checks = {
  bulkhead: async ({ access }) => {
    const verifier = makeTokenVerifier(accessSettings.parse(access));
    return async (token) => (await verifier.verify(token)).subject;
  },

  /** As the adapter's own middleware does it: its token class, its keys, its way to remember them. */
  keycloakConnect: async ({ issuer, audience }) => {
    const [, serverUrl = '', realm = ''] = /^(.*)\/realms\/([^/]+)$/.exec(issuer) ?? [];
    const keycloak = new KeycloakConnect({}, {
      realm,
      'auth-server-url': serverUrl,
      resource: audience,
      'bearer-only': true,
      'verify-token-audience': true,
      'ssl-required': 'external',
      'confidential-port': 0,
    } as ConstructorParameters<typeof KeycloakConnect>[1]);
    // The package has the class beside its entry, without types.
    const Token = createRequire(import.meta.url)('keycloak-connect/middleware/auth-utils/token') as new (
      text: string,
      clientId: string,
    ) => { content: { sub: string } };
    // The shipped types ask for a token class that is not exported.
    const manager = keycloak.grantManager as unknown as {
      validateToken(token: InstanceType<typeof Token>, type: 'Bearer'): Promise<InstanceType<typeof Token>>;
    };
    return async (text) => (await manager.validateToken(new Token(text, audience), 'Bearer')).content.sub;
  },

  jose: async ({ issuer, audience, jwksUrl }) => {
    const keys = createRemoteJWKSet(new URL(jwksUrl));
    return async (token) => {
      const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256'] });
      return String(payload.sub);
    };
  },

  /** The signature alone, with the key at hand: what nobody can be below. */
  signature: async ({ jwksUrl }) => {
    const response = await fetch(jwksUrl);
    const { keys } = (await response.json()) as { keys: JWK[] };
    const byId = new Map(keys.map((key) => [key.kid, createPublicKey({ key: { ...key }, format: 'jwk' })]));
    return async (token) => {
      const [, payload = '', signature = ''] = token.split('.');
      const key = byId.get(decodeProtectedHeader(token).kid);
      const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')));
      if (!key || !verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url')))
        throw new Error('The signature does not match.');
      return subjectOf(payload);
    };
  },
} satisfies Record<string, (realm: Realm) => Promise<Check>>;

export type CheckName = keyof typeof checks;

function subjectOf(payload: string): string {
  return (JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { sub: string }).sub;
}

/** One short text for all subjects in their order: equal for everybody who read the same tokens. */
export function digestOf(subjects: readonly string[]): string {
  return createHash('sha256').update(subjects.join('\n')).digest('hex');
}
