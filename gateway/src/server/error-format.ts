import { PluginError, type PluginLog } from '@bulkhead/plugin-sdk';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { RequestError, requestErrorCodes, type RequestErrorCode } from '../access/errors.ts';
import { eventCursor } from '../operations/event-cursor.ts';
import { isDatabaseInTheWay } from '../workflows/persistently.ts';
import { SlowConsumer } from '../workflows/slow-consumer.ts';

/** What the caller learns of an error, and what the log does. */
interface Reading {
  code: RequestErrorCode;
  message: string;
  retryable: boolean;
  retryAfterMs?: number;
  /** Where a stream that was ended can be taken up again. */
  cursor?: string;
  /** Only for the log. */
  detail?: string;
}

const apolloCodes: Readonly<Record<string, RequestErrorCode>> = {
  GRAPHQL_PARSE_FAILED: 'GRAPHQL_VALIDATION_FAILED',
  GRAPHQL_VALIDATION_FAILED: 'GRAPHQL_VALIDATION_FAILED',
  BAD_USER_INPUT: 'BAD_USER_INPUT',
  BAD_REQUEST: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_USER_INPUT',
  PERSISTED_QUERY_NOT_FOUND: 'PERSISTED_DOCUMENT_UNKNOWN',
  PERSISTED_QUERY_NOT_SUPPORTED: 'PERSISTED_DOCUMENT_UNKNOWN',
};

/**
 * The entry of `errors[]` for an error, whatever it was: a code of the closed set, a text from our own catalogue, and the
 * request's id. Backends' texts, statements, parameters and stacks stay in the log.
 */
export function formatRequestError(
  formatted: GraphQLFormattedError,
  error: unknown,
  requestId: string,
  log: PluginLog,
): GraphQLFormattedError {
  const original = unwrap(error);
  const reading = read(original, formatted);
  const { code, message, retryable, retryAfterMs, cursor, detail } = reading;
  const fields = { requestId, code, path: formatted.path, ...(detail === undefined ? {} : { detail }) };
  if (code === 'INTERNAL') log.error({ ...fields, error: describe(original) }, 'A request failed.');
  else log.debug(fields, 'A request was refused.');
  return {
    message,
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
    extensions: {
      code,
      requestId,
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(cursor === undefined ? {} : { cursor }),
    },
  };
}

function unwrap(error: unknown): unknown {
  let current = error;
  while (current instanceof GraphQLError && current.originalError) current = current.originalError;
  return current;
}

function read(error: unknown, formatted: GraphQLFormattedError): Reading {
  if (error instanceof RequestError) {
    return {
      code: error.code,
      message: error.message,
      retryable: error.isRetryable,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.detail === undefined ? {} : { detail: error.detail }),
    };
  }
  if (error instanceof SlowConsumer) {
    const cursor = eventCursor(error.operationId, error.lastSequence);
    return { code: 'SLOW_CONSUMER', message: error.message, retryable: true, cursor };
  }
  if (PluginError.is(error)) {
    return { code: 'BACKEND_UNAVAILABLE', message: error.message, retryable: error.isRetryable, detail: error.detail };
  }
  // GraphQL's own words about a document are the caller's own business; they hold nothing of ours.
  if (error instanceof GraphQLError) {
    const stated = formatted.extensions?.code;
    const known =
      typeof stated === 'string'
        ? (apolloCodes[stated] ?? requestErrorCodes.find((code) => code === stated))
        : undefined;
    // Names that are nearly right are told to nobody, whether introspection would tell them or not.
    const message = formatted.message.replace(/ Did you mean .*\?$/s, '');
    if (known) return { code: known, message, retryable: false };
  }
  if (isDatabaseInTheWay(error)) {
    return {
      code: 'BACKEND_UNAVAILABLE',
      message: 'The service cannot reach its records for the moment; try again.',
      retryable: true,
      detail: describe(error),
    };
  }
  if (holdsNul(error)) {
    return {
      code: 'BAD_USER_INPUT',
      message: 'A text holds the character U+0000, which is never valid.',
      retryable: false,
    };
  }
  return {
    code: 'INTERNAL',
    message: 'Something went wrong on our side. Quote the request’s id to support.',
    retryable: true,
  };
}

/** PostgreSQL stores every character but this one: what a caller sent with it can be neither found nor written. */
function holdsNul(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    if ('code' in current && (current.code === '22021' || current.code === '22P05')) return true;
    current = current.cause;
  }
  return false;
}

/** Class and first line, through the causes. drizzle's message holds a statement and its parameters: neither is logged. */
function describe(error: unknown): string {
  const texts: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    const line =
      current.name === 'DrizzleQueryError' || current.message.startsWith('Failed query')
        ? 'a query failed'
        : current.message.split('\n')[0];
    texts.push(`${current.name}: ${line}`);
    current = current.cause;
  }
  return texts.join(' <- ') || typeof error;
}
