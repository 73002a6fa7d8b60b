import type { TokenClaims } from './token-claims.ts';

/** What is no longer accepted although it has not expired. */
export type Revocation =
  | { tokenId: string }
  | { sessionId: string }
  /** Every token of the subject that was issued up to that instant. */
  | { issuer: string; subject: string; issuedUpTo: Date }
  /** Every token that was issued to the client up to that instant. */
  | { clientId: string; issuedUpTo: Date };

export interface Revocations {
  /** Remembers it until no token that it concerns can be alive. Adding it again changes nothing. */
  add(revocation: Revocation): void;
  isRevoked(token: TokenClaims): boolean;
}

/** A set of revocations in memory. It is filled at start and by notification; the rows are kept elsewhere. */
export function makeRevocations(longestLifetimeSeconds: number, now: () => Date = () => new Date()): Revocations {
  const entries = new Map<string, { issuedUpTo: number; forgetAt: number }>();
  const forgetOld = () => {
    for (const [key, entry] of entries) if (entry.forgetAt <= now().getTime()) entries.delete(key);
  };

  return {
    add(revocation) {
      forgetOld();
      const issuedUpTo = 'issuedUpTo' in revocation ? revocation.issuedUpTo.getTime() / 1000 : Infinity;
      const key = keyOf(revocation);
      const before = entries.get(key)?.issuedUpTo ?? -Infinity;
      const forgetAt = now().getTime() + longestLifetimeSeconds * 1000;
      entries.set(key, { issuedUpTo: Math.max(before, issuedUpTo), forgetAt });
    },
    isRevoked({ tokenId, sessionId, subject, issuer, client, issuedAt }) {
      if (entries.size === 0) return false;
      const concerned = [
        ...(tokenId === undefined ? [] : [keyOf({ tokenId })]),
        ...(sessionId === undefined ? [] : [keyOf({ sessionId })]),
        keyOf({ issuer: issuer.url, subject, issuedUpTo: new Date(0) }),
        keyOf({ clientId: client.azp, issuedUpTo: new Date(0) }),
      ];
      return concerned.some((key) => {
        const entry = entries.get(key);
        return entry !== undefined && issuedAt <= entry.issuedUpTo;
      });
    },
  };
}

function keyOf(revocation: Revocation): string {
  if ('tokenId' in revocation) return `token ${revocation.tokenId}`;
  if ('sessionId' in revocation) return `session ${revocation.sessionId}`;
  if ('subject' in revocation) return `subject ${revocation.issuer} ${revocation.subject}`;
  return `client ${revocation.clientId}`;
}
