import { RequestError } from '../access/errors.ts';
import { decodeCursor, encodeCursor } from '../graphql/cursor.ts';

const order = 'operation-events';

/** Where a stream of an operation's events goes on behind this one. */
export function eventCursor(operationId: string, sequence: number): string {
  return encodeCursor(order, [operationId, sequence]);
}

/** @throws RequestError `BAD_USER_INPUT` for a cursor of another operation. */
export function sequenceOf(cursor: string, operationId: string): number {
  const [id, sequence] = decodeCursor(order, cursor, 2);
  if (id !== operationId || typeof sequence !== 'number') {
    throw new RequestError('BAD_USER_INPUT', 'INVALID_CURSOR: this cursor belongs to another operation.');
  }
  return sequence;
}
