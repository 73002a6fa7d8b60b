import type { Run } from './run.ts';

/** One round's measurements, by the workload's metrics. */
export type Figures = Readonly<Record<string, number>>;

export interface Metric {
  /** `CPU per request` */
  title: string;
  /** `µs` */
  unit: string;
  /** Decimals in the table. Default 0. */
  digits?: number;
  /** Default: less. */
  better?: 'less' | 'more';
}

/** The product or a peer, up and warm. */
export interface OpenContender {
  /** One round of one case. What it cannot measure it throws. */
  measure(caseName: string): Promise<Figures>;
  close?(): Promise<void>;
}

export interface Contender<World> {
  title: string;
  /** The metrics that it can have, where that is not all of them. */
  metrics?: readonly string[];
  open(world: World, run: Run): Promise<OpenContender>;
}

/**
 * What the product is meant to reach: a figure, or so many times a peer's (`of`). It is judged in each case that it does
 * not leave out, and it is a goal, not a gate: missing it fails nothing.
 */
export interface Goal {
  metric: string;
  /** Default: every case. */
  case?: string;
  compare: 'at-most' | 'at-least';
  value: number;
  of?: string;
  /** One to reach for after the first. */
  isStretch?: boolean;
}

export interface Workload<World = unknown> {
  /** The name on the command line, and of the file of results. */
  name: string;
  title: string;
  /** One or two sentences: what is measured, and how it is made sure that all do the same work. */
  about: string;
  metrics: Readonly<Record<string, Metric>>;
  /** Sizes or kinds that are measured one by one, in every round. Default: one, without a name. */
  cases?: readonly string[];
  /** Default 7. */
  rounds?: number;
  /** What all contenders stand on: a database with its rows, an identity provider. */
  prepare(run: Run): Promise<World>;
  product: Contender<World>;
  peers: Readonly<Record<string, Contender<World>>>;
  goals: readonly Goal[];
}

/** A workload whose world is known to itself only; made by `defineWorkload`. */
export interface AnyWorkload extends Omit<Workload, 'prepare' | 'product' | 'peers'> {
  open(run: Run): Promise<ReadonlyMap<string, OpenContender>>;
  contenders: ReadonlyMap<string, Omit<Contender<never>, 'open'>>;
}

/** The product's name among the contenders. */
export const product = 'bulkhead';

/**
 * Checks what a workload says of itself, and ties its world to its contenders. The runner opens the world and all
 * contenders, then measures in rounds: each case with each contender in turn.
 */
export function defineWorkload<World>(workload: Workload<World>): AnyWorkload {
  const { prepare, product: own, peers, ...rest } = workload;
  const contenders = new Map<string, Contender<World>>([[product, own], ...Object.entries(peers)]);
  const known = (kind: string, name: string | undefined, names: Iterable<string>) => {
    const list = [...names];
    if (name !== undefined && !list.includes(name))
      throw new Error(`${workload.name}: there is no ${kind} ${name} (${list.join(', ')}).`);
  };
  const metrics = Object.keys(workload.metrics);
  for (const { metrics: some = [] } of contenders.values()) for (const name of some) known('metric', name, metrics);
  for (const goal of workload.goals) {
    known('metric', goal.metric, metrics);
    known('case', goal.case, workload.cases ?? ['']);
    known('contender', goal.of, contenders.keys());
  }
  return {
    ...rest,
    contenders,
    async open(run) {
      const world = await prepare(run);
      const open = new Map<string, OpenContender>();
      for (const [name, contender] of contenders) {
        const opened = await contender.open(world, run);
        run.defer(async () => opened.close?.());
        open.set(name, opened);
      }
      return open;
    },
  };
}
