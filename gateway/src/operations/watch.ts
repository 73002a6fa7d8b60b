import { hidden, RequestError } from '../access/errors.ts';
import { tenantScope } from '../access/scope.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { decodeCursor } from '../graphql/cursor.ts';
import { organizationDirectory } from '../organizations/directory.ts';
import type { OperationEventRow } from '../workflows/event-feed.ts';
import { eventOrder, visibleOperationRow } from './operation-type.ts';

/** How often a watcher's rights are looked at again; what ends with its token is the server's. */
const recheckMs = 60_000;

/**
 * The events of an operation after a cursor, then live, without a gap. Whoever loses the right to see the operation
 * meanwhile gets the answer that everybody gets for what does not exist.
 */
export async function* watchOperation(
  context: GatewayContext,
  operationId: string,
  after: string | null | undefined,
): AsyncGenerator<OperationEventRow, void, void> {
  const operation = await visibleOperationRow(context, operationId);
  if (!operation) throw hidden(`operation ${operationId}`);
  const { tenantId } = operation;
  const sequence = after === null || after === undefined ? 0 : sequenceOf(after, operationId);
  const { gateway, scope, signal } = context;
  const lost = new AbortController();
  const recheck = setInterval(() => {
    // Made anew: a scope remembers for its lifetime whom it reaches, and a delegation may have been revoked.
    tenantScope(scope.principal, organizationDirectory(gateway.database))
      .then((fresh) => fresh.can('operations:read', tenantId))
      .then(
        (may) => {
          if (!may) lost.abort();
        },
        // The database is away for a moment: the next look decides.
        () => undefined,
      );
  }, recheckMs);
  recheck.unref();
  try {
    yield* gateway.feed.watch({ operationId, after: sequence, signal: AbortSignal.any([signal, lost.signal]) });
    if (lost.signal.aborted) throw hidden(`operation ${operationId}, no longer`);
  } finally {
    clearInterval(recheck);
  }
}

/** @throws RequestError `BAD_USER_INPUT` for a cursor of another operation. */
export function sequenceOf(cursor: string, operationId: string): number {
  const [id, sequence] = decodeCursor(eventOrder, cursor, 2);
  if (id !== operationId || typeof sequence !== 'number') {
    throw new RequestError('BAD_USER_INPUT', 'INVALID_CURSOR: this cursor belongs to another operation.');
  }
  return sequence;
}
