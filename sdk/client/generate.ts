/**
 * Writes `src/operations.generated.ts` from the published schema and `documents/*.graphql`: the types of each
 * operation, its text, and the table from which the client's methods are made.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import {
  buildSchema,
  Kind,
  parse,
  print,
  visit,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';

const here = (path: string) => new URL(path, import.meta.url);
const check = process.argv.includes('--check');

const schemaText = await readFile(here('../../schema/schema.graphql'), 'utf8');
const names = (await readdir(here('documents/'))).filter((name) => name.endsWith('.graphql')).sort();
const text = (await Promise.all(names.map((name) => readFile(here(`documents/${name}`), 'utf8')))).join('\n');
const document = parse(text);

const fragments = new Map<string, FragmentDefinitionNode>();
const operations: OperationDefinitionNode[] = [];
for (const definition of document.definitions) {
  if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
}

const types = await codegen({
  filename: 'src/operations.generated.ts',
  schema: parse(schemaText),
  schemaAst: buildSchema(schemaText),
  documents: [{ location: 'documents', document }],
  config: {
    // A gateway newer than this package may answer with values that it does not know: enums stay open.
    enumsAsTypes: true,
    futureProofEnums: true,
    futureProofUnions: true,
    useTypeImports: true,
    skipTypename: true,
    defaultScalarType: 'string',
    scalars: {
      DateTime: 'string',
      Duration: 'string',
      Bytes: 'string',
      MacAddress: 'string',
      IpAddress: 'string',
      Cidr: 'string',
      VlanId: 'number',
      Cursor: 'string',
    },
    avoidOptionals: { field: true },
    maybeValue: 'T | null',
    // Absent and null are the same to a caller who leaves something out.
    inputMaybeValue: 'T | null | undefined',
  },
  plugins: [{ operations: {} }],
  pluginMap: { operations: typescriptOperations },
});

const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const suffix = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

const entries = operations.map((operation) => {
  const name = operation.name!.value;
  const used = new Set<string>();
  collectFragments(operation, used);
  const source = [operation, ...[...used].sort().map((fragment) => fragments.get(fragment)!)].map(print).join('\n\n');
  const type = `${pascal(name)}${suffix[operation.operation]}`;
  return [
    `export const ${name}Document: TypedDocument<${type}, ${type}Variables> = {`,
    `  name: '${name}',`,
    `  kind: '${operation.operation}',`,
    `  text: ${JSON.stringify(source)},`,
    `};`,
  ].join('\n');
});

const output = [
  '// Written by `pnpm generate` from schema/schema.graphql and documents/*.graphql. Do not edit.',
  "import type { TypedDocument } from './document.ts';",
  '',
  types,
  ...entries,
  '',
].join('\n');

const target = here('src/operations.generated.ts');
if (check) {
  if ((await readFile(target, 'utf8')) !== output) {
    process.stderr.write('sdk/client/src/operations.generated.ts is not what `pnpm generate` writes.\n');
    process.exit(1);
  }
} else {
  await writeFile(target, output);
}

function collectFragments(node: OperationDefinitionNode | FragmentDefinitionNode, used: Set<string>): void {
  visit(node, {
    FragmentSpread({ name }) {
      if (used.has(name.value)) return;
      used.add(name.value);
      collectFragments(fragments.get(name.value)!, used);
    },
  });
}
