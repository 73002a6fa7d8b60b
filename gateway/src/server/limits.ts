import {
  getVariableValues,
  getOperationAST,
  GraphQLError,
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { getComplexity } from 'graphql-query-complexity';
import { RequestError } from '../access/errors.ts';
import { costEstimators, valueEstimators } from './cost.ts';

/** api.md C11, C12. Each has a test just under and just over it. */
export const limits = {
  depth: 10,
  aliases: 15,
  rootFields: 10,
  directives: 50,
  /** Fields and spreads after fragments are put in their places: nested fragments multiply. */
  selections: 2_000,
  tokens: 2_000,
  bodyBytes: 512 * 1024,
  /** Points of one operation. */
  cost: 2_000,
  /** Values that the answer may hold by estimate. */
  values: 10_000,
  arrayItems: 1_000,
  variablesDepth: 10,
  /** How many mistakes one answer names. */
  reportedErrors: 10,
} as const;

/** What a document may look like, whatever it asks. Part of validation, over HTTP and WebSocket alike. */
export const documentLimits: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  Document(document) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.OPERATION_DEFINITION) checkOperation(context, document, definition);
    }
  },
});

function checkOperation(context: ValidationContext, document: DocumentNode, operation: OperationDefinitionNode): void {
  const seen = measure(document, operation);
  const refuse = (what: string, limit: number) =>
    context.reportError(
      new GraphQLError(`The document has too many ${what}: at most ${limit} are allowed.`, { nodes: operation }),
    );
  if (seen.depth > limits.depth) refuse('levels', limits.depth);
  if (seen.aliases > limits.aliases) refuse('aliases', limits.aliases);
  if (seen.rootFields > limits.rootFields) refuse('root fields', limits.rootFields);
  if (seen.directives > limits.directives) refuse('directives', limits.directives);
  if (seen.selections > limits.selections) refuse('fields', limits.selections);
}

interface Measure {
  depth: number;
  aliases: number;
  rootFields: number;
  directives: number;
  selections: number;
}

/** Fragments count where they are used; one that uses itself is refused by GraphQL's own rules and counted once here. */
function measure(document: DocumentNode, operation: OperationDefinitionNode): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const directives = operation.directives?.length ?? 0;
  const total: Measure = { depth: 0, aliases: 0, rootFields: 0, directives, selections: 0 };
  // Counted up to just over the limit: a bomb of nested fragments is not walked to its end.
  const isOver = () =>
    total.selections > limits.selections ||
    total.aliases > limits.aliases ||
    total.directives > limits.directives ||
    total.depth > limits.depth ||
    total.rootFields > limits.rootFields;
  const walk = (set: SelectionSetNode, depth: number, open: ReadonlySet<string>): void => {
    for (const selection of set.selections) {
      if (isOver()) return;
      total.selections += 1;
      total.directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        if (depth === 1) total.rootFields += 1;
        if (selection.alias) total.aliases += 1;
        // Introspection is deep by nature; GraphQL's own rules bound it.
        if (selection.name.value.startsWith('__')) continue;
        total.depth = Math.max(total.depth, depth);
        if (selection.selectionSet) walk(selection.selectionSet, depth + 1, open);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, depth, open);
      } else {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        if (fragment && !open.has(name)) walk(fragment.selectionSet, depth, new Set([...open, name]));
      }
    }
  };
  walk(operation.selectionSet, 1, new Set());
  return total;
}

export interface OperationRequest {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

/**
 * What the operation costs with its real variables.
 * @throws RequestError `COST_LIMIT_EXCEEDED`, `BAD_USER_INPUT`
 */
export function checkCost(request: OperationRequest): number {
  const given = request.variables ?? {};
  checkVariables(given, 1);
  const question = JSON.stringify([request.operationName, given]);
  const known = passed.get(request.document)?.get(question);
  if (known !== undefined) return known;
  const cost = costOf(request, given);
  remember(request.document, question, cost);
  return cost;
}

/**
 * What was asked before and passed, by document: walking it costs more than reading fifty rows, and a portal asks the same
 * all day. The server keeps documents that it knows, and with them goes what is remembered of them here.
 */
const passed = new WeakMap<DocumentNode, Map<string, number>>();
const mostPassed = 50;
const longestPassed = 2_000;

function remember(document: DocumentNode, question: string, cost: number): void {
  if (question.length > longestPassed) return;
  const known = passed.get(document) ?? new Map<string, number>();
  // Cursors make ever new questions: the oldest makes room.
  const oldest = known.size >= mostPassed ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
  passed.set(document, known.set(question, cost));
}

function costOf({ schema, document, operationName }: OperationRequest, given: Record<string, unknown>): number {
  checkCoercion(schema, document, operationName, given);
  const estimate = (estimators: typeof costEstimators) =>
    getComplexity({
      schema,
      query: document,
      ...(operationName ? { operationName } : {}),
      variables: given,
      estimators,
    });
  const cost = estimate(costEstimators);
  if (cost > limits.cost) {
    throw new RequestError(
      'COST_LIMIT_EXCEEDED',
      `This operation costs ${cost} points; at most ${limits.cost} are allowed. Ask for fewer items per page or fewer fields.`,
    );
  }
  const values = estimate(valueEstimators);
  if (values > limits.values) {
    throw new RequestError(
      'COST_LIMIT_EXCEEDED',
      `The answer may hold ${values} values; at most ${limits.values} are allowed. Ask for fewer items per page or fewer fields.`,
    );
  }
  return cost;
}

/** Before the cost, which counts with values of the right type. */
function checkCoercion(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
): void {
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new RequestError('BAD_USER_INPUT', 'Name one operation of the document.');
  const definitions = operation.variableDefinitions ?? [];
  const { errors } = getVariableValues(schema, definitions, variables, { maxErrors: limits.reportedErrors });
  const [first] = errors ?? [];
  // GraphQL's words about a variable, or those of one of our scalars: both about what the caller sent.
  if (first) throw new RequestError('BAD_USER_INPUT', first.message);
}

function checkVariables(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > limits.variablesDepth) {
    throw new RequestError('BAD_USER_INPUT', `Variables are nested deeper than ${limits.variablesDepth} levels.`);
  }
  const parts: unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (Array.isArray(value) && parts.length > limits.arrayItems) {
    throw new RequestError('BAD_USER_INPUT', `A list in the variables has more than ${limits.arrayItems} entries.`);
  }
  for (const part of parts) checkVariables(part, depth + 1);
}
