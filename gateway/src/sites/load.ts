import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { PluginCalls, PluginDefinition, PluginInstance, PluginKind, PluginLog } from '@bulkhead/plugin-sdk';
import { guardCalls } from './guarded-calls.ts';
import { checkedConfiguration } from './plugin-configuration.ts';
import type { PluginBinding, Site, SiteConfiguration, Sites } from './site.ts';

/** The major version of the plugin contract that this gateway speaks. */
const contractMajor = '1';

interface LoadOptions {
  /** The configuration file: plugins are looked for from its folder, since the gateway does not depend on them. */
  configFile: string;
  log: PluginLog;
  /** Takes the place of importing a package; tests give doubles. */
  importPlugin?: (name: string) => Promise<unknown>;
}

/**
 * Loads each site's plugins by name and makes one instance per site and kind. Nothing connects yet: a backend that is
 * down does not keep the gateway down.
 * @throws Error that says which plugin of which site cannot be used, and why.
 */
export async function loadSites(configurations: readonly SiteConfiguration[], options: LoadOptions): Promise<Sites> {
  const importPlugin = options.importPlugin ?? ((name) => importFrom(options.configFile, name));
  const instances: PluginInstance<PluginKind>[] = [];
  const running = new Set<symbol>();
  const started = () => {
    const call = Symbol('call');
    running.add(call);
    return () => void running.delete(call);
  };

  async function load<Kind extends PluginKind>(siteId: string, kind: Kind, binding: PluginBinding) {
    const where = `sites.${siteId}.${kind}`;
    const definition = await definitionOf(binding.plugin, kind, where, importPlugin);
    const config = checkedConfiguration(definition.configSchema, binding.config, `${where}.config`);
    const instance = definition.setup({ config, siteId, log: options.log });
    instances.push(instance);
    const calls: PluginCalls[Kind] = guardCalls(instance.calls, {
      name: `${definition.id} (${siteId})`,
      capabilities: definition.capabilities,
      started,
    });
    return { calls, plugin: { kind, id: definition.id, version: definition.version } };
  }

  const all: Site[] = [];
  for (const { id, name, location, policy, ...bindings } of configurations) {
    const compute = await load(id, 'compute', bindings.compute);
    const storage = await load(id, 'storage', bindings.storage);
    const network = await load(id, 'network', bindings.network);
    const calls = { compute: compute.calls, storage: storage.calls, network: network.calls };
    all.push({ id, name, location, policy, ...calls, plugins: [compute.plugin, storage.plugin, network.plugin] });
  }

  const find = (siteId: string) => all.find((site) => site.id === siteId);
  return {
    all,
    find,
    of(siteId) {
      const site = find(siteId);
      if (!site) throw new Error(`Site ${siteId} is named in the database but not in the configuration file.`);
      return site;
    },
    async dispose() {
      // Calls end by their own deadlines; whoever shuts down has aborted their signals already.
      for (let waited = 0; running.size > 0 && waited < 100; waited += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await Promise.allSettled(instances.map((instance) => instance.dispose()));
    },
  };
}

async function importFrom(configFile: string, name: string): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(createRequire(configFile).resolve(name)).href);
  return module;
}

async function definitionOf<Kind extends PluginKind>(
  name: string,
  kind: Kind,
  where: string,
  importPlugin: (name: string) => Promise<unknown>,
): Promise<PluginDefinition<Kind>> {
  let module: unknown;
  try {
    module = await importPlugin(name);
  } catch (cause) {
    // Node adds the files that asked for a module, one a line.
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new Error(
      `${where}: the plugin "${name}" could not be loaded: ${why}. Install it where the configuration file is, or above.`,
      { cause },
    );
  }
  const definition = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (!isDefinition(definition)) {
    throw new Error(`${where}: the package "${name}" is not a plugin: its default export is not a plugin definition.`);
  }
  if (definition.kind !== kind) {
    throw new Error(`${where}: the plugin "${name}" is of kind ${definition.kind}; a ${kind} plugin belongs here.`);
  }
  // A package from outside states its contract as any text; the type knows only the one of this gateway.
  const contract: string = definition.contract;
  if (contract.split('.')[0] !== contractMajor) {
    throw new Error(
      `${where}: the plugin "${name}" speaks contract ${contract}; this gateway speaks ${contractMajor}.x. Install a version of it that fits.`,
    );
  }
  // Its kind was compared with the wanted one right above.
  return definition as unknown as PluginDefinition<Kind>;
}

function isDefinition(value: unknown): value is PluginDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const has = (key: string, type: string) => typeof Reflect.get(value, key) === type;
  return (
    has('id', 'string') &&
    has('version', 'string') &&
    has('contract', 'string') &&
    has('kind', 'string') &&
    has('configSchema', 'object') &&
    has('setup', 'function') &&
    Array.isArray(Reflect.get(value, 'capabilities'))
  );
}
