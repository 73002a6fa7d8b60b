import type { KeyObject } from 'node:crypto';
import KeycloakConnect from 'keycloak-connect';
import { TokenError } from './errors.ts';
import type { IssuerSettings } from './settings.ts';

/** What the adapter's `validateToken` reads of a token. */
interface AdapterToken {
  header: Readonly<Record<string, unknown>>;
  content: Readonly<Record<string, unknown>>;
  signed: string;
  signature: Buffer;
  isExpired(): boolean;
}

/** The part of the adapter's GrantManager that is used; its own types know neither the key source nor these tokens. */
interface GrantManager {
  rotation: { getJWK(keyId: string): Promise<KeyObject> };
  validateToken(token: AdapterToken, type: 'Bearer'): Promise<AdapterToken>;
}

export type CheckSignature = (
  text: string,
  header: AdapterToken['header'],
  payload: AdapterToken['content'],
  key: KeyObject,
) => Promise<void>;

/**
 * Checks RS256 by keycloak-connect's GrantManager. It is given the key with the token: left to itself it would fetch
 * keys without a timeout, believe withdrawn ones for ever and end the process on an answer that is not JSON. Its
 * middleware, which opens unauthenticated endpoints, is never mounted.
 */
export function keycloakSignature(issuer: IssuerSettings): CheckSignature {
  const [, serverUrl = '', realm = ''] = /^(.*)\/realms\/([^/]+)$/.exec(issuer.url) ?? [];
  const keycloak = new KeycloakConnect(
    {},
    {
      realm,
      'auth-server-url': serverUrl,
      resource: issuer.audience,
      'bearer-only': true,
      'ssl-required': 'external',
      'confidential-port': 0,
    },
  );
  // The shipped types leave `rotation` out and ask for a token class that is not exported.
  const prototype = keycloak.grantManager as unknown as GrantManager;

  return async (text, header, content, key) => {
    const lastDot = text.lastIndexOf('.');
    // One manager per token, so that the key of one is never asked for by another.
    const manager: GrantManager = Object.create(prototype, { rotation: { value: { getJWK: async () => key } } });
    const token: AdapterToken = {
      header,
      content,
      signed: text.slice(0, lastDot),
      signature: Buffer.from(text.slice(lastDot + 1), 'base64url'),
      // Our own check has looked at the clock, with its tolerance; the adapter has none.
      isExpired: () => false,
    };
    await manager.validateToken(token, 'Bearer').catch((cause: unknown) => {
      throw new TokenError('SIGNATURE', 'the signature does not match', { cause });
    });
  };
}
