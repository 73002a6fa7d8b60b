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

/** The caller's own id for a request where it brings one that is safe to log, else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  const given = Array.isArray(header) ? header[0] : header;
  return given !== undefined && /^[\w.:-]{8,128}$/.test(given) ? given : randomUUID();
}
