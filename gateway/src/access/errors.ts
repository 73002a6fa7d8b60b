/** The closed set of codes that an entry of `errors[]` can carry (api.md C5). */
export const requestErrorCodes = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'GRAPHQL_VALIDATION_FAILED',
  'COST_LIMIT_EXCEEDED',
  'RATE_LIMITED',
  'IDEMPOTENCY_IN_PROGRESS',
  'PERSISTED_DOCUMENT_UNKNOWN',
  'BACKEND_UNAVAILABLE',
  'BACKEND_TIMEOUT',
  'CURSOR_EXPIRED',
  'SLOW_CONSUMER',
  'INTERNAL',
] as const;
export type RequestErrorCode = (typeof requestErrorCodes)[number];

interface RequestErrorOptions {
  /** For the provider's log: what the caller must not read. */
  detail?: string;
  cause?: unknown;
  isRetryable?: boolean;
  retryAfterMs?: number;
}

/**
 * A request that is refused as a whole or in one field. `message` is read by the caller; `detail` and `cause` only by
 * the provider's log. The server formats it; everything else that is thrown becomes `INTERNAL`.
 */
export class RequestError extends Error {
  override readonly name: string = 'RequestError';
  readonly detail: string | undefined;
  readonly isRetryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: RequestErrorCode,
    message: string,
    options: RequestErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.detail = options.detail;
    this.isRetryable = options.isRetryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * The answer for what does not exist and for what belongs to somebody else: one text for both, so that nothing can be
 * told from it. `detail` says to the log which of the two it was.
 */
export function hidden(detail?: string): RequestError {
  return new RequestError('NOT_FOUND', 'Not found.', detail === undefined ? {} : { detail });
}

/** The answer for an action on what the caller may see and may not touch. */
export function forbidden(message: string, detail?: string): RequestError {
  return new RequestError('FORBIDDEN', message, detail === undefined ? {} : { detail });
}

/** Why a token was refused; for the log and for metrics. The caller only learns that it is invalid. */
export const tokenRefusals = [
  'MISSING',
  'MALFORMED',
  'ALG',
  'HEADER',
  'ISS',
  'AUD',
  'TYP',
  'TIME',
  'EXPIRED',
  'NBF',
  'IAT',
  'LIFETIME',
  'SUBJECT',
  'AZP',
  'SENDER_CONSTRAINED',
  'UNKNOWN_KEY',
  'SIGNATURE',
  'REVOKED',
  'CLAIM_SHAPE',
  'IDP_UNAVAILABLE',
] as const;
export type TokenRefusal = (typeof tokenRefusals)[number];

/** A token that was not accepted. `IDP_UNAVAILABLE` says nothing against the token: the keys could not be fetched. */
export class TokenError extends RequestError {
  override readonly name = 'TokenError';

  constructor(
    readonly refusal: TokenRefusal,
    detail: string,
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    const isOutage = refusal === 'IDP_UNAVAILABLE';
    super(isOutage ? 'BACKEND_UNAVAILABLE' : 'UNAUTHENTICATED', messageOf(refusal), {
      ...options,
      detail: `${refusal}: ${detail}`,
      isRetryable: isOutage,
    });
  }
}

function messageOf(refusal: TokenRefusal): string {
  switch (refusal) {
    case 'IDP_UNAVAILABLE':
      return 'Sign-in cannot be checked at the moment. Try again shortly.';
    case 'MISSING':
      return 'Sign in first: send an access token as `Authorization: Bearer …`.';
    case 'EXPIRED':
      return 'The access token has expired. Get a new one.';
    default:
      // The same text for every other reason: which check failed helps only whoever forges tokens.
      return 'The access token is not valid here. Sign in again.';
  }
}
