import { SaxesParser } from 'saxes';

/** An element of an answer: namespaces are resolved, and `xsi:type` stands without its prefix. */
export interface XmlElement {
  name: string;
  type: string | undefined;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance';

/** Parses one document. @throws Error when it is not well-formed. */
export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: '', type: undefined, attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', (tag) => {
    const element: XmlElement = { name: tag.local, type: undefined, attributes: {}, children: [], text: '' };
    for (const attribute of Object.values(tag.attributes)) {
      if (attribute.uri === schemaInstance && attribute.local === 'type')
        element.type = attribute.value.replace(/^.*:/, '');
      else element.attributes[attribute.local] = attribute.value;
    }
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const current = open.at(-1);
    if (current) current.text += text;
  });
  parser.on('closetag', () => open.pop());
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(source).close();
  const document = root.children[0];
  if (!document) throw new Error('The answer is empty.');
  return document;
}

export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The element at the end of a path of names, the first one where a name repeats. */
export function at(element: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((found, name) => childrenOf(found, name)[0], element);
}

export function textAt(element: XmlElement | undefined, ...path: string[]): string {
  return at(element, ...path)?.text ?? '';
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** `<name>text</name>`, escaped. */
export function element(name: string, value: string | number | boolean): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? sign);
}
