import { monotonicFactory } from 'ulidx';

/** What an id names, by its prefix. Clients treat ids as opaque. */
export type IdPrefix =
  'org' | 'dlg' | 'pp' | 'net' | 'pool' | 'tp' | 'rt' | 'vm' | 'rp' | 'op' | 'fo' | 'fv' | 'pd' | 'aud' | 'use';

const next = monotonicFactory();

/** A new id: prefix and ULID, lower-case, so that it may stand in the names of backends. Later ids sort later. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${next().toLowerCase()}`;
}
