import type { MoRef } from './element.ts';

export type Scalar = string | number | boolean | Date;

/** A data object to send. `$type` names its type where that is a subtype of the declared one, or `xsd:…` of an any. */
export interface DataObject {
  readonly $type?: string;
  readonly [property: string]: Value;
}

export type Value = Scalar | MoRef | DataObject | readonly Value[] | undefined;

/** A value for a property that takes anything: its type must be said, and integer options want `long`. */
export function xsd(type: 'string' | 'int' | 'long' | 'boolean', value: string | number | boolean): DataObject {
  return { $type: `xsd:${type}`, value };
}
