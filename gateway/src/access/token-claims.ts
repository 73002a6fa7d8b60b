import type { CompactToken } from './compact-token.ts';
import { TokenError } from './errors.ts';
import type { AccessSettings, ClientRegistration, IssuerSettings } from './settings.ts';

/** The claims that decide whether a token is accepted, checked; what it grants is read by `claims.ts`. */
export interface TokenClaims {
  issuer: IssuerSettings;
  client: ClientRegistration;
  algorithm: IssuerSettings['algorithms'][number];
  keyId: string;
  subject: string;
  issuedAt: number;
  expiresAt: number;
  notBefore?: number;
  tokenId?: string;
  sessionId?: string;
}

// Each of them tells a verifier to take its key, or the rules of verification, from the token itself.
const forbiddenHeaders = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c'];

/**
 * Checks everything that can be known without a key. It runs before any signature is looked at, so that a token which
 * can never be accepted costs no cryptography and no request for keys.
 */
export function checkTokenClaims(token: CompactToken, settings: AccessSettings, nowSeconds: number): TokenClaims {
  const { header, payload } = token;
  const issuer = settings.issuers.find((candidate) => candidate.url === payload.iss);
  if (!issuer) throw new TokenError('ISS', 'the issuer is not ours');

  const algorithm = issuer.algorithms.find((candidate) => candidate === header.alg);
  if (algorithm === undefined) throw new TokenError('ALG', 'the algorithm is not one of the issuer');
  const forbidden = forbiddenHeaders.find((name) => Object.hasOwn(header, name));
  if (forbidden !== undefined) throw new TokenError('HEADER', `the header carries ${forbidden}`);
  const { kid: keyId, typ: headerType } = header;
  if (typeof keyId !== 'string' || keyId === '' || keyId.length > 128) {
    throw new TokenError('HEADER', 'the header names no key');
  }
  if (headerType !== undefined && headerType !== 'JWT' && headerType !== 'at+jwt') {
    throw new TokenError('TYP', 'the header names another type of token');
  }

  const { aud, typ, sub: subject, azp, jti, sid } = payload;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(issuer.audience)) throw new TokenError('AUD', 'made for another audience');
  // An ID token, a refresh token and a DPoP token differ here and nowhere else.
  if (typ !== 'Bearer') throw new TokenError('TYP', 'not an access token of type Bearer');
  const times = checkTimes(payload, issuer, nowSeconds);
  if (typeof subject !== 'string' || subject === '' || subject.length > 255) {
    throw new TokenError('SUBJECT', 'names no subject');
  }
  const client = settings.clients.find((candidate) => candidate.azp === azp);
  if (!client) throw new TokenError('AZP', 'issued to a client that is not in the registry');
  if (payload.cnf !== undefined) {
    throw new TokenError('SENDER_CONSTRAINED', 'bound to a key whose possession is not proven here');
  }
  return {
    issuer,
    client,
    algorithm,
    keyId,
    subject,
    ...times,
    ...optionalText('tokenId', jti),
    ...optionalText('sessionId', sid),
  };
}

type Times = Pick<TokenClaims, 'issuedAt' | 'expiresAt' | 'notBefore'>;

function checkTimes(payload: CompactToken['payload'], issuer: IssuerSettings, nowSeconds: number): Times {
  const { exp: expiresAt, iat: issuedAt, nbf: notBefore } = payload;
  if (!isTime(expiresAt) || !isTime(issuedAt) || !(notBefore === undefined || isTime(notBefore))) {
    throw new TokenError('TIME', 'a time is missing or not a number');
  }
  const times: Times = { issuedAt, expiresAt, ...(notBefore === undefined ? {} : { notBefore }) };
  checkClock(times, issuer, nowSeconds);
  if (issuedAt > nowSeconds + issuer.clockToleranceSeconds) throw new TokenError('IAT', 'issued in the future');
  if (expiresAt - issuedAt > issuer.maxLifetimeSeconds) throw new TokenError('LIFETIME', 'lives too long');
  return times;
}

/** What has to hold again each time a remembered token is used. */
export function checkClock(times: Times, issuer: IssuerSettings, nowSeconds: number): void {
  const tolerance = issuer.clockToleranceSeconds;
  if (times.expiresAt + tolerance <= nowSeconds) throw new TokenError('EXPIRED', 'has expired');
  if (times.notBefore !== undefined && times.notBefore > nowSeconds + tolerance) {
    throw new TokenError('NBF', 'is not valid yet');
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function optionalText<Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> {
  if (value === undefined) return {};
  if (typeof value !== 'string' || value.length > 255) throw new TokenError('CLAIM_SHAPE', `${name} is not a text`);
  // The computed name is `name`; the compiler widens it to any string.
  return { [name]: value } as Partial<Record<Name, string>>;
}
