/** The closed set of request error codes (`extensions.code`); open, since a newer gateway may know more. */
export type ApiErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'COST_LIMIT_EXCEEDED'
  | 'RATE_LIMITED'
  | 'IDEMPOTENCY_IN_PROGRESS'
  | 'PERSISTED_DOCUMENT_UNKNOWN'
  | 'BACKEND_UNAVAILABLE'
  | 'BACKEND_TIMEOUT'
  | 'CURSOR_EXPIRED'
  | 'SLOW_CONSUMER'
  | 'INTERNAL'
  /** Made here: no answer, or none that is GraphQL. */
  | 'NETWORK'
  | (string & {});

export interface ApiErrorDetails {
  code: ApiErrorCode;
  operationName: string;
  retryable: boolean;
  requestId?: string | undefined;
  retryAfterMs?: number | undefined;
  /** What did arrive beside the errors. */
  data?: unknown;
  cause?: unknown;
}

/** A request that was not carried out. Holds no variables and no token. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly code: ApiErrorCode;
  readonly operationName: string;
  readonly retryable: boolean;
  /** Quote it to the provider's support. */
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly data: unknown;

  constructor(message: string, details: ApiErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.operationName = details.operationName;
    this.retryable = details.retryable;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
    this.data = details.data;
  }
}

export interface UserError {
  code: string;
  message: string;
  field?: readonly string[] | null;
}

/** A mutation that the gateway refused for a reason that its caller can act on. Thrown by `unwrap` only. */
export class UserInputFailure extends Error {
  override readonly name = 'UserInputFailure';

  constructor(readonly userErrors: readonly [UserError, ...UserError[]]) {
    super(userErrors.map((error) => `${error.code}: ${error.message}`).join('\n'));
  }
}

/** Takes a mutation's payload and returns the object it holds, or throws what stands in `userErrors`. */
export function unwrap<
  Payload extends { userErrors: readonly UserError[] },
  Key extends Exclude<keyof Payload, 'userErrors'>,
>(payload: Payload | null | undefined, key: Key): NonNullable<Payload[Key]> {
  if (!payload) throw new UserInputFailure([{ code: 'NOT_FOUND', message: 'The gateway answered with no payload.' }]);
  const [first, ...rest] = payload.userErrors;
  if (first) throw new UserInputFailure([first, ...rest]);
  const value = payload[key];
  if (value === null || value === undefined) {
    throw new UserInputFailure([{ code: 'NOT_FOUND', message: `The gateway answered without ${String(key)}.` }]);
  }
  return value;
}
