import { SaxesParser } from 'saxes';
import type { XmlElement } from './element.ts';

const xsi = 'http://www.w3.org/2001/XMLSchema-instance';

interface OpenElement {
  name: string;
  xsiType?: string;
  refType?: string;
  text: string;
  children: XmlElement[];
}

/**
 * Reads a whole document. `xsi:type` is found by its namespace, since servers differ in the prefix; names lose their
 * prefixes, because everything below the body is in one namespace.
 * @throws Error when it is not well-formed.
 */
export function readXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const stack: OpenElement[] = [];
  let root: XmlElement | undefined;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const opened: OpenElement = { name: tag.local, text: '', children: [] };
    for (const attribute of Object.values(tag.attributes)) {
      if (attribute.local !== 'type') continue;
      if (attribute.uri === xsi) opened.xsiType = withoutPrefix(attribute.value);
      else if (attribute.uri === '') opened.refType = attribute.value;
    }
    stack.push(opened);
  });
  parser.on('text', (chunk) => {
    const open = stack.at(-1);
    if (open) open.text += chunk;
  });
  parser.on('cdata', (chunk) => {
    const open = stack.at(-1);
    if (open) open.text += chunk;
  });
  parser.on('closetag', () => {
    const closed = stack.pop();
    if (!closed) return;
    // White space between children is layout, not content.
    if (closed.children.length > 0) closed.text = '';
    const parent = stack.at(-1);
    if (parent) parent.children.push(closed);
    else root = closed;
  });
  parser.write(text).close();
  if (!root) throw new Error('the document is empty');
  return root;
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
