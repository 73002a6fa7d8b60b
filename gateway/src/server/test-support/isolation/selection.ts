import {
  getNamedType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

type Fields = GraphQLObjectType | GraphQLInterfaceType;

/**
 * Everything that can be asked of a field's type without an argument, `levels` objects deep: what an intruder would ask.
 * A page and its nodes are one level. Members of an interface are asked for through `onType`, one at a time, since
 * their fields may have one name and different types.
 */
export function selectionOf(schema: GraphQLSchema, type: unknown, levels: number, onType?: string): string {
  // Whatever a field gives is a type of the schema.
  const named = getNamedType(type as Parameters<typeof getNamedType>[0]);
  if (named === undefined || isLeafType(named)) return '';
  if (!isObjectType(named) && !isInterfaceType(named)) throw new Error(`${named.name} has no fields.`);
  const own = fieldsOf(schema, named, levels);
  if (!isInterfaceType(named)) return `{ ${own} }`;
  const members = schema.getPossibleTypes(named).filter(({ name }) => onType === undefined || name === onType);
  const [member] = onType === undefined ? [] : members;
  return `{ __typename ${own}${member ? ` ... on ${member.name} { ${fieldsOf(schema, member, levels)} }` : ''} }`;
}

function fieldsOf(schema: GraphQLSchema, type: Fields, levels: number): string {
  return Object.values(type.getFields())
    .flatMap((field) => {
      if (
        field.args.some(({ type: argument, defaultValue }) => isNonNullType(argument) && defaultValue === undefined)
      ) {
        throw new Error(`${type.name}.${field.name} needs an argument: say here which.`);
      }
      const named = getNamedType(field.type);
      if (isLeafType(named)) return [field.name];
      // Edges say again what nodes say.
      if (field.name === 'edges') return [];
      const isPage = isPageType(named) || isPageType(type);
      if (levels === 0 && !isPage) return [];
      const next = isPageType(named) || named.name === 'PageInfo' ? levels : levels - 1;
      if (next < 0) return [];
      const inner = selectionOf(schema, field.type, next);
      return [`${field.name}${pageArguments(field)} ${inner}`];
    })
    .join(' ');
}

function isPageType(type: unknown): boolean {
  return isObjectType(type) && type.getFields()['pageInfo'] !== undefined;
}

function pageArguments(field: GraphQLField<unknown, unknown>): string {
  return field.args.some(({ name }) => name === 'first') ? '(first: 2)' : '';
}
