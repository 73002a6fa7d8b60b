import { RequestError } from '../access/errors.ts';

/** The order that a cursor belongs to, and the values of its last row in that order. */
type Place = readonly (string | number)[];

/** A cursor names the row that was last seen, by the values that the list is ordered by: no row has to be there still. */
export function encodeCursor(order: string, place: Place): string {
  return Buffer.from(JSON.stringify([order, ...place]), 'utf8').toString('base64url');
}

/** @throws RequestError `BAD_USER_INPUT` when it is not one of ours, or belongs to a list in another order. */
export function decodeCursor(order: string, cursor: string, length: number): Place {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    parts = undefined;
  }
  const isOurs =
    Array.isArray(parts) &&
    parts.length === length + 1 &&
    parts[0] === order &&
    parts.every((part) => typeof part === 'string' || typeof part === 'number');
  if (!isOurs) {
    throw new RequestError(
      'BAD_USER_INPUT',
      'INVALID_CURSOR: this cursor does not belong to this list. Start without one.',
    );
  }
  // Its parts were looked at one by one right above.
  return (parts as Place).slice(1);
}
