/** Loads many by id at once; ids without an answer are left out. */
export type LoadMany<Context extends object, Value> = (
  context: Context,
  ids: readonly string[],
) => Promise<ReadonlyMap<string, Value>>;

interface Batch {
  answers: Map<string, Promise<unknown>>;
  waiting: { ids: string[]; run: Promise<ReadonlyMap<string, unknown>> } | undefined;
}

// One request's answers, by loader. A context lives for one request and is collected with its cache.
const batches = new WeakMap<object, Map<unknown, Batch>>();

/**
 * One of many: all that a request asks of the same loader before it next waits becomes one query, and the same id is
 * asked once.
 */
export function loadOne<Context extends object, Value>(
  context: Context,
  loadMany: LoadMany<Context, Value>,
  id: string,
): Promise<Value | undefined> {
  const ofContext = batches.get(context) ?? new Map<unknown, Batch>();
  batches.set(context, ofContext);
  const batch = ofContext.get(loadMany) ?? { answers: new Map(), waiting: undefined };
  ofContext.set(loadMany, batch);
  // Only this loader wrote here, so what it finds is of its own type.
  const known = batch.answers.get(id) as Promise<Value | undefined> | undefined;
  if (known) return known;
  const waiting = batch.waiting ?? startBatch(batch, context, loadMany);
  waiting.ids.push(id);
  const answer = waiting.run.then((found) => found.get(id) as Value | undefined);
  batch.answers.set(id, answer);
  return answer;
}

function startBatch<Context extends object, Value>(batch: Batch, context: Context, loadMany: LoadMany<Context, Value>) {
  const ids: string[] = [];
  const run = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    batch.waiting = undefined;
    return loadMany(context, ids);
  });
  const waiting = { ids, run };
  batch.waiting = waiting;
  return waiting;
}
