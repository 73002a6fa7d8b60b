import { TokenError } from './errors.ts';

/** A token taken apart, before anything is believed. */
export interface CompactToken {
  text: string;
  header: Readonly<Record<string, unknown>>;
  payload: Readonly<Record<string, unknown>>;
}

// Past some 50 organizations a person's token outgrows what HTTP servers accept as a header anyway.
const maxBytes = 12 * 1024;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The token of an `Authorization` header, or of the payload that opens a WebSocket. */
export function bearerToken(authorization: unknown): string {
  if (authorization === undefined || authorization === null || authorization === '') {
    throw new TokenError('MISSING', 'no authorization was sent');
  }
  const token = typeof authorization === 'string' ? /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1] : undefined;
  if (token === undefined) throw new TokenError('MALFORMED', 'the authorization is not `Bearer <token>`');
  return token;
}

/**
 * Takes a compact JWS apart, strictly: one token has one spelling. A second spelling of a valid token would be another
 * key for the cache and would slip past a list of revoked ones.
 */
export function parseCompactToken(text: string): CompactToken {
  if (text.length > maxBytes) throw new TokenError('MALFORMED', `longer than ${maxBytes} bytes`);
  const segments = text.split('.');
  const [header, payload, signature] = segments;
  if (segments.length !== 3 || !header || !payload || !signature) {
    throw new TokenError('MALFORMED', 'not three segments');
  }
  if (!segments.every(isCanonicalBase64Url)) throw new TokenError('MALFORMED', 'a segment is not plain base64url');
  return { text, header: parseObject(header, 'header'), payload: parseObject(payload, 'payload') };
}

function isCanonicalBase64Url(segment: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(segment) && Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

function parseObject(segment: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(Buffer.from(segment, 'base64url')));
  } catch (cause) {
    throw new TokenError('MALFORMED', `the ${what} is not JSON`, { cause });
  }
  if (!isObject(value)) throw new TokenError('MALFORMED', `the ${what} is not an object`);
  return value;
}

/** A JSON object, as opposed to an array or null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
