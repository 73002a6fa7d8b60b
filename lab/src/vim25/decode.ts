import { invalidRequest } from './fault.ts';
import { enumValues, fieldsOf, isDataType, isManagedType, isPrimitive, isSubtype } from './schema.ts';
import type { Field, MethodType } from './schema.ts';
import type { MoRef, VimObject, VimValue } from './value.ts';
import type { Element } from './xml.ts';

/** A request's receiver and arguments. */
export interface Decoded {
  self: MoRef;
  args: VimObject;
}

/**
 * Reads a request as strictly as hostd does: elements in schema order, no unknown ones, none missing, `xsi:type` on every
 * subtype and anyType, `type` on every reference. Anything else is `InvalidRequest`.
 */
export function decodeRequest(element: Element, method: MethodType): Decoded {
  const [first, ...rest] = element.children;
  if (!first || first.name !== '_this') throw refuse('_this', first?.name, method.name);
  return { self: decodeReference(first, method.name), args: decodeFields(rest, method.parameters, method.name) };
}

function decodeFields(children: readonly Element[], fields: readonly Field[], where: string): VimObject {
  const result: Record<string, VimValue> = {};
  let position = 0;
  for (let i = 0; i < children.length;) {
    const child = children[i];
    if (!child) break;
    const at = fields.findIndex((field, index) => index >= position && field.name === child.name);
    const field = fields[at];
    if (!field) throw unexpected(child.name, where);
    requireOptional(fields.slice(position, at), where);
    position = at + 1;
    const path = `${where}.${field.name}`;
    if (field.isArray) {
      const items: VimValue[] = [];
      for (let next = children[i]; next?.name === field.name; next = children[(i += 1)]) {
        items.push(decodeValue(next, field.type, path));
      }
      result[field.name] = items;
    } else {
      result[field.name] = decodeValue(child, field.type, path);
      i += 1;
    }
  }
  requireOptional(fields.slice(position), where);
  return result;
}

function decodeValue(element: Element, declared: string, where: string): VimValue {
  if (declared === 'anyType') return decodeAny(element, where);
  if (isManagedType(declared)) return decodeReference(element, where);
  if (isPrimitive(declared)) return decodeScalar(element, declared, where);
  const values = enumValues(declared);
  if (values) {
    const text = leafText(element, where);
    if (!values.has(text)) throw invalidRequest(`Invalid value "${text}" of ${declared}\nwhile parsing ${where}`);
    return text;
  }
  const actual = element.xsiType ?? declared;
  if (!isDataType(actual)) throw invalidRequest(`Unknown type "${actual}"\nwhile parsing ${where}`);
  if (!isSubtype(actual, declared)) {
    throw invalidRequest(`Type "${actual}" is not a ${declared}\nwhile parsing ${where}`);
  }
  if (element.text.trim() !== '') throw invalidRequest(`Unexpected text in ${actual}\nwhile parsing ${where}`);
  return { $type: actual, ...decodeFields(element.children, fieldsOf(actual), where) };
}

function decodeAny(element: Element, where: string): VimValue {
  const type = element.xsiType;
  if (type === undefined) throw invalidRequest(`Missing xsi:type of an anyType value\nwhile parsing ${where}`);
  if (type === 'ManagedObjectReference') return decodeReference(element, where);
  if (isPrimitive(type)) return { xsi: `xsd:${type}`, value: decodeScalar(element, type, where) };
  const array = /^ArrayOf(\w+)$/.exec(type)?.[1];
  if (array && !isDataType(type)) {
    const item = elementType(array);
    return { xsi: type, value: element.children.map((child) => decodeValue(child, item, where)) };
  }
  return decodeValue(element, type, where);
}

function elementType(name: string): string {
  const lower = name.charAt(0).toLowerCase() + name.slice(1);
  if (name === 'ManagedObjectReference') return 'ManagedObject';
  return isPrimitive(lower) ? lower : name;
}

function decodeReference(element: Element, where: string): MoRef {
  const moType = element.attributes.get('type');
  if (!moType) throw invalidRequest(`Missing attribute "type" of a managed object reference\nwhile parsing ${where}`);
  return { moType, id: leafText(element, where) };
}

function decodeScalar(element: Element, type: string, where: string): VimValue {
  const text = leafText(element, where);
  const bad = () => invalidRequest(`Invalid value of type ${type}\nwhile parsing ${where}`);
  switch (type) {
    case 'boolean':
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      throw bad();
    case 'byte':
    case 'short':
    case 'int':
    case 'long':
      if (!/^[+-]?\d+$/.test(text.trim())) throw bad();
      return Number(text);
    case 'float':
    case 'double':
      if (!Number.isFinite(Number(text)) || text.trim() === '') throw bad();
      return Number(text);
    case 'dateTime': {
      const date = new Date(text.trim().replace(/(\.\d{3})\d+/, '$1'));
      if (Number.isNaN(date.getTime())) throw bad();
      return date;
    }
    case 'base64Binary':
      return Buffer.from(text, 'base64');
    default:
      return text;
  }
}

function leafText(element: Element, where: string): string {
  const [child] = element.children;
  if (child) throw unexpected(child.name, where);
  return element.text;
}

function requireOptional(skipped: readonly Field[], where: string): void {
  const missing = skipped.find((field) => !field.isOptional);
  if (missing) throw invalidRequest(`Missing required element "${missing.name}"\nwhile parsing ${where}`);
}

const unexpected = (name: string, where: string) =>
  invalidRequest(`Unexpected element tag "${name}" seen\nwhile parsing call information for method ${where}`);

function refuse(expected: string, seen: string | undefined, where: string) {
  return invalidRequest(`Element tag "${expected}" expected, "${seen ?? 'nothing'}" seen\nwhile parsing ${where}`);
}
