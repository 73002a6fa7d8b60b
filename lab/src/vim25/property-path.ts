import { VimFault } from './fault.ts';
import type { ManagedObject } from './objects.ts';
import { enumValues, fieldOf, hasFieldSomewhere, isDataType, isManagedType, isPrimitive } from './schema.ts';
import type { Field } from './schema.ts';
import type { Session } from './sessions.ts';
import { isAny, isMoRef, isObject } from './value.ts';
import type { VimValue } from './value.ts';

/**
 * Reads a path such as `config.files.vmPathName` or `config.hardware.device[4000].backing`. A path that the schema does
 * not know is `InvalidProperty`; one that is merely unset gives undefined.
 */
export function readPath(object: ManagedObject, path: string, session?: Session): VimValue {
  const [first = '', ...rest] = path.split('.');
  const { name, key } = splitKey(first);
  const field = fieldOf(object.ref.moType, name);
  if (!field) throw invalidProperty(path);
  const value = object.properties[name]?.(session);
  return descend(pick(value, field, key), key === undefined ? field : { ...field, isArray: false }, rest, path);
}

/** The first property of the path: what a privilege is asked for, and what a change is noticed on. */
export function fieldOfPath(object: ManagedObject, path: string): Field {
  const field = fieldOf(object.ref.moType, splitKey(path.split('.')[0] ?? '').name);
  if (!field) throw invalidProperty(path);
  return field;
}

function descend(value: VimValue, field: Field, rest: readonly string[], path: string): VimValue {
  const [segment, ...further] = rest;
  if (segment === undefined) return withType(value, field);
  if (field.isArray || !isDataType(field.type)) throw invalidProperty(path);
  const { name, key } = splitKey(segment);
  const actual = isObject(value) && typeof value['$type'] === 'string' ? value['$type'] : field.type;
  const next = fieldOf(actual, name) ?? hasFieldSomewhere(field.type, name);
  if (!next) throw invalidProperty(path);
  const inner = isObject(value) ? value[name] : undefined;
  return descend(pick(inner, next, key), key === undefined ? next : { ...next, isArray: false }, further, path);
}

function pick(value: VimValue, field: Field, key: string | undefined): VimValue {
  if (key === undefined) return value;
  if (!field.isArray) throw invalidProperty(field.name);
  const bare = key.replace(/^"|"$/g, '');
  return Array.isArray(value)
    ? value.find((item: VimValue) => isObject(item) && (item['key'] === bare || item['key'] === Number(bare)))
    : undefined;
}

/** As anyType: scalars and arrays name the type that the schema declares. */
function withType(value: VimValue, field: Field): VimValue {
  if (value === undefined || isAny(value)) return value;
  if (field.isArray) {
    if (Array.isArray(value) && value.length === 0 && isDataType(field.type)) return { xsi: arrayType(field), value };
    return { xsi: arrayType(field), value };
  }
  if (isMoRef(value)) return value;
  if (isObject(value)) return typeof value['$type'] === 'string' ? value : { $type: field.type, ...value };
  if (isPrimitive(field.type) && field.type !== 'anyType') return { xsi: `xsd:${field.type}`, value };
  return enumValues(field.type) ? { xsi: field.type, value } : value;
}

function arrayType(field: Field): string {
  const item = isManagedType(field.type) ? 'ManagedObjectReference' : field.type;
  return `ArrayOf${item.charAt(0).toUpperCase()}${item.slice(1)}`;
}

function splitKey(segment: string): { name: string; key?: string } {
  const match = /^(\w+)\[(.+)\]$/.exec(segment);
  return match ? { name: match[1] ?? '', key: match[2] ?? '' } : { name: segment };
}

const invalidProperty = (name: string) =>
  new VimFault('InvalidProperty', { name }, `The property ${name} does not exist.`);
