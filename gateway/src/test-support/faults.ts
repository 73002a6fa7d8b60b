import { PluginError, type PluginErrorKind } from '@bulkhead/plugin-sdk';

/** What goes wrong in a double, and when. */
export interface DoubleFault {
  /** The call's name: `ensureDatastore`. */
  call: string;
  kind: PluginErrorKind;
  when: 'before' | 'after';
  /** How often; default for ever. */
  times?: number;
  /** Only for calls whose arguments contain this text. */
  about?: string;
  /** Only for calls of which this says so. */
  matches?(args: readonly unknown[]): boolean;
}

/** One call that a double received, in order. */
export interface DoubleCall {
  plugin: 'compute' | 'storage' | 'network';
  call: string;
  args: unknown[];
}

/** The journal and the faults of one set of doubles. */
export interface DoubleControl {
  calls: DoubleCall[];
  faults: DoubleFault[];
  /** Happens while a call is on its way: the call waits for it. */
  meanwhile?: ((call: string, args: readonly unknown[]) => Promise<void>) | undefined;
}

/** Wraps each call: it is noted, and fails before or after its effect where a fault says so. */
export function controlled<Calls extends object>(
  plugin: DoubleCall['plugin'],
  calls: Calls,
  control: DoubleControl,
): Calls {
  return new Proxy(calls, {
    get(target, property, receiver) {
      const value: unknown = Reflect.get(target, property, receiver);
      if (typeof value !== 'function' || typeof property === 'symbol') return value;
      return (...args: unknown[]) => {
        const passed = args.slice(0, -1);
        control.calls.push({ plugin, call: property, args: passed });
        fail(control, property, 'before', passed);
        const { meanwhile } = control;
        const answer: unknown = meanwhile
          ? meanwhile(property, passed).then(() => Reflect.apply(value, target, args))
          : Reflect.apply(value, target, args);
        if (!(answer instanceof Promise)) return answer;
        return answer.then((result: unknown) => {
          fail(control, property, 'after', passed);
          return result;
        });
      };
    },
  });
}

function fail(control: DoubleControl, call: string, when: DoubleFault['when'], args: unknown[]): void {
  const fault = control.faults.find(
    (one) =>
      one.call === call &&
      one.when === when &&
      (one.times ?? 1) > 0 &&
      (one.about === undefined || JSON.stringify(args).includes(one.about)) &&
      (one.matches?.(args) ?? true),
  );
  if (!fault) return;
  if (fault.times !== undefined) fault.times -= 1;
  throw new PluginError(
    fault.kind,
    `${call} does not work at the moment.`,
    `a fault of the test: ${fault.kind} ${when}`,
  );
}
