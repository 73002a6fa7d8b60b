import { randomBytes } from 'node:crypto';
import {
  getNamedType,
  isInputObjectType,
  parse,
  specifiedRules,
  validate,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInterfaceType,
  type GraphQLSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roleHolds, type Permission } from '../access/permission.ts';
import { requirementOf, signedIn } from '../access/requires.ts';
import { actors, type Actor } from './test-support/isolation/actors.ts';
import { cases, coveredNodes, type Case } from './test-support/isolation/cases.ts';
import { providerTexts, readableRows } from './test-support/isolation/provider-texts.ts';
import { selectionOf } from './test-support/isolation/selection.ts';
import { effectsOf, foreignTexts } from './test-support/isolation/traces.ts';
import { openWorld, requestId, type Ids, type World } from './test-support/isolation/world.ts';
import { checkCost, documentLimits, limits } from './limits.ts';
import { gatewaySchema } from './schema.ts';
import { openSocket, signedInSocket, type RawSocket } from './test-support/raw-socket.ts';

/** How deep the answers are asked for, where that is within the limits. */
const deepest = 3;

const schema = await gatewaySchema();
const roots = rootFields(schema);
let world: World;
let cells = 0;

beforeAll(async () => {
  world = await openWorld();
}, 180_000);
afterAll(async () => {
  process.stdout.write(`Isolation: ${cells} cells over ${roots.length} root fields and ${actors.length} actors.\n`);
  await world?.close();
}, 60_000);

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

const onHttp = roots.filter(({ kind }) => kind !== 'Subscription');

describe.each(actors)('$name', (actor) => {
  let foreign: string[];
  beforeAll(async () => {
    foreign = await foreignTexts(world, actor.sees);
  });
  const own = () => world.tenants[actor.own].ids;

  const look = (text: string) => {
    cells += 1;
    expect(foreign.filter((word) => text.includes(word))).toEqual([]);
  };

  for (const root of onHttp) {
    for (const one of cases[root.path] ?? []) {
      test(`${root.path} ${one.name}`, async () => {
        const ask = (ids: Ids) => world.ask(actor.who, documentOf(root, one), one.args(ids, own()));
        const before = await effectsOf(world);
        const missing = await ask(missingIds(own()));
        look(missing);
        if (actor.foreign) {
          const answer = await ask(world.tenants[actor.foreign].ids);
          look(answer);
          expectSame(one, answer, missing);
        }
        const may = mayAsk(actor, root, one);
        // Whoever may change its own things does so at the end, when nobody looks at them any more.
        if (root.kind === 'Query' || !may) {
          const answer = await ask(own());
          look(answer);
          expectOwn(answer, { actor, root, one, may, missing });
        }
        expect(await effectsOf(world)).toBe(before);
      });
    }
  }

  describe('over a socket', () => {
    const subscriptions = roots.filter(({ kind }) => kind === 'Subscription');

    if (actor.who === undefined) {
      test('is sent away', async () => {
        const raw = await openSocket(world.url);
        raw.send({ type: 'connection_init' });
        expect((await raw.closed).code).toBe(4403);
        cells += 1;
      });
      return;
    }
    const { who } = actor;
    let raw: RawSocket;
    beforeAll(async () => {
      raw = await signedInSocket(world.url, await world.token(who), { headers: { 'x-request-id': requestId } });
    });
    afterAll(() => raw.socket.terminate());
    let ids = 0;

    for (const root of subscriptions) {
      for (const one of cases[root.path] ?? []) {
        test(`${root.path} ${one.name}`, async () => {
          const first = async (about: Ids) => {
            const id = String((ids += 1));
            raw.subscribe(id, documentOf(root, one), one.args(about, own()));
            const frame = await raw.frame((candidate) => candidate.id === id && candidate.type !== 'complete');
            raw.send({ id, type: 'complete' });
            const { id: _id, ...rest } = frame;
            return JSON.stringify(rest);
          };
          const before = await effectsOf(world);
          const missing = await first(missingIds(own()));
          look(missing);
          if (actor.foreign) {
            const answer = await first(world.tenants[actor.foreign].ids);
            look(answer);
            expectSame(one, answer, missing);
          }
          const answer = await first(own());
          look(answer);
          expectOwn(answer, { actor, root, one, may: mayAsk(actor, root, one), missing });
          expect(await effectsOf(world)).toBe(before);
        });
      }
    }
  });
});

describe('the provider’s administrator', () => {
  for (const root of onHttp.filter(({ kind }) => kind === 'Query')) {
    for (const one of cases[root.path] ?? []) {
      test(`${root.path} ${one.name}`, async () => {
        const { ids } = world.tenants.initech;
        const answer = await world.ask('pat', documentOf(root, one), one.args(ids, ids));
        cells += 1;
        if (root.path !== 'Query.me') expect(answer).toContain(one.proof?.(ids) ?? world.tenants.initech.salt);
        expect(answer).not.toContain('"errors"');
      });
    }
  }
});

describe('what is the provider’s own', () => {
  let secret: string[];
  beforeAll(async () => {
    secret = await providerTexts(world);
    expect(secret.length).toBeGreaterThan(20);
  });
  const told = (text: string) => secret.filter((word) => text.includes(word));

  test.each(['ada', 'oscar', 'vic', 'bill', 'nora'])('is in nothing that %s can ask for', async (who) => {
    const { ids } = world.tenants.acme;
    for (const root of onHttp.filter(({ kind }) => kind === 'Query')) {
      for (const one of cases[root.path] ?? []) {
        cells += 1;
        expect([root.path, told(await world.ask(who, documentOf(root, one), one.args(ids, ids)))]).toEqual([
          root.path,
          [],
        ]);
      }
    }
  });

  test('is in no row that a tenant’s login could read', async () => {
    const rows = await readableRows(world);
    expect(rows.size).toBeGreaterThan(10);
    expect([...rows].map(([name, text]) => [name, told(text)]).filter(([, words]) => words?.length)).toEqual([]);
  });
});

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

// Last: it changes things.
describe('the positive control of mutations', () => {
  for (const root of onHttp.filter(({ kind }) => kind === 'Mutation')) {
    for (const one of cases[root.path] ?? []) {
      test(`${root.path} ${one.name}: its own admin is heard`, async () => {
        const { ids } = world.tenants.globex;
        const answer = await world.ask('gus', documentOf(root, one), one.args(ids, ids));
        cells += 1;
        expect(answer).not.toContain('"errors"');
        expect(answer).not.toContain('NOT_FOUND');
        expect(answer).not.toContain('NETWORK_NOT_OWNED');
      });
    }
  }
});

interface Root {
  kind: 'Query' | 'Mutation' | 'Subscription';
  path: string;
  field: {
    name: string;
    type: unknown;
    args: readonly GraphQLArgument[];
    extensions: Readonly<Record<string, unknown>>;
  };
}

function rootFields(of: GraphQLSchema): Root[] {
  const types = [of.getQueryType(), of.getMutationType(), of.getSubscriptionType()];
  return types.flatMap((type) =>
    type
      ? Object.values(type.getFields()).map((field) => ({
          // The three root types have these names.
          kind: type.name as Root['kind'],
          path: `${type.name}.${field.name}`,
          field,
        }))
      : [],
  );
}

/** Asks with every argument as a variable, for everything that there is to see. */
function documentOf({ kind, field }: Root, one: Case): string {
  const { onType } = one;
  const declared = field.args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const given = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const [head, call] = field.args.length === 0 ? ['', ''] : [`(${declared})`, `(${given})`];
  const atDepth = (levels: number) =>
    `${kind.toLowerCase()} ${head} { ${field.name}${call} ${selectionOf(schema, field.type, levels, onType)} }`;
  for (let levels = deepest; levels > 0; levels -= 1) {
    const text = atDepth(levels);
    if (isWithinLimits(text, one.args(someIds(), someIds()))) return text;
  }
  throw new Error(`${field.name} cannot be asked within the limits.`);
}

function isWithinLimits(text: string, variables: Record<string, unknown>): boolean {
  try {
    const document = parse(text, { maxTokens: limits.tokens });
    const errors = validate(schema, document, [...specifiedRules, documentLimits]);
    if (errors.length > 0) return false;
    return checkCost({ schema, document, variables }) > -1;
  } catch {
    return false;
  }
}

/** Byte for byte; but what holds the caller's own things holds their ages as well, and those grow. */
function expectSame({ listsOwn }: Case, answer: string, missing: string): void {
  if (!listsOwn) expect(answer).toBe(missing);
}

function mayAsk({ role, isMember = false }: Actor, { field }: Root, { needs }: Case): boolean {
  const requirement = needs ?? requirementOf(field);
  if (role === undefined || requirement === undefined) return false;
  return requirement === signedIn || roleHolds(role, requirement satisfies Permission, isMember);
}

interface Expected {
  actor: Actor;
  root: Root;
  one: Case;
  may: boolean;
  missing: string;
}

/** What an actor must get for its own tenant's things: all of it, or the refusal that its role deserves. */
function expectOwn(answer: string, { actor, root, one, may, missing }: Expected): void {
  const { ids, salt } = world.tenants[actor.own];
  if (actor.who === undefined) {
    expect(answer).toContain('"code":"UNAUTHENTICATED"');
    expect(answer).not.toContain('"data"');
  } else if (may) {
    expect(answer).not.toContain('"errors"');
    expect(answer).toContain(one.proof?.(ids) ?? salt);
  } else if (one.needs !== undefined) {
    // The field is open to everybody; the object is not there for this role.
    expect(answer).not.toContain('"errors"');
    expectSame(one, answer, missing);
  } else if (root.kind === 'Query' || root.kind === 'Subscription') {
    // Held nowhere: refused. Held elsewhere: there is nothing of this tenant to see.
    expectSame(one, answer, missing);
  } else {
    expect(answer).toContain('"code":"FORBIDDEN"');
  }
}

/** Ids of the right shape that nothing has. */
function missingIds(own: Ids): Ids {
  const missing = Object.entries(own).map(([key, id]) => {
    const prefix = /^[a-z]+_/.exec(id)?.[0];
    const isShared = key === 'siteId' || key === 'planId';
    // Crockford's alphabet without the letters that look like digits; names are words that nobody uses.
    const unknown = prefix ? `${prefix}01${randomBytes(12).toString('hex')}` : 'nobody has this name';
    return [key, isShared ? id : unknown];
  });
  // The same keys as `own`, each with a text.
  return Object.fromEntries(missing) as Ids;
}

function someIds(): Ids {
  // Any text will do where only the shape of arguments is looked at.
  return new Proxy({}, { get: () => 'x' }) as Ids;
}

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
