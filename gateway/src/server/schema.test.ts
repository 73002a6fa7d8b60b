import { readFile } from 'node:fs/promises';
import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { commonWords, ownWords, typeWords } from './field-words.ts';
import { enumWords, errorCodeWords } from './enum-words.ts';
import { printGatewaySchema } from './schema-text.ts';
import { gatewaySchema } from './schema.ts';

const schema = await gatewaySchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !(isScalarType(type) && isSpecifiedScalarType(type)),
);

interface Part {
  path: string;
  description: string | null | undefined;
}

function partsOf(type: GraphQLNamedType): Part[] {
  const own = { path: type.name, description: type.description };
  if (isEnumType(type)) {
    return [own, ...type.getValues().map(({ name, description }) => ({ path: `${type.name}.${name}`, description }))];
  }
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return [own];
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const path = `${type.name}.${field.name}`;
    const args = 'args' in field ? field.args : [];
    return [
      { path, description: field.description },
      ...args.map((argument: GraphQLArgument) => ({
        path: `${path}.${argument.name}`,
        description: argument.description,
      })),
    ];
  });
  return [own, ...fields];
}

const parts = types.flatMap(partsOf);

describe('descriptions', () => {
  test('every type, field, argument and enum value has one', () => {
    expect(parts.filter(({ description }) => !description).map(({ path }) => path)).toEqual([]);
  });

  test('none is for something that is gone', () => {
    const paths = new Set(parts.map(({ path }) => path));
    const names = new Set([...paths].map((path) => path.slice(path.lastIndexOf('.') + 1)));
    const gone = [...Object.keys(ownWords), ...Object.keys(typeWords), ...Object.keys(enumWords)].filter(
      (path) => !paths.has(path),
    );
    const unused = [...Object.keys(commonWords), ...Object.keys(errorCodeWords)].filter((name) => !names.has(name));
    expect([...gone, ...unused]).toEqual([]);
  });
});

describe('names', () => {
  test('types are in PascalCase, fields and arguments in camelCase, enum values in SCREAMING_SNAKE', () => {
    const wrong = types.flatMap((type) => {
      const bad = /^[A-Z][A-Za-z0-9]*$/.test(type.name) ? [] : [type.name];
      const inner = partsOf(type).slice(1);
      const shape = isEnumType(type) ? /\.[A-Z][A-Z0-9_]*$/ : /^[A-Za-z0-9]+(\.[a-z][A-Za-z0-9]*)+$/;
      return [...bad, ...inner.map(({ path }) => path).filter((path) => !shape.test(path))];
    });
    expect(wrong).toEqual([]);
  });

  test('abbreviate only what is said aloud', () => {
    const allowed = new Set([
      'ID',
      'URL',
      'IP',
      'MAC',
      'VLAN',
      'OS',
      'CPU',
      'NIC',
      'VM',
      'RPO',
      'RTO',
      'SHA',
      'IO',
      'MSP',
    ]);
    const shouted = types
      .filter((type) => !isEnumType(type))
      .flatMap(partsOf)
      .flatMap(({ path }) =>
        (path.match(/[A-Z]{2,}/g) ?? [])
          .filter((run) => !allowed.has(run) && !allowed.has(run.slice(0, -1)))
          .map(() => path),
      );
    expect(shouted).toEqual([]);
    expect(parts.filter(({ path }) => /(Ids?|Urls?)$/.test(path) && /(ID|URL)s?$/.test(path))).toEqual([]);
  });

  test('a mutation is a verb and a noun, takes one input and gives a payload, all of its own', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    expect(mutations.length).toBeGreaterThan(5);
    for (const { name, args, type } of mutations) {
      expect(name).toMatch(/^[a-z]+[A-Z]/);
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      expect(args.map((argument) => `${argument.name}: ${String(argument.type)}`)).toEqual([`input: ${title}Input!`]);
      expect(String(type)).toBe(`${title}Payload`);
      const payload = getNamedType(type);
      if (!isObjectType(payload)) throw new Error(`${payload.name} is no object.`);
      const { userErrors, ...results } = payload.getFields();
      expect(String(userErrors?.type)).toBe(`[${title}UserError!]!`);
      for (const result of Object.values(results)) expect(isNonNullType(result.type)).toBe(false);
      const input = schema.getType(`${title}Input`);
      if (!isInputObjectType(input)) throw new Error(`${title}Input is no input.`);
      expect(String(input.getFields()['idempotencyKey']?.type)).toBe('String!');
    }
  });

  test('lists are pages: first is 50 where nothing is said', () => {
    for (const type of types) {
      if (!isObjectType(type) && !isInterfaceType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        const page = getNamedType(field.type);
        if (!isObjectType(page) || page.getFields()['pageInfo'] === undefined) continue;
        const first = field.args.find(({ name }) => name === 'first');
        expect(
          `${type.name}.${field.name} ${String(first?.type)} after=${field.args.some(({ name }) => name === 'after')}`,
        ).toBe(`${type.name}.${field.name} Int after=true`);
        expect(first?.defaultValue).toEqual(expect.any(Number));
      }
    }
  });
});

test('every scalar of ours says where its form is specified', () => {
  const scalars = types.filter(isScalarType);
  expect(scalars.length).toBeGreaterThan(5);
  expect(scalars.filter(({ specifiedByURL }) => !specifiedByURL).map(({ name }) => name)).toEqual([]);
});

test('no type is left over that nothing leads to', () => {
  const reached = new Set<string>();
  const visit = (type: GraphQLNamedType | undefined | null): void => {
    if (!type || reached.has(type.name)) return;
    reached.add(type.name);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return;
    if (isInterfaceType(type)) schema.getPossibleTypes(type).forEach((member) => visit(member));
    if (!isInputObjectType(type)) type.getInterfaces().forEach((one) => visit(one));
    for (const field of Object.values(type.getFields())) {
      const typed: readonly { type: GraphQLType }[] = [field, ...('args' in field ? field.args : [])];
      for (const part of typed) visit(getNamedType(part.type));
    }
  };
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].forEach((root) => visit(root));
  expect(types.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
});

test('the published text is what the resolvers print, and builds', async () => {
  const published = await readFile(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8');
  expect(published).toBe(printGatewaySchema(schema));
  expect(() => buildSchema(published)).not.toThrow();
});
