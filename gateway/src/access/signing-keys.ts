import { KeyObject } from 'node:crypto';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type CryptoKey } from 'jose';
import { TokenError } from './errors.ts';
import type { IssuerSettings } from './settings.ts';

/** Finds the realm's public key for a token's header. */
export type FindKey = (header: { alg: string; kid: string }) => Promise<KeyObject>;

export interface SigningKeysOptions {
  /** For tests: milliseconds since some start. */
  now?: () => number;
  timeoutMs?: number;
  /** How soon after a fetch an unknown key may cause another. Longer, and a freshly rotated key is refused for as long. */
  cooldownMs?: number;
}

const firstPauseMs = 500;
const longestPauseMs = 30_000;
const maxBodyBytes = 512 * 1024;

/**
 * The keys of one realm. jose keeps them, picks by key id, algorithm and use, and makes one request out of many. What it
 * lacks is patience: while the realm's key endpoint fails, each token would cause a request of its own. Here a failure
 * opens a pause, which doubles up to half a minute and during which nothing is asked; known keys go on working.
 */
export function signingKeys(issuer: IssuerSettings, options: SigningKeysOptions = {}): FindKey {
  const now = options.now ?? (() => performance.now());
  let failures = 0;
  let pausedUntil = -Infinity;

  const patientFetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (now() < pausedUntil) throw new Error('The last request for keys failed; pausing.');
    try {
      const response = await fetch(url, init);
      // A proxy in front of a realm that is down may well claim success, so the body decides.
      const body = await readKeySet(response);
      failures = 0;
      return new Response(body, { status: 200, headers: { 'content-type': 'application/json' } });
    } catch (error) {
      pausedUntil = now() + Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
      failures += 1;
      throw error;
    }
  };

  const remote = createRemoteJWKSet(new URL(`${issuer.url}/protocol/openid-connect/certs`), {
    timeoutDuration: options.timeoutMs ?? 3000,
    cooldownDuration: options.cooldownMs ?? 5000,
    cacheMaxAge: issuer.keysMaxAgeSeconds * 1000,
    [customFetch]: patientFetch,
  });
  const pinned = issuer.pinnedKeys && createLocalJWKSet(issuer.pinnedKeys);
  const converted = new WeakMap<CryptoKey, KeyObject>();

  return async (header) => {
    const key = await remote(header).catch(async (error: unknown) => {
      if (isNoSuchKey(error)) throw new TokenError('UNKNOWN_KEY', 'signed by no key of the realm', { cause: error });
      const fallback = await pinned?.(header).catch(() => undefined);
      if (fallback) return fallback;
      throw new TokenError('IDP_UNAVAILABLE', `the keys of ${issuer.url} cannot be fetched`, {
        cause: error,
        retryAfterMs: Math.max(1000, Math.ceil(pausedUntil - now())),
      });
    });
    const known = converted.get(key) ?? KeyObject.from(key);
    converted.set(key, known);
    return known;
  };
}

function isNoSuchKey(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    // A key of a kind that this algorithm cannot use.
    error instanceof errors.JOSENotSupported
  );
}

async function readKeySet(response: Response): Promise<string> {
  if (response.status !== 200) throw new Error(`The key endpoint answered ${response.status}.`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Typed as a web stream, which is iterable in Node only.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw new Error('The key endpoint answers without end.');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const parsed: unknown = JSON.parse(text);
  const keys = typeof parsed === 'object' && parsed !== null && 'keys' in parsed ? parsed.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('The key endpoint answered without keys.');
  return text;
}
