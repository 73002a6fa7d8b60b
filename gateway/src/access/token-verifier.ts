import { compactVerify } from 'jose';
import { readPrincipal } from './claims.ts';
import { parseCompactToken } from './compact-token.ts';
import { TokenError } from './errors.ts';
import { keycloakSignature } from './keycloak-signature.ts';
import type { Principal } from './principal.ts';
import { makeRevocations, type Revocations } from './revocations.ts';
import type { AccessSettings, IssuerSettings } from './settings.ts';
import { signingKeys, type SigningKeysOptions } from './signing-keys.ts';
import { checkClock, checkTokenClaims, type TokenClaims } from './token-claims.ts';

/** Tells who a token speaks for. */
export interface TokenVerifier {
  /**
   * @throws TokenError for every token that is not accepted, and `IDP_UNAVAILABLE` when its key cannot be had at the
   * moment.
   */
  verify(token: string): Promise<Principal>;
}

export interface TokenVerifierOptions extends SigningKeysOptions {
  revocations?: Revocations;
  /** For tests: the wall clock. */
  clock?: () => Date;
}

interface Remembered {
  claims: TokenClaims;
  principal: Principal;
  until: number;
}

const rememberedSeconds = 60;
const mostRemembered = 10_000;

/** Makes the verifier for the configured issuers. Nothing is fetched before the first token comes. */
export function makeTokenVerifier(settings: AccessSettings, options: TokenVerifierOptions = {}): TokenVerifier {
  const clock = options.clock ?? (() => new Date());
  const longest = Math.max(...settings.issuers.map((issuer) => issuer.maxLifetimeSeconds));
  const revocations = options.revocations ?? makeRevocations(longest, clock);
  const checks = new Map(settings.issuers.map((issuer) => [issuer.url, signatureCheck(issuer, options)]));
  // By the token's exact text: by its id or its claims, a forged copy of a good token would be found.
  const remembered = new Map<string, Remembered>();

  async function verifyAfresh(text: string, nowSeconds: number): Promise<Remembered> {
    const token = parseCompactToken(text);
    const claims = checkTokenClaims(token, settings, nowSeconds);
    // Before the signature: a claim of a wrong shape is refused whoever signed it, and costs no key.
    const principal = readPrincipal(token.payload, claims, settings.claims);
    const check = checks.get(claims.issuer.url);
    if (!check) throw new TokenError('ISS', 'the issuer is not ours');
    await check(token, claims);
    return { claims, principal, until: nowSeconds + rememberedSeconds };
  }

  return {
    async verify(text) {
      const nowSeconds = clock().getTime() / 1000;
      const known = remembered.get(text);
      const isFresh = known !== undefined && known.until > nowSeconds;
      const entry = isFresh ? known : await verifyAfresh(text, nowSeconds);
      if (isFresh) checkClock(entry.claims, entry.claims.issuer, nowSeconds);
      if (revocations.isRevoked(entry.claims)) throw new TokenError('REVOKED', 'has been revoked');
      if (!isFresh) {
        // Anew at the end of the order in which the oldest are forgotten.
        remembered.delete(text);
        remembered.set(text, entry);
        const oldest = remembered.size > mostRemembered ? remembered.keys().next().value : undefined;
        if (oldest !== undefined) remembered.delete(oldest);
      }
      return entry.principal;
    },
  };
}

type Check = (token: ReturnType<typeof parseCompactToken>, claims: TokenClaims) => Promise<void>;

function signatureCheck(issuer: IssuerSettings, options: SigningKeysOptions): Check {
  const findKey = signingKeys(issuer, options);
  const checkRs256 = keycloakSignature(issuer);
  return async ({ text, header, payload }, { algorithm, keyId }) => {
    const key = await findKey({ alg: algorithm, kid: keyId });
    if (algorithm === 'RS256') return checkRs256(text, header, payload, key);
    await compactVerify(text, key, { algorithms: [algorithm] }).catch((cause: unknown) => {
      throw new TokenError('SIGNATURE', 'the signature does not match', { cause });
    });
  };
}
