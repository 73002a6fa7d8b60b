import 'reflect-metadata';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { graphql, subscribe, parse, type GraphQLSchema } from 'graphql';
import {
  Arg,
  buildSchema,
  Ctx,
  Field,
  ID,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
  type NonEmptyArray,
} from 'type-graphql';
import { beforeAll, expect, test } from 'vitest';
import type { Principal } from './principal.ts';
import type { RequestContext } from './request-context.ts';
import { checkRootField, guardSchema, requirementOf, Requires, requiresDirective, signedIn } from './requires.ts';
import { tenantScope } from './scope.ts';
import { memoryDirectory } from './test-support/memory-directory.ts';

@ObjectType()
class Target {
  @Field(() => ID)
  id!: string;

  @Requires('sites:read')
  @Field(() => String, { nullable: true })
  templateVersion?: string;
}

const calls: string[] = [];

@Resolver()
class TargetResolver {
  @Query(() => String, { description: 'Who am I?' })
  @Requires(signedIn)
  me(@Ctx() { scope }: RequestContext): string {
    calls.push('me');
    return scope.principal.displayName;
  }

  @Query(() => Target, { nullable: true, description: 'One replication target.' })
  @Requires('targets:read')
  replicationTarget(@Arg('id', () => ID) id: string): Target {
    calls.push('replicationTarget');
    return { id };
  }

  @Mutation(() => Target, { nullable: true })
  @Requires('targets:provision')
  async provisionReplicationTarget(
    @Arg('organizationId', () => ID) organizationId: string,
    @Ctx() { scope }: RequestContext,
  ): Promise<Target> {
    calls.push('provisionReplicationTarget');
    await scope.require('targets:provision', organizationId);
    return { id: 'new' };
  }

  @Subscription(() => Target, { nullable: true, subscribe: () => events() })
  @Requires('operations:read')
  operationEvents(@Root() target: Target): Target {
    return target;
  }
}

@Resolver()
class CarelessResolver {
  @Query(() => String, { nullable: true })
  everything(): string {
    return 'secret';
  }
}

async function* events() {
  calls.push('subscribe');
  yield { id: 'one' };
}

async function build(resolvers: NonEmptyArray<Function>): Promise<GraphQLSchema> {
  // type-graphql asks for one as soon as there is a subscription, even if each brings its own source.
  const pubSub = {
    publish: () => {
      throw new Error('Nothing is published here.');
    },
    subscribe: () => {
      throw new Error('Nothing is subscribed here.');
    },
  };
  return buildSchema({ resolvers, directives: [requiresDirective], validate: false, pubSub });
}

async function contextOf(role: 'ADMIN' | 'VIEWER' | 'BILLING'): Promise<RequestContext> {
  const principal: Principal = {
    subject: 'ada',
    displayName: 'Ada',
    kind: 'PERSON',
    clientId: 'portal',
    issuer: 'https://login.example.net/realms/dr',
    expiresAt: new Date(),
    providerRoles: [],
    grants: [{ identityId: 'kc-acme', role }],
  };
  const acme = { organizationId: 'acme', identityId: 'kc-acme', kind: 'TENANT', state: 'ACTIVE' } as const;
  const scope = await tenantScope(principal, memoryDirectory([acme]));
  return { scope, requestId: 'r', clientId: 'portal', signal: new AbortController().signal };
}

let schema: GraphQLSchema;

beforeAll(async () => {
  schema = await build([TargetResolver]);
  guardSchema(schema);
});

async function run(source: string, contextValue: unknown) {
  calls.length = 0;
  const { data, errors } = await graphql({ schema, source, contextValue });
  return { data, code: errors?.map(({ originalError }) => Object(originalError).code).join(), calls: [...calls] };
}

test('the permission stands in the printed schema, in the extensions and in the description', () => {
  const printed = printSchemaWithDirectives(schema);
  expect(printed).toContain('replicationTarget(id: ID!): Target @requires(permission: "targets:read")');
  expect(printed).toContain('templateVersion: String @requires(permission: "sites:read")');
  expect(printed).toContain('directive @requires(permission: String!) on FIELD_DEFINITION');
  const { replicationTarget, me } = schema.getQueryType()?.getFields() ?? {};
  expect(replicationTarget && requirementOf(replicationTarget)).toBe('targets:read');
  expect(replicationTarget?.description).toBe('One replication target.\n\nRequires the permission `targets:read`.');
  expect(me?.description).toBe('Who am I?\n\nOpen to every signed-in caller.');
});

test('a root field lets in who holds its permission somewhere, and nobody else', async () => {
  const query = '{ replicationTarget(id: "t") { id } }';
  const viewer = await run(query, await contextOf('VIEWER'));
  expect(viewer).toMatchObject({ data: { replicationTarget: { id: 't' } }, calls: ['replicationTarget'] });
  expect(await run(query, await contextOf('BILLING'))).toMatchObject({ code: 'FORBIDDEN', calls: [] });
  expect(await run(query, {})).toMatchObject({ code: 'UNAUTHENTICATED', calls: [] });
});

test('a field for everybody still needs a caller', async () => {
  expect(await run('{ me }', await contextOf('BILLING'))).toMatchObject({ data: { me: 'Ada' } });
  expect(await run('{ me }', {})).toMatchObject({ code: 'UNAUTHENTICATED', calls: [] });
});

test('a mutation is decided by the organization at hand, below the resolver', async () => {
  const mutation = (id: string) => `mutation { provisionReplicationTarget(organizationId: "${id}") { id } }`;
  expect(await run(mutation('acme'), await contextOf('ADMIN'))).toMatchObject({
    data: { provisionReplicationTarget: { id: 'new' } },
  });
  expect(await run(mutation('globex'), await contextOf('ADMIN'))).toMatchObject({ code: 'NOT_FOUND' });
  expect(await run(mutation('acme'), await contextOf('VIEWER'))).toMatchObject({ code: 'FORBIDDEN', calls: [] });
});

test('a subscription is refused before it starts', async () => {
  const document = parse('subscription { operationEvents { id } }');
  calls.length = 0;
  const refused = await subscribe({ schema, document, contextValue: await contextOf('BILLING') });
  expect(refused).toMatchObject({ errors: [{ originalError: { code: 'FORBIDDEN' } }] });
  expect(calls).toEqual([]);
  const started = await subscribe({ schema, document, contextValue: await contextOf('VIEWER') });
  if (!(Symbol.asyncIterator in started)) throw new Error('The subscription did not start.');
  expect(await started.next()).toMatchObject({ value: { data: { operationEvents: { id: 'one' } } } });
  await started.return(undefined);
});

test('a schema with a root field that states nothing is not served', async () => {
  const careless = await build([TargetResolver, CarelessResolver]);
  expect(() => guardSchema(careless)).toThrow('Root fields without @Requires: Query.everything.');
  // Whoever goes on all the same gets nothing from it.
  const context = await contextOf('ADMIN');
  const answer = await graphql({ schema: careless, source: '{ everything }', contextValue: context });
  expect(answer).toMatchObject({ data: { everything: null }, errors: [{ originalError: { code: 'INTERNAL' } }] });
});

test('a requirement that is no permission counts as none', async () => {
  const { scope } = await contextOf('ADMIN');
  const field = { name: 'typo', extensions: { requires: 'targets:raed' } };
  expect(requirementOf(field)).toBeUndefined();
  expect(() => checkRootField(field, scope)).toThrowError(expect.objectContaining({ code: 'INTERNAL' }));
});
