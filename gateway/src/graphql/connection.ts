import { ArgsType, Field, Int, ObjectType, type ClassType } from 'type-graphql';
import { RequestError } from '../access/errors.ts';
import { Cursor } from './scalars.ts';

const defaultPageSize = 50;
const largestPage = 100;

@ObjectType({ description: 'Where a page lies in its list.' })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => Boolean)
  hasPreviousPage!: boolean;

  @Field(() => Cursor, { nullable: true })
  startCursor!: string | null;

  @Field(() => Cursor, { nullable: true })
  endCursor!: string | null;
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: defaultPageSize,
    description: `How many, 1 to ${largestPage}. More is refused, never cut.`,
  })
  first?: number | null;

  @Field(() => Cursor, { nullable: true, description: 'The cursor behind which the page begins.' })
  after?: string | null;
}

/** @throws RequestError `BAD_USER_INPUT` for a size that we do not serve. */
export function pageSize({ first }: PageArgs, largest = largestPage): number {
  const size = first ?? defaultPageSize;
  if (size < 1 || size > largest) throw new RequestError('BAD_USER_INPUT', `\`first\` must be from 1 to ${largest}.`);
  return size;
}

/** One page as resolvers give it. */
export interface Page<Item> {
  nodes: Item[];
  edges: { node: Item; cursor: string }[];
  pageInfo: PageInfo;
  /** Asked only when the caller asks. */
  count?: (() => Promise<number | null>) | undefined;
}

/** Cuts `rows` (read with one more than the size) to a page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  size: number,
  args: PageArgs,
  shape: { cursor(row: Row): string; node(row: Row): Item; count?: () => Promise<number | null> },
): Page<Item> {
  const shown = rows.slice(0, size);
  const nodes = shown.map(shape.node);
  const cursorOf = (row: Row | undefined) => (row === undefined ? null : shape.cursor(row));
  return {
    nodes,
    // Most callers ask for `nodes`; then no row needs a cursor of its own.
    get edges() {
      return shown.map((row, index) => ({ node: nodes[index] as Item, cursor: shape.cursor(row) }));
    },
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: args.after !== undefined && args.after !== null,
      startCursor: cursorOf(shown[0]),
      endCursor: cursorOf(shown.at(-1)),
    },
    count: shape.count,
  };
}

/** The edge and connection types of a node type; `name` is the node's name in the schema. */
export function connectionOf<Item extends object>(node: () => ClassType<Item> | object, name: string) {
  @ObjectType(`${name}Edge`)
  class Edge {
    // The type is a parameter of this factory; a class or an interface's class, as type-graphql takes them.
    @Field(() => node() as ClassType<Item>)
    node!: Item;

    @Field(() => Cursor)
    cursor!: string;
  }

  @ObjectType(`${name}Connection`)
  class Connection {
    @Field(() => [node() as ClassType<Item>])
    nodes!: Item[];

    @Field(() => [Edge])
    edges!: Edge[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;

    count?: (() => Promise<number | null>) | undefined;

    @Field(() => Int, { nullable: true, description: 'How many there are in all; null where counting is too dear.' })
    totalCount(): Promise<number | null> {
      return this.count?.() ?? Promise.resolve(null);
    }
  }
  return Connection;
}
