import { SaxesParser } from 'saxes';

/** An element with its namespaces resolved. */
export interface Element {
  readonly name: string;
  readonly uri: string;
  /** Attributes without a namespace, by name. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The `xsi:type` attribute without its prefix, whatever prefix the sender chose. */
  readonly xsiType?: string;
  readonly children: Element[];
  text: string;
}

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** Parses a whole document; throws on anything that is not well-formed. Entities beyond XML's own five do not exist. */
export function parseXml(text: string): Element {
  const parser = new SaxesParser({ xmlns: true });
  const open: Element[] = [];
  let root: Element | undefined;
  parser.on('doctype', () => {
    throw new Error('A document type is not accepted.');
  });
  parser.on('opentag', (tag) => {
    const attributes = new Map<string, string>();
    let xsiType: string | undefined;
    for (const attribute of Object.values(tag.attributes)) {
      if (attribute.uri === XSI && attribute.local === 'type') xsiType = attribute.value;
      else if (attribute.uri === '') attributes.set(attribute.local, attribute.value);
    }
    const element: Element = {
      name: tag.local,
      uri: tag.uri,
      attributes,
      ...(xsiType === undefined ? {} : { xsiType: xsiType.slice(xsiType.indexOf(':') + 1) }),
      children: [],
      text: '',
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', (piece) => {
    const current = open.at(-1);
    if (current) current.text += piece;
  });
  parser.on('cdata', (piece) => {
    const current = open.at(-1);
    if (current) current.text += piece;
  });
  parser.on('closetag', () => open.pop());
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(text).close();
  if (!root) throw new Error('The document is empty.');
  return root;
}

export function childOf(element: Element, name: string): Element | undefined {
  return element.children.find((child) => child.name === name);
}

export function escapeXml(text: string): string {
  // Control characters cannot be written in XML at all.
  return text.replace(/[&<>"]|(?![\t\n\r])\p{Cc}/gu, (found) => ESCAPES[found] ?? '');
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
