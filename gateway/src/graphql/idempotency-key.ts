import { RequestError } from '../access/errors.ts';

/** @throws RequestError `BAD_USER_INPUT` for a key that is too short to be one of its kind, or too long to keep. */
export function checkedKey(key: string): string {
  if (/^[\x21-\x7e]{8,128}$/.test(key)) return key;
  throw new RequestError('BAD_USER_INPUT', '`idempotencyKey` must be 8 to 128 visible ASCII characters.');
}
