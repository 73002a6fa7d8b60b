import { randomBytes } from 'node:crypto';
import { parse, specifiedRules, validate, type GraphQLArgument, type GraphQLSchema } from 'graphql';
import { checkCost, documentLimits, limits } from '../../limits.ts';
import { gatewaySchema } from '../../schema.ts';
import type { Case } from './cases.ts';
import { selectionOf } from './selection.ts';
import type { Ids } from './world.ts';

/** How deep the answers are asked for, where that is within the limits. */
const deepest = 3;

export const schema = await gatewaySchema();

export interface Root {
  kind: 'Query' | 'Mutation' | 'Subscription';
  path: string;
  field: {
    name: string;
    type: unknown;
    args: readonly GraphQLArgument[];
    extensions: Readonly<Record<string, unknown>>;
  };
}

export function rootFields(of: GraphQLSchema): Root[] {
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
export function documentOf({ kind, field }: Root, one: Case): string {
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

/** Ids of the right shape that nothing has. */
export function missingIds(own: Ids): Ids {
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

export function someIds(): Ids {
  // Any text will do where only the shape of arguments is looked at.
  return new Proxy({}, { get: () => 'x' }) as Ids;
}
