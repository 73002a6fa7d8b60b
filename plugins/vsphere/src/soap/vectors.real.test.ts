import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { preparePyvmomi } from '@bulkhead/lab';
import { beforeAll, describe, expect, test } from 'vitest';
import { committedBodies, vectorCases, vectorsFolder } from '../test-support/vectors.ts';
import { firstDifference, seeXml, type SeenElement } from '../test-support/xml-difference.ts';
import { methodNames, methodOf } from './methods.ts';
import { propertiesOf, typeNames, type PropertyShape } from './types.ts';
import { writeBody, writeEnvelope } from './write-xml.ts';

// What we send against what VMware's own Python client sends for the same calls, serialized by it in this very run.

interface Fresh {
  /** Whole requests, one for each case. */
  envelopes: string[];
  bodies: string[];
  /** What pyVmomi's own tables say of every type and method that ours have, in schema order. */
  types: Record<string, PropertyShape[]>;
  methods: Record<string, PropertyShape[]>;
}

let fresh: Fresh;

beforeAll(async () => {
  const python = await preparePyvmomi();
  const script = fileURLToPath(new URL('generate.py', vectorsFolder));
  const child = spawn(python, [script, '--print'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ types: typeNames, methods: methodNames }));
  // The script's own output, in the shape that it is written in.
  fresh = JSON.parse(await text(child.stdout)) as Fresh;
}, 300_000);

const bodyOf = (envelope: string): SeenElement => {
  const [body] = seeXml(envelope).children.filter(({ name }) => name.endsWith('}Body'));
  if (!body) throw new Error('A request without a body.');
  return body;
};
const ours = (index: number): string => {
  const one = vectorCases[index];
  if (!one) throw new Error(`There is no case ${index}.`);
  return writeEnvelope(writeBody(one.method, one.self, one.args), 'op-1');
};
const difference = (index: number, request: string): string | undefined =>
  firstDifference(bodyOf(request), bodyOf(fresh.envelopes[index] ?? ''));

test.for(vectorCases.map(({ method }, index) => [index, method] as const))(
  'request %i, %s, is element for element what pyVmomi sends',
  ([index]) => {
    expect(difference(index, ours(index))).toBeUndefined();
  },
);

test('every method of the call table is among them, and pyVmomi answered for each case', () => {
  expect(new Set(vectorCases.map(({ method }) => method))).toEqual(new Set(methodNames));
  expect(fresh.envelopes).toHaveLength(vectorCases.length);
});

test('the vectors that the ordinary tests compare with are what pyVmomi writes today', () => {
  expect(committedBodies).toEqual(fresh.bodies);
});

describe('the tables, property for property', () => {
  test.for(methodNames)('parameters of %s', (name) => {
    expect(methodOf(name).parameters).toEqual(fresh.methods[name]);
  });

  test.for(typeNames)('properties of %s', (name) => {
    const shapes = propertiesOf(name) ?? [];
    const sent = new Set(shapes.map((shape) => shape.name));
    // Properties that we never send are left out of our table; what is there must stand in their order.
    expect(shapes).toEqual(fresh.types[name]?.filter((shape) => sent.has(shape.name)));
  });
});

describe('a mistake is seen', () => {
  /** Requests with two neighbours of different names, exchanged; those without have no order to get wrong. */
  const swapped = vectorCases.flatMap((_, index) => {
    const request = ours(index);
    const changed = request.replace(/(<(\w+)[^<>/]*>[^<>]*<\/\2>)(<(?!\2\b)(\w+)[^<>/]*>[^<>]*<\/\4>)/, '$3$1');
    return changed === request ? [] : [[index, changed] as const];
  });
  const untyped = vectorCases.flatMap((_, index) => {
    const request = ours(index);
    const changed = request.replace(/ xsi:type="[^"]*"/, '');
    return changed === request ? [] : [[index, changed] as const];
  });

  test('two elements exchanged', () => {
    expect(swapped.length).toBeGreaterThan(vectorCases.length / 2);
    for (const [index, request] of swapped) expect(difference(index, request)).toMatch(/ instead of /);
  });

  test('an xsi:type left out', () => {
    expect(untyped.length).toBeGreaterThan(10);
    for (const [index, request] of untyped) expect(difference(index, request)).toMatch(/type is missing instead of /);
  });

  test('another namespace, another text, an element too many and one too few', () => {
    const index = vectorCases.findIndex(({ method }) => method === 'CreateNasDatastore');
    const request = ours(index);
    const change = (from: RegExp | string, to: string): string => {
      const changed = request.replace(from, to);
      expect(changed).not.toBe(request);
      return difference(index, changed) ?? 'no difference';
    };
    expect(change('xmlns="urn:vim25"', 'xmlns="urn:vim2"')).toMatch(/\{urn:vim2\}CreateNasDatastore instead of/);
    expect(change('<accessMode>readWrite', '<accessMode>readOnly')).toMatch('"readOnly" instead of "readWrite"');
    expect(change('</spec>', '<securityType>SYS</securityType></spec>')).toMatch('securityType is one too many');
    expect(change(/<type>NFS<\/type>/, '')).toMatch(/type/);
  });
});
