/** One run of one workload: how thoroughly it measures, and what has to end with it. */
export interface Run {
  /** As little as shows that it works. The figures are not worth keeping. */
  readonly isQuick: boolean;
  say(line: string): void;
  /** Runs when the workload is over, in reverse order, whatever happened. */
  defer(close: () => Promise<void>): void;
  /** A fact about this run that its readers need: a version, a size. It is written beside the figures. */
  note(name: string, value: string | number): void;
}

export interface OpenRun extends Run {
  readonly notes: Readonly<Record<string, string | number>>;
  close(): Promise<void>;
}

export function openRun(options: { isQuick: boolean; say(line: string): void }): OpenRun {
  const closers: (() => Promise<void>)[] = [];
  const notes: Record<string, string | number> = {};
  return {
    ...options,
    notes,
    defer: (close) => void closers.push(close),
    note: (name, value) => {
      notes[name] = value;
    },
    async close() {
      const faults: unknown[] = [];
      for (const closer of closers.splice(0).reverse()) await closer().catch((fault: unknown) => faults.push(fault));
      if (faults.length > 0) throw new AggregateError(faults, 'Not everything that was started could be ended.');
    },
  };
}
