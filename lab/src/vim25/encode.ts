import { fieldsOf, isDataType, isManagedType, isPrimitive, isSubtype } from './schema.ts';
import { isAny, isMoRef, isObject } from './value.ts';
import type { VimObject, VimValue } from './value.ts';
import { escapeXml } from './xml.ts';

/** Writes one element; arrays repeat it, nothing writes nothing. */
export function encodeField(name: string, value: VimValue, declared: string, isArray: boolean): string {
  if (value === undefined) return '';
  if (isArray) {
    if (!Array.isArray(value)) throw new Error(`${name} must be an array of ${declared}.`);
    return value.map((item: VimValue) => encodeValue(name, item, declared)).join('');
  }
  return encodeValue(name, value, declared);
}

/** A property's value where the schema says anyType: the element names the type, arrays become `ArrayOf…`. */
export function encodeTyped(name: string, value: VimValue, declared: string, isArray: boolean): string {
  if (!isArray) return encodeAny(name, value, declared);
  if (!Array.isArray(value)) throw new Error(`${name} must be an array of ${declared}.`);
  const item = isManagedType(declared) ? 'ManagedObjectReference' : declared;
  const wrapper = `ArrayOf${item.charAt(0).toUpperCase()}${item.slice(1)}`;
  const inner = value.map((entry: VimValue) => encodeValue(item, entry, declared)).join('');
  return `<${name} xsi:type="${wrapper}">${inner}</${name}>`;
}

function encodeValue(name: string, value: VimValue, declared: string): string {
  if (value === undefined) return '';
  if (declared === 'anyType') return encodeAny(name, value, undefined);
  if (isMoRef(value)) return `<${name} type="${escapeXml(value.moType)}">${escapeXml(value.id)}</${name}>`;
  if (isObject(value)) return encodeObject(name, value, declared);
  return `<${name}>${scalar(value, name)}</${name}>`;
}

function encodeAny(name: string, value: VimValue, declared: string | undefined): string {
  if (value === undefined) return '';
  if (isMoRef(value)) {
    return `<${name} type="${escapeXml(value.moType)}" xsi:type="ManagedObjectReference">${escapeXml(value.id)}</${name}>`;
  }
  if (isAny(value)) {
    const array = /^ArrayOf(\w+)$/.exec(value.xsi)?.[1];
    if (!array) return `<${name} xsi:type="${value.xsi}">${scalar(value.value, name)}</${name}>`;
    const first = array.charAt(0).toLowerCase() + array.slice(1);
    return encodeTyped(name, value.value, isPrimitive(first) ? first : array, true);
  }
  if (isObject(value)) return encodeObject(name, value, declared ?? '', true);
  return `<${name} xsi:type="${xsdType(value, declared)}">${scalar(value, name)}</${name}>`;
}

function xsdType(value: VimValue, declared: string | undefined): string {
  if (declared !== undefined && declared !== 'anyType') return isPrimitive(declared) ? `xsd:${declared}` : declared;
  if (typeof value === 'boolean') return 'xsd:boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'xsd:int' : 'xsd:double';
  return value instanceof Date ? 'xsd:dateTime' : 'xsd:string';
}

function encodeObject(name: string, value: VimObject, declared: string, always = false): string {
  const actual = typeof value['$type'] === 'string' ? value['$type'] : declared;
  if (!isDataType(actual)) throw new Error(`${name}: the schema has no type "${actual}".`);
  if (declared && !isSubtype(actual, declared)) throw new Error(`${name}: ${actual} is not a ${declared}.`);
  const fields = fieldsOf(actual);
  for (const key of Object.keys(value)) {
    if (key !== '$type' && !fields.some((field) => field.name === key)) {
      throw new Error(`${actual} has no property "${key}".`);
    }
  }
  const inner = fields.map((f) => encodeField(f.name, value[f.name], f.type, f.isArray)).join('');
  const type = always || actual !== declared ? ` xsi:type="${actual}"` : '';
  return `<${name}${type}>${inner}</${name}>`;
}

function scalar(value: VimValue, name: string): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (typeof value === 'object') throw new Error(`${name} must be a scalar.`);
  return escapeXml(String(value));
}
