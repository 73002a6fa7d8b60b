import {
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isUnionType,
} from 'graphql';
import type { ComplexityEstimator } from 'graphql-query-complexity';

const defaultPage = 50;
const largestPage = 100;
/** A list without a page size is taken to have this many items. */
const assumedItems = 5;
const mutationPoints = 10;
const subscriptionPoints = 5;
const totalCountPoints = 10;

/**
 * api.md C11: leaves are free, an object with an id costs 1, a page costs 1 and its items; a mutation 10, a subscription
 * 5. Variables count with their real values.
 */
export const costEstimators: ComplexityEstimator[] = [
  ({ type, field, args, childComplexity }) => {
    const named = getNamedType(field.type);
    if (field.name === 'totalCount') return totalCountPoints;
    if (isLeafType(named)) return 0;
    if (field.name === 'pageInfo') return 0;
    const root = rootPoints(type.name);
    if (isPage(named)) {
      return root + 1 + pageItems(args['first']) * Math.max(childComplexity, 1);
    }
    const own = isNode(named) ? 1 : 0;
    const isList = isListType(getNullableType(field.type));
    const isPageOfConnection = isList && isPage(type);
    // The page's size was counted at the connection.
    if (isPageOfConnection) return own + childComplexity;
    return root + (isList ? itemsOf(args) * Math.max(own + childComplexity, 1) : own + childComplexity);
  },
];

/** How many leaves the answer may hold. */
export const valueEstimators: ComplexityEstimator[] = [
  ({ type, field, args, childComplexity }) => {
    const named = getNamedType(field.type);
    const isList = isListType(getNullableType(field.type));
    if (isLeafType(named)) return isList ? assumedItems : 1;
    if (isPage(named)) return pageItems(args['first']) * childComplexity;
    if (isList && !isPage(type)) return itemsOf(args) * childComplexity;
    return childComplexity;
  },
];

/** A list that answers for ids has as many items as were asked for. */
function itemsOf(args: Record<string, unknown>): number {
  return Array.isArray(args['ids']) ? args['ids'].length : assumedItems;
}

function pageItems(first: unknown): number {
  return typeof first === 'number' && first >= 1 ? Math.min(first, largestPage) : defaultPage;
}

/** Named for what it has: a target's connection sheet is no page. */
function isPage(type: unknown): boolean {
  return isObjectType(type) && type.name.endsWith('Connection') && type.getFields()['nodes'] !== undefined;
}

function rootPoints(typeName: string): number {
  if (typeName === 'Mutation') return mutationPoints;
  return typeName === 'Subscription' ? subscriptionPoints : 0;
}

function isNode(type: unknown): boolean {
  if (isUnionType(type)) return true;
  if (isInterfaceType(type)) return type.getFields()['id'] !== undefined;
  return isObjectType(type) && type.getFields()['id'] !== undefined;
}
