import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { GuardFailed } from './ovsdb/faults.ts';

/** Reads, decides and writes again when somebody else wrote in between. */
export async function untilUndisturbed<T>(failed: string, call: PluginCall, recipe: () => Promise<T>): Promise<T> {
  let last: GuardFailed | undefined;
  for (let attempt = 1; attempt <= 4 && !call.signal.aborted; attempt += 1) {
    try {
      return await recipe();
    } catch (error) {
      if (!(error instanceof GuardFailed)) throw error;
      last = error;
    }
  }
  const detail = `Others kept changing the same objects of the northbound database: ${last?.message ?? 'the call was ended'}`;
  throw new PluginError('busy', failed, detail, { cause: last });
}
