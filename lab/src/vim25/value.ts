import type { Shapes } from './types.generated.ts';
import { isSubtype } from './schema.ts';

/** A managed object reference. */
export interface MoRef {
  readonly moType: string;
  readonly id: string;
}

/** A value of the schema's anyType with the type that its element names: `xsd:long`, `ArrayOfString`. */
export interface Any {
  readonly xsi: string;
  readonly value: VimValue;
}

/** A data object. `$type` may be left out where the schema declares exactly the type that is meant. */
export type VimObject = { readonly [property: string]: VimValue };

export type VimValue =
  undefined | string | number | boolean | Date | Buffer | MoRef | Any | VimObject | readonly VimValue[];

export function isMoRef(value: VimValue): value is MoRef {
  return isPlain(value) && typeof value['moType'] === 'string';
}

export function isAny(value: VimValue): value is Any {
  return isPlain(value) && typeof value['xsi'] === 'string';
}

/** A data object: neither reference nor typed scalar. */
export function isObject(value: VimValue): value is VimObject {
  return isPlain(value) && !isMoRef(value) && !isAny(value);
}

function isPlain(value: VimValue): value is VimObject {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date) && !Buffer.isBuffer(value);
}

/** Narrows a parsed data object to the shape that its type name promises; the strict parser has proved the shape. */
export function isA<K extends keyof Shapes>(value: unknown, type: K): value is Shapes[K] {
  if (typeof value !== 'object' || value === null || !('$type' in value)) return false;
  return typeof value.$type === 'string' && isSubtype(value.$type, type);
}

/** The plain content of an anyType. */
export function plain(value: VimValue): VimValue {
  return isAny(value) ? value.value : value;
}

export function sameRef(a: MoRef | undefined, b: MoRef | undefined): boolean {
  return a !== undefined && b !== undefined && a.id === b.id && a.moType === b.moType;
}
