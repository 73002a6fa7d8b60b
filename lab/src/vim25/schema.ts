import { dataTypes, enumTypes, managedNames, managedTypes, methodTypes } from './schema.generated.ts';

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly isArray: boolean;
  /** Needed on the object that is passed (parameters) or read (properties). */
  readonly privilege?: string;
}

export interface MethodType {
  readonly name: string;
  readonly receivers: readonly string[];
  readonly result: { readonly type: string; readonly isArray: boolean };
  readonly privilege?: string;
  readonly parameters: readonly Field[];
}

interface TypeEntry {
  readonly base: string | undefined;
  readonly own: readonly Field[];
}

const data = table(dataTypes);
const objects = table(managedTypes);
const enums = new Map(rows(enumTypes).map(([name = '', ...values]) => [name, new Set(values)]));
const managed = new Set(managedNames.split(/\s+/).filter(Boolean));
const methods = readMethods();
const inherited = new Map<string, readonly Field[]>();
const primitives = new Set(
  'string boolean byte short int long float double dateTime base64Binary anyURI anyType'.split(' '),
);

/** All properties of a data type or managed type, those of base types first: the order on the wire. */
export function fieldsOf(type: string): readonly Field[] {
  const known = inherited.get(type);
  if (known) return known;
  const entry = data.get(type) ?? objects.get(type);
  if (!entry) return [];
  const all = [...(entry.base ? fieldsOf(entry.base) : []), ...entry.own];
  inherited.set(type, all);
  return all;
}

export function fieldOf(type: string, name: string): Field | undefined {
  return fieldsOf(type).find((field) => field.name === name);
}

export const isDataType = (type: string): boolean => data.has(type);
export const isManagedType = (type: string): boolean => managed.has(type) || type === 'ManagedObject';
export const isPrimitive = (type: string): boolean => primitives.has(type);
export const enumValues = (type: string): ReadonlySet<string> | undefined => enums.get(type);
export const methodType = (name: string): MethodType | undefined => methods.get(name);

export function isSubtype(type: string, of: string): boolean {
  if (type === of || of === 'DynamicData' || (of === 'ManagedObject' && isManagedType(type))) return true;
  const base = (data.get(type) ?? objects.get(type))?.base;
  return base !== undefined && isSubtype(base, of);
}

/** Whether the type or any subtype of it has this property: a path may go through a base type. */
export function hasFieldSomewhere(type: string, name: string): Field | undefined {
  const own = fieldOf(type, name);
  if (own) return own;
  for (const [candidate] of data) {
    if (candidate !== type && isSubtype(candidate, type)) {
      const field = fieldOf(candidate, name);
      if (field) return field;
    }
  }
  return undefined;
}

function rows(text: string): string[][] {
  return text.trim().split('\n').map((line) => line.split(' ')); // prettier-ignore
}

function table(text: string): Map<string, TypeEntry> {
  return new Map(
    rows(text).map(([name = '', base = '-', ...fields]) => [
      name,
      { base: base === '-' ? undefined : base, own: fields.map(readField) },
    ]),
  );
}

function readField(text: string): Field {
  const match = /^(\w+)(\?)?:(\w+)(\[\])?(?:\/(.+))?$/.exec(text);
  if (!match) throw new Error(`The schema table has a field that cannot be read: ${text}`);
  const [, name = '', optional, type = '', array, privilege] = match;
  // An array may always be empty, and an empty array is absent on the wire.
  const field = { name, type, isOptional: optional !== undefined || array !== undefined, isArray: array !== undefined };
  return privilege === undefined ? field : { ...field, privilege };
}

function readMethods(): Map<string, MethodType> {
  const all = new Map<string, MethodType>();
  // Reads one property of any object; every server has it, no schema lists it.
  all.set('Fetch', {
    name: 'Fetch',
    receivers: ['ManagedObject'],
    result: { type: 'anyType', isArray: false },
    parameters: [{ name: 'prop', type: 'string', isOptional: false, isArray: false }],
  });
  for (const [name = '', receiver = '', result = '', privilege = '-', ...parameters] of rows(methodTypes)) {
    const known = all.get(name);
    const entry = {
      name,
      receivers: [...(known?.receivers ?? []), receiver],
      result: { type: result.replace('[]', ''), isArray: result.endsWith('[]') },
      parameters: parameters.map(readField),
    };
    all.set(name, privilege === '-' ? entry : { ...entry, privilege });
  }
  return all;
}
