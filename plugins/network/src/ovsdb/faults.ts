import { PluginError } from '@bulkhead/plugin-sdk';
import { ConnectionLost, NoAnswer, RequestRefused } from './connection.ts';
import type { Operation, Row } from './values.ts';

/** A guard of a transaction did not hold: somebody created or changed what it speaks of. Nothing was written. */
export class GuardFailed extends Error {}

/** Turns what the connection threw into the host's terms. */
export async function interpretFailure<T>(isWrite: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asPluginError(error, isWrite);
  }
}

function asPluginError(error: unknown, isWrite: boolean): unknown {
  const cause = { cause: error };
  if (error instanceof NoAnswer) {
    return new PluginError('timeout', 'The network did not answer in time.', error.message, cause);
  }
  if (error instanceof RequestRefused) {
    return new PluginError('invalid', 'The network refused the request.', error.message, cause);
  }
  if (error instanceof ConnectionLost && error.wasSent && isWrite) {
    const detail = `The connection ended before the answer: ${reasonOf(error)}`;
    return new PluginError(
      'unknown-outcome',
      'The connection to the network was lost; whether the change was made is not known yet.',
      detail,
      cause,
    );
  }
  if (error instanceof ConnectionLost) {
    const reason = reasonOf(error);
    // TLS alerts speak of our certificate, verification errors of the server's.
    const isRefusal = /ALERT|CERT|another certificate/i.test(reason);
    if (isRefusal)
      return new PluginError('denied', 'The network refused the connection.', `northbound database: ${reason}`, cause);
    return new PluginError(
      'unavailable',
      'The network cannot be reached at the moment.',
      `northbound database: ${reason}`,
      cause,
    );
  }
  if (isMissingFile(error)) {
    return new PluginError('invalid', 'The network of this site is not configured correctly.', error.message, cause);
  }
  return error;
}

const isMissingFile = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error && ['open', 'read'].includes(String(error.syscall));

function reasonOf({ cause }: ConnectionLost): string {
  if (!(cause instanceof Error)) return 'the call was ended';
  const code = 'code' in cause ? `${String(cause.code)}: ` : '';
  return `${code}${cause.message}`;
}

interface OperationResult {
  rows?: Row[];
  error?: string;
  details?: string;
}

/**
 * The rows of each operation. The result after the last operation, if any, is the commit's error.
 * @throws GuardFailed when a `wait` did not hold, or a name was taken at the same moment
 */
export function requireSuccess(results: unknown, operations: readonly Operation[]): Row[][] {
  const list = (Array.isArray(results) ? results : []) as (OperationResult | null)[]; // RFC 7047, 4.1.3
  const failed = list.findIndex((result) => result?.error !== undefined);
  const { error, details } = list[failed] ?? {};
  if (error !== undefined) {
    const where = failed < operations.length ? `operation ${operations[failed]?.op}` : 'commit';
    const detail = `${where}: ${error}${details === undefined ? '' : `: ${details}`}`;
    if (error === 'timed out' || (error === 'constraint violation' && /identical values/.test(details ?? '')))
      throw new GuardFailed(detail);
    if (error === 'constraint violation') throw new PluginError('invalid', 'The network refused the values.', detail);
    if (error === 'permission error') throw new PluginError('denied', 'The network refused the change.', detail);
    if (['I/O error', 'resources exhausted'].includes(error))
      throw new PluginError('unavailable', 'The network cannot store the change at the moment.', detail);
    throw new PluginError('invalid', 'The network refused the change.', detail);
  }
  if (list.length < operations.length)
    throw new PluginError('invalid', 'The network gave an incomplete answer.', JSON.stringify(results));
  return list.map((result) => result?.rows ?? []);
}
