import { PluginError, type PluginErrorKind } from '@bulkhead/plugin-sdk';
import type { Problem, ProblemCode } from '../operations/operation.ts';

interface Reading {
  code: ProblemCode;
  remedy: string;
}

/** How each kind of plugin error is told: what to do about it, in words for the tenant. */
const readings: Readonly<Record<PluginErrorKind, Reading>> = {
  invalid: { code: 'INVALID', remedy: 'Change what was asked for, then try again.' },
  denied: { code: 'BACKEND_REFUSED', remedy: 'The provider has to correct its access; then retry.' },
  'not-found': { code: 'NOT_FOUND', remedy: 'Find out where it went, then retry, or leave it out.' },
  conflict: { code: 'CONFLICT', remedy: 'Remove what stands in the way, then retry.' },
  exhausted: { code: 'CAPACITY', remedy: 'Wait until the provider has room again, then retry.' },
  busy: { code: 'CONFLICT', remedy: 'Something else is still working on it; retry in a few minutes.' },
  unavailable: { code: 'BACKEND_UNAVAILABLE', remedy: 'The provider’s equipment does not answer; retry when it does.' },
  timeout: { code: 'TIMED_OUT', remedy: 'Retry: what was done already is found again.' },
  'unknown-outcome': { code: 'BACKEND_UNAVAILABLE', remedy: 'Retry: what was done already is found again.' },
  unimplemented: { code: 'INTERNAL', remedy: 'Tell the provider’s support.' },
};

/** What a person reads of an error. Only a plugin's tenant text goes into `message`; everything else is the operator's. */
export function problemOf(error: unknown, now: Date): Problem {
  const since = now.toISOString();
  if (!PluginError.is(error)) {
    return {
      code: 'INTERNAL',
      side: 'PROVIDER',
      message: 'Something went wrong at the provider.',
      remedy: 'Tell the provider’s support; then retry.',
      retryable: true,
      since,
      detail: chain(error),
    };
  }
  const { code, remedy } = readings[error.kind];
  return {
    code,
    side: 'PROVIDER',
    message: error.message,
    remedy,
    retryable: error.kind !== 'invalid' && error.kind !== 'unimplemented',
    since,
    detail: [error.kind, error.detail, chain(error.cause)].filter(Boolean).join('; '),
  };
}

/** The texts of an error and what caused it, for the provider's log: without a query's parameters. */
export function chain(error: unknown): string {
  const texts: string[] = [];
  for (let current = error, depth = 0; current !== undefined && current !== null && depth < 5; depth += 1) {
    texts.push(current instanceof Error ? `${current.name}: ${firstLine(current)}` : 'something that is not an error');
    current = current instanceof Error ? current.cause : undefined;
  }
  return texts.join(' <- ').slice(0, 1000);
}

/** drizzle puts the statement and its parameters into its message, on further lines. */
function firstLine({ name, message }: Error): string {
  return name === 'DrizzleQueryError' ? 'a query failed' : (message.split('\n')[0] ?? '');
}
