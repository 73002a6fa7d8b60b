import type { PluginCall, PluginLog } from '@bulkhead/plugin-sdk';

/** What the plugin wrote to the log, so that a test can look for secrets in it. */
export const logged: string[] = [];

const write = (fields: Record<string, unknown>, message: string) => {
  logged.push(`${message} ${JSON.stringify(fields)}`);
};

export const testLog: PluginLog = { debug: write, info: write, warn: write, error: write };

/** A call as the host makes one. */
export function testCall(options: { attempt?: number; seconds?: number; signal?: AbortSignal } = {}): PluginCall {
  const milliseconds = (options.seconds ?? 30) * 1000;
  const timeout = AbortSignal.timeout(milliseconds);
  return {
    callId: `call-${Math.random().toString(36).slice(2)}`,
    tenantId: 'acme',
    attempt: options.attempt ?? 1,
    deadline: new Date(Date.now() + milliseconds),
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    log: testLog,
    progress: () => undefined,
  };
}
