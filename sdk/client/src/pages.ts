/** One page of a connection, as every list of the API has it. */
export interface Page<Item> {
  nodes: readonly Item[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

/** A list that fetches its pages as they are read: `for await (const vm of client.listProtectedVms({}))`. */
export class Pages<Item> implements AsyncIterable<Item> {
  constructor(
    private readonly fetchPage: (after: string | null | undefined) => Promise<Page<Item> | null | undefined>,
  ) {}

  async *[Symbol.asyncIterator](): AsyncIterator<Item> {
    let after: string | null | undefined;
    for (;;) {
      const page = await this.fetchPage(after);
      if (!page) return;
      yield* page.nodes;
      if (!page.pageInfo.hasNextPage) return;
      after = page.pageInfo.endCursor;
    }
  }

  /** Reads at most `limit` items into memory; no request is made for more. */
  async toArray({ limit }: { limit: number }): Promise<Item[]> {
    const items: Item[] = [];
    if (limit <= 0) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= limit) break;
    }
    return items;
  }
}
