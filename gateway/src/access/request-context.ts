import type { TenantScope } from './scope.ts';

/**
 * What every resolver gets. It lives here and not in the server, so that a domain's resolver imports no server. A domain
 * adds its own use cases beside its resolver:
 *
 *     declare module '../access/request-context.ts' {
 *       interface RequestContext { failovers: Failovers }
 *     }
 */
export interface RequestContext {
  readonly scope: TenantScope;
  /** From the edge to the plugin call; in every error and log line. */
  readonly requestId: string;
  /** The client that the token was issued to: one part of an idempotency key's scope. */
  readonly clientId: string;
  /** Aborted when the caller goes away or the request's deadline has passed. */
  readonly signal: AbortSignal;
  /** The address that the request came from, for the audit. */
  readonly remoteAddress?: string;
}
