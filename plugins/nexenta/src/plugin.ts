import {
  PluginError,
  type PluginCall,
  type PluginContext,
  type PluginInstance,
  type StoragePlugin,
} from '@bulkhead/plugin-sdk';
import { observeAccess, setAccess } from './access.ts';
import { ensureClone, removeClone } from './clones.ts';
import { settingsOf, type NexentaConfig } from './config.ts';
import { ensureSnapshot, removeSnapshot, rollBack } from './datastore-snapshots.ts';
import { capacity, ensureDatastore, observeUsage, removeDatastore, resizeDatastore } from './datastores.ts';
import { asPluginError, Interruption } from './faults.ts';
import { layoutBelow } from './layout.ts';
import { Nef } from './nef.ts';
import { probe } from './probe.ts';
import { Serial } from './serial.ts';

/** Makes the storage calls of one site. Connects with the first call. */
export function setup({ config }: PluginContext<NexentaConfig>): PluginInstance<'storage'> {
  const layout = layoutBelow(config.rootDataset);
  const nef = new Nef(settingsOf(config), layout);
  // Recipes read, decide and write: two of one datastore at a time would decide on what the other is changing.
  const serial = new Serial();
  const write = <T>(key: string, failed: string, call: PluginCall, recipe: () => Promise<T>): Promise<T> =>
    serial.run(key, () => inTermsOfHost(failed, () => twice(recipe, call)));
  const dataset = (key: string) => ({ dataset: layout.datastore(key), isClone: false });
  const cloned = (key: string, name: string) => ({ dataset: layout.clone(key, name), isClone: true });

  const calls: StoragePlugin = {
    ensureDatastore: (spec, call) =>
      write(spec.key, 'The datastore could not be created.', call, () => ensureDatastore(nef, spec, call)),
    resizeDatastore: (spec, call) =>
      write(spec.key, 'The datastore could not be resized.', call, () => resizeDatastore(nef, spec, call)),
    setAccess: ({ key, hosts }, call) =>
      write(key, 'Access to the datastore could not be changed.', call, () =>
        setAccess(nef, dataset(key), hosts, call),
      ),
    observeAccess: ({ key }, call) =>
      inTermsOfHost('Access to the datastore could not be read.', () =>
        observeAccess(nef, layout.datastore(key), call),
      ),
    observeUsage: ({ key }, call) =>
      inTermsOfHost('The use of the datastore could not be read.', () => observeUsage(nef, key, call)),
    ensureSnapshot: (named, call) =>
      write(named.key, 'The snapshot could not be taken.', call, () => ensureSnapshot(nef, named, call)),
    removeSnapshot: (named, call) =>
      write(named.key, 'The snapshot could not be removed.', call, () => removeSnapshot(nef, named, call)),
    rollBack: (named, call) =>
      write(named.key, 'The datastore could not be put back.', call, () => rollBack(nef, named, call)),
    ensureClone: (clone, call) =>
      write(clone.key, 'The clone could not be made.', call, () => ensureClone(nef, clone, call)),
    setCloneAccess: ({ key, cloneName, hosts }, call) =>
      write(key, 'Access to the clone could not be changed.', call, () =>
        setAccess(nef, cloned(key, cloneName), hosts, call),
      ),
    removeClone: (clone, call) =>
      write(clone.key, 'The clone could not be removed.', call, () => removeClone(nef, clone, call)),
    removeDatastore: ({ key }, call) =>
      write(key, 'The datastore could not be removed.', call, () => removeDatastore(nef, key, call)),
    capacity: (call) => inTermsOfHost('The capacity could not be read.', () => capacity(nef, call)),
    probe: (call) => probe(nef, call),
  };
  return { calls, dispose: () => nef.close() };
}

/**
 * A recipe looks before it acts, so after a cut the second run finds what the first one did and goes on from there. The
 * host would do the same; once here spares it the pause.
 */
async function twice<T>(recipe: () => Promise<T>, call: PluginCall): Promise<T> {
  try {
    return await recipe();
  } catch (error) {
    if (!(error instanceof Interruption) || error.kind !== 'unknown-outcome' || call.signal.aborted) throw error;
    call.log.warn({ error: error.message }, 'the outcome is unknown; looking again');
    return recipe();
  }
}

async function inTermsOfHost<T>(failed: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw PluginError.is(error) ? error : asPluginError(error, failed);
  }
}
