import type { MoRef, XmlElement } from './element.ts';
import { methodOf, type MethodName } from './methods.ts';
import { propertiesOf, type PropertyShape } from './types.ts';
import type { DataObject, Scalar, Value } from './value.ts';

/** The body of a request, elements in schema order, `xsi:type` wherever a value is of a subtype or of any type. */
export function writeBody(method: MethodName, self: MoRef, args: DataObject): string {
  const shapes = methodOf(method).parameters;
  refuseUnknown(method, shapes, args);
  const parameters = shapes.map((shape) => writeProperty(method, shape, args[shape.name])).join('');
  return `<${method} xmlns="urn:vim25">${writeRef('_this', self)}${parameters}</${method}>`;
}

export function writeEnvelope(body: string, operationId: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
    `<soapenv:Header><operationID>${escape(operationId)}</operationID></soapenv:Header>` +
    `<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`
  );
}

/**
 * Turns an object as read into one to send, so that an edit keeps everything that it does not mean to change. What the
 * table does not know is left behind.
 */
export function asSent(element: XmlElement, declaredType: string): DataObject {
  const type = element.xsiType ?? declaredType;
  const shapes = propertiesOf(type);
  if (!shapes) throw new Error(`a ${type} cannot be sent back: it is missing in the table of types`);
  const sent: Record<string, Value> = type === declaredType ? {} : { $type: type };
  for (const shape of shapes) {
    const values = element.children.filter((child) => child.name === shape.name && !isEmptyScalar(child, shape));
    const read = values.map((child) => valueAsSent(child, shape));
    if (read.length > 0) sent[shape.name] = read.length === 1 ? read[0] : read;
  }
  return sent;
}

// An unset enumeration comes as an empty element from some servers and must not go back as one.
function isEmptyScalar(child: XmlElement, shape: PropertyShape): boolean {
  return shape.kind === 'scalar' && child.text === '';
}

function valueAsSent(child: XmlElement, shape: PropertyShape): Value {
  if (shape.kind === 'object') return asSent(child, shape.type ?? child.name);
  if (shape.kind === 'ref') return { type: child.refType ?? '', value: child.text };
  if (shape.kind === 'any') return { $type: `xsd:${child.xsiType ?? 'string'}`, value: child.text };
  return child.text;
}

function writeProperty(owner: string, shape: PropertyShape, value: Value): string {
  if (value === undefined) return '';
  if (isList(value)) return value.map((one) => writeProperty(owner, shape, one)).join('');
  const { name, kind } = shape;
  if (kind === 'ref') {
    if (!isRef(value)) throw new Error(`${owner}.${name} takes a reference`);
    return writeRef(name, value);
  }
  if (kind === 'scalar') {
    if (!isScalar(value)) throw new Error(`${owner}.${name} takes a scalar`);
    return `<${name}>${writeScalar(value)}</${name}>`;
  }
  if (isScalar(value) || isRef(value)) throw new Error(`${owner}.${name} takes an object`);
  return kind === 'any' ? writeAny(owner, name, value) : writeObject(name, shape.type ?? name, value);
}

function writeAny(owner: string, name: string, value: DataObject): string {
  if (!value.$type || !isScalar(value.value)) throw new Error(`${owner}.${name} takes a value that says its type`);
  return `<${name} xsi:type="${value.$type}">${writeScalar(value.value)}</${name}>`;
}

function writeObject(name: string, declaredType: string, value: DataObject): string {
  const type = value.$type ?? declaredType;
  const shapes = propertiesOf(type);
  if (!shapes) throw new Error(`${type} is missing in the table of types`);
  refuseUnknown(type, shapes, value);
  const content = shapes.map((shape) => writeProperty(type, shape, value[shape.name])).join('');
  const stated = type === declaredType ? '' : ` xsi:type="${type}"`;
  return `<${name}${stated}>${content}</${name}>`;
}

function writeRef(name: string, ref: MoRef): string {
  return `<${name} type="${escape(ref.type).replaceAll('"', '&quot;')}">${escape(ref.value)}</${name}>`;
}

function writeScalar(value: Scalar): string {
  return escape(value instanceof Date ? value.toISOString() : String(value));
}

function refuseUnknown(owner: string, shapes: readonly PropertyShape[], value: DataObject): void {
  for (const [name, sent] of Object.entries(value)) {
    if (name === '$type' || sent === undefined) continue;
    if (!shapes.some((shape) => shape.name === name)) throw new Error(`${owner}.${name} is missing in the table`);
  }
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isScalar(value: Value): value is Scalar {
  return typeof value !== 'object' || value instanceof Date;
}

/** A reference is exactly a type and a value; data objects are told from it by what the table declares. */
function isRef(value: Value): value is MoRef {
  return typeof value === 'object' && !isList(value) && !(value instanceof Date) && 'type' in value && 'value' in value;
}

// Characters that XML 1.0 cannot carry at all are dropped: names and descriptions come from people.
// oxlint-disable-next-line no-control-regex
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function escape(text: string): string {
  return text.replaceAll(unwritable, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
