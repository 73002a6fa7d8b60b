import { randomUUID } from 'node:crypto';
import { tenantScope, type TenantScope } from '../access/scope.ts';
import type { OrganizationDirectory } from '../access/organization-directory.ts';
import type { TokenVerifier } from '../access/token-verifier.ts';

export interface SignIn {
  verifier: TokenVerifier;
  directory: OrganizationDirectory;
}

/** Who asks, from the token. @throws TokenError */
export async function scopeOf({ verifier, directory }: SignIn, token: string): Promise<TenantScope> {
  return tenantScope(await verifier.verify(token), directory);
}

/** Who is at a socket. What lies below an organization may change while it is open, so of that it keeps nothing. */
export function lastingScopeOf({ verifier, directory }: SignIn, token: string): Promise<TenantScope> {
  const resolve: typeof directory.resolve = async (issuer, identityIds) =>
    (await directory.resolve(issuer, identityIds)).map(({ hasNothingBelow: _ofThisMoment, ...known }) => known);
  return scopeOf({ verifier, directory: { resolve, reach: directory.reach } }, token);
}

/** The caller's own id for a request where it brings one that is safe to log, else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  const given = Array.isArray(header) ? header[0] : header;
  return given !== undefined && /^[\w.:-]{8,128}$/.test(given) ? given : randomUUID();
}
