import {
  getNamedType,
  isInputObjectType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInterfaceType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { cases, coveredNodes } from './test-support/isolation/cases.ts';
import { probeIsolation } from './test-support/isolation/probes.ts';
import { rootFields, schema, someIds } from './test-support/isolation/questions.ts';
import { openWorld } from './test-support/isolation/world.ts';

const roots = rootFields(schema);

describe('the suite covers the schema', () => {
  test.each(roots.map(({ path }) => path))('%s has cases', (path) => {
    expect(cases[path], `Say in test-support/isolation/cases.ts how ${path} is asked.`).toBeDefined();
  });

  test('no case is for a field that is gone', () => {
    expect(Object.keys(cases).filter((path) => !roots.some((root) => root.path === path))).toEqual([]);
  });

  test.each(roots)('$path is asked with every argument that it has', ({ path, field }) => {
    const given = new Set((cases[path] ?? []).flatMap((one) => pathsOf(one.args(someIds(), someIds()))));
    expect(argumentPaths(field.args).filter((wanted) => !given.has(wanted))).toEqual([]);
  });

  test('every type of node is asked for by its id', () => {
    const node = schema.getType('Node');
    if (!node || !('getInterfaces' in node)) throw new Error('There is no interface Node.');
    // Only interfaces and objects have interfaces, and an object has no members.
    const members = schema.getPossibleTypes(node as GraphQLInterfaceType);
    expect(members.map(({ name }) => name).filter((name) => !coveredNodes.includes(name))).toEqual([]);
  });
});

probeIsolation(() => openWorld());

test('no field or argument is for a credential of a customer’s site', () => {
  const suspicious = /password|secret|credential|passphrase|privateKey|apiKey|token/i;
  const named = Object.values(schema.getTypeMap()).flatMap((type) =>
    'getFields' in type && !type.name.startsWith('__')
      ? Object.values(type.getFields()).flatMap((field) => [
          `${type.name}.${field.name}`,
          ...('args' in field
            ? field.args.map((argument: GraphQLArgument) => `${type.name}.${field.name}.${argument.name}`)
            : []),
        ])
      : [],
  );
  const found = named.filter((name) => suspicious.test(name.slice(name.indexOf('.') + 1)));
  expect(new Set(found)).toEqual(
    new Set([
      // What we issue for our own nested host, shown once.
      'Mutation.revealTargetCredential',
      'Mutation.revealTargetCredential.input',
      'ProvisionReplicationTargetInput.credentialProfile',
      'RevealTargetCredentialPayload.credential',
      'TargetConnection.credentialProfile',
      'TargetCredential.secret',
    ]),
  );
});

/** `input.selection.vms.vmId` for each argument that is given, `null` included. */
function pathsOf(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, at));
  const own = at === '' ? [] : [at];
  if (typeof value !== 'object' || value === null) return own;
  return [...own, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, at === '' ? key : `${at}.${key}`))];
}

function argumentPaths(args: readonly (GraphQLArgument | GraphQLInputField)[], at = ''): string[] {
  return args.flatMap(({ name, type }) => {
    const path = at === '' ? name : `${at}.${name}`;
    const named = getNamedType(type);
    return [path, ...(isInputObjectType(named) ? argumentPaths(Object.values(named.getFields()), path) : [])];
  });
}
