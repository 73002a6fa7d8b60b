import {
  defaultFieldResolver,
  DirectiveLocation,
  GraphQLDirective,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { Directive, Extensions } from 'type-graphql';
import { forbidden, RequestError, TokenError } from './errors.ts';
import { isPermission, type Permission } from './permission.ts';
import type { RequestContext } from './request-context.ts';
import type { TenantScope } from './scope.ts';

/** For the few root fields that every signed-in caller may ask: who am I, which version is this. */
export const signedIn = 'signed-in';
export type Requirement = Permission | typeof signedIn;

const extensionName = 'requires';

/** `directive @requires(permission: String!) on FIELD_DEFINITION`; the schema has to be built with it. */
export const requiresDirective = new GraphQLDirective({
  name: 'requires',
  description: 'The permission that the caller needs in the organization that the field is about.',
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: { permission: { type: new GraphQLNonNull(GraphQLString) } },
});

/**
 * States what a field needs, in the schema and to `guardSchema`. It publishes and refuses whoever holds the permission
 * nowhere; whether it is held in the organization at hand is decided below resolvers, by `scope.require`.
 */
export function Requires(requirement: Requirement): MethodDecorator & PropertyDecorator {
  const publish = Directive(`@requires(permission: "${requirement}")`);
  const mark = Extensions({ [extensionName]: requirement });
  return (target: object, key: string | symbol, descriptor?: PropertyDescriptor) => {
    // type-graphql's decorators return nothing and take a missing descriptor for a property; their type asks for one.
    publish(target, key, descriptor as PropertyDescriptor);
    mark(target, key, descriptor as PropertyDescriptor);
  };
}

/** What a field of a built schema needs, if it says. */
export function requirementOf(field: Pick<GraphQLField<unknown, unknown>, 'extensions'>): Requirement | undefined {
  const stated = field.extensions[extensionName];
  return typeof stated === 'string' && (stated === signedIn || isPermission(stated)) ? stated : undefined;
}

/**
 * Makes a built schema safe to serve: each field's description names its permission, and each root field refuses a
 * caller who holds it nowhere. Call it once per schema.
 * @throws Error when a root field does not state what it needs: such a schema must not be served.
 */
export function guardSchema(schema: GraphQLSchema): void {
  const silent: string[] = [];
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!('getFields' in type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      // Input fields are not asked for; only output fields have arguments.
      if (!('args' in field)) continue;
      const requirement = requirementOf(field);
      const isRoot = [...roots].some((root) => root === type);
      if (requirement) describe(field, requirement);
      else if (isRoot) silent.push(`${type.name}.${field.name}`);
      if (isRoot) guard(field, type === schema.getSubscriptionType());
    }
  }
  if (silent.length > 0) throw new Error(`Root fields without @Requires: ${silent.join(', ')}.`);
}

/** Refuses a caller who may not ask for this root field at all. A field that states nothing is refused to everybody. */
export function checkRootField(
  field: Pick<GraphQLField<unknown, unknown>, 'name' | 'extensions'>,
  scope: TenantScope | undefined,
): void {
  const requirement = requirementOf(field);
  if (requirement === undefined) {
    throw new RequestError('INTERNAL', 'Something went wrong on our side.', {
      detail: `${field.name} states no permission`,
    });
  }
  if (scope === undefined) throw new TokenError('MISSING', `${field.name} was asked for without a token`);
  if (requirement !== signedIn && !scope.holds(requirement)) {
    throw forbidden(`You need the permission ${requirement}. Ask an administrator of your organization.`);
  }
}

type RootField = GraphQLField<unknown, Partial<RequestContext>>;

function guard(field: RootField, isSubscription: boolean): void {
  const inner: GraphQLFieldResolver<unknown, Partial<RequestContext>> = (isSubscription
    ? field.subscribe
    : field.resolve) ?? defaultFieldResolver;
  const guarded: typeof inner = (source, args, context, info) => {
    checkRootField(field, context.scope);
    // Of several mutations in one request, those behind a deadline that has passed are not begun any more.
    if (context.signal?.aborted) throw new RequestError('BACKEND_TIMEOUT', 'The request took too long.');
    return inner(source, args, context, info);
  };
  // A subscription is refused when it starts; its events are filtered where they are read.
  if (isSubscription) field.subscribe = guarded;
  else field.resolve = guarded;
}

function describe(field: RootField, requirement: Requirement): void {
  const sentence =
    requirement === signedIn ? 'Open to every signed-in caller.' : `Requires the permission \`${requirement}\`.`;
  field.description = field.description ? `${field.description}\n\n${sentence}` : sentence;
}
