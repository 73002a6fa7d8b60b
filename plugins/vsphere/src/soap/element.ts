/** A managed object reference: opaque, and only good on the endpoint that gave it. */
export interface MoRef {
  readonly type: string;
  readonly value: string;
}

/** One element of an answer. Which of its children are lists is known to the reader of the answer alone. */
export interface XmlElement {
  readonly name: string;
  /** `xsi:type` without its prefix, where the server stated one. */
  readonly xsiType?: string;
  /** The plain `type` attribute: the element is a reference. */
  readonly refType?: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** The element at a path of child names, e.g. `spec.ip.ipAddress`; the first one where a list stands in the way. */
export function at(element: XmlElement | undefined, path: string): XmlElement | undefined {
  let here = element;
  for (const name of path.split('.')) here = here?.children.find((child) => child.name === name);
  return here;
}

/** All elements at a path, over every list in between. */
export function all(element: XmlElement | undefined, path: string): XmlElement[] {
  let here = element ? [element] : [];
  for (const name of path.split('.')) here = here.flatMap((one) => one.children.filter((child) => child.name === name));
  return here;
}

/** The members of a property that is an array: the collector wraps them as `ArrayOf…`. */
export function members(element: XmlElement | undefined): readonly XmlElement[] {
  return element?.children ?? [];
}

/** The text at a path; empty counts as absent, since some servers write unset enumerations as empty elements. */
export function textAt(element: XmlElement | undefined, path?: string): string | undefined {
  const found = path === undefined ? element : at(element, path);
  return found && found.text !== '' ? found.text : undefined;
}

export function numberAt(element: XmlElement | undefined, path?: string): number | undefined {
  const text = textAt(element, path);
  return text === undefined ? undefined : Number(text);
}

export function booleanAt(element: XmlElement | undefined, path?: string): boolean {
  const text = textAt(element, path);
  return text === 'true' || text === '1';
}

/** The reference at a path. An empty one counts as absent: a simulator answers so to a second mount. */
export function refAt(element: XmlElement | undefined, path?: string): MoRef | undefined {
  const found = path === undefined ? element : at(element, path);
  return found?.refType && found.text !== '' ? { type: found.refType, value: found.text } : undefined;
}

export function refsOf(elements: readonly XmlElement[]): MoRef[] {
  return elements.flatMap((element) => refAt(element) ?? []);
}

export function isSameRef(one: MoRef | undefined, other: MoRef | undefined): boolean {
  return one !== undefined && other !== undefined && one.type === other.type && one.value === other.value;
}

export function ref(type: string, value: string): MoRef {
  return { type, value };
}
