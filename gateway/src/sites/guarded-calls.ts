import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { inSpan } from '../tracing.ts';

/** Thrown in place of what a plugin threw against its contract: a bug of the plugin, for the operator. */
export class PluginBug extends Error {
  override readonly name = 'PluginBug';
}

/** What is asked in the very moment before a plugin is called; it throws when nothing may be brought about any more. */
export const beforeCall = Symbol('before a call');
export interface BeforeCall {
  [beforeCall]?: () => void;
}

/**
 * Stops a worker that was frozen up to here, or has lost the lock that it acts under, from going on with what it meant to
 * do.
 */
export function assertMayAct(call: PluginCall & BeforeCall, what: string): void {
  call[beforeCall]?.();
  if (!call.signal.aborted) return;
  const { reason } = call.signal;
  const why = reason instanceof Error ? reason.message : String(reason);
  throw new PluginError('timeout', 'There was no time left for this.', `${what} was not begun: ${why}`);
}

/** Calls that a plugin need not implement, with the capability that declares each. */
const optionalCalls: Readonly<Record<string, string>> = {
  ensureIsolatedNetwork: 'isolated-networks',
  removeIsolatedNetwork: 'isolated-networks',
  ensureClone: 'clones',
  setCloneAccess: 'clones',
  removeClone: 'clones',
};

/** How long a plugin may go on after its deadline before the host stops waiting for it. */
const graceMs = 1_000;

interface Guard {
  /** Plugin and site, for messages. */
  name: string;
  capabilities: readonly string[];
  /** Told of each call that starts; the answer is told of its end. */
  started(): () => void;
}

/**
 * A plugin's calls as the gateway makes them: an undeclared one is refused, the deadline holds even if the plugin does
 * not keep it, and only `PluginError`s come out as they are.
 */
export function guardCalls<Calls extends object>(calls: Calls, guard: Guard): Calls {
  return new Proxy(calls, {
    get(target, property, receiver) {
      const value: unknown = Reflect.get(target, property, receiver);
      if (typeof property === 'symbol') return value;
      const capability = optionalCalls[property];
      if (capability !== undefined && !guard.capabilities.includes(capability)) {
        return () =>
          Promise.reject(
            new PluginError('unimplemented', 'This site does not offer this.', `${guard.name} lacks ${capability}`),
          );
      }
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => guarded(guard, property, () => Reflect.apply(value, target, args), args.at(-1));
    },
  });
}

function guarded(guard: Guard, name: string, invoke: () => unknown, last: unknown): unknown {
  if (isPluginCall(last)) {
    try {
      assertMayAct(last, `${guard.name} ${name}`);
    } catch (error) {
      return Promise.reject(error);
    }
  }
  const ended = guard.started();
  let answer: unknown;
  try {
    answer = invoke();
  } catch (error) {
    ended();
    throw explained(guard, name, error);
  }
  // Pure calls (`planRoutes`) answer at once and take no call.
  if (!(answer instanceof Promise)) {
    ended();
    return answer;
  }
  const attributes = isPluginCall(last) ? { 'bulkhead.call': last.callId, 'bulkhead.attempt': last.attempt } : {};
  const settled = inSpan(`${guard.name} ${name}`, attributes, () =>
    answer.catch((error: unknown) => {
      throw explained(guard, name, error);
    }),
  ).finally(ended);
  return isPluginCall(last) ? inTime(settled, last, `${guard.name} ${name}`) : settled;
}

function explained(guard: Guard, name: string, error: unknown): unknown {
  if (PluginError.is(error)) return error;
  return new PluginBug(`${guard.name} threw something other than a PluginError from ${name}.`, { cause: error });
}

async function inTime<T>(answer: Promise<T>, call: PluginCall, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new PluginError('timeout', 'The provider’s equipment did not answer in time.', `${what} passed its deadline`),
        ),
      Math.max(0, call.deadline.getTime() - Date.now()) + graceMs,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isPluginCall(value: unknown): value is PluginCall & BeforeCall {
  return typeof value === 'object' && value !== null && 'callId' in value && 'deadline' in value;
}
