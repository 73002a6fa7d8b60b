import type { PluginLog } from './call.ts';
import type { ComputePlugin } from './compute.ts';
import type { NetworkPlugin } from './network.ts';
import type { StoragePlugin } from './storage.ts';

/** The call table that each kind of plugin returns from `setup`. */
export interface PluginCalls {
  compute: ComputePlugin;
  storage: StoragePlugin;
  network: NetworkPlugin;
}

export type PluginKind = keyof PluginCalls;

/** What the host gives a plugin instance. There is nothing else: no database, no other plugin, no user's token. */
export interface PluginContext<Config> {
  /** Already checked against `configSchema`, defaults filled in. */
  config: Config;
  /** The site that this instance serves. */
  siteId: string;
  log: PluginLog;
}

/** JSON Schema, draft 2020-12. Mark secrets with `"secret": true` so that the host never prints them. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A plugin package's default export. */
export interface PluginDefinition<Kind extends PluginKind = PluginKind, Config = unknown> {
  /** The name of the package, as in the host's configuration. */
  id: string;
  version: string;
  /** The version of this contract. The host accepts the same major. */
  contract: '1.0';
  kind: Kind;
  /** Optional calls that this plugin implements, by name. The host never makes an undeclared one. */
  capabilities: readonly string[];
  configSchema: JsonSchema;
  /** Makes an instance for one site. It must not connect yet: a backend that is down must not keep the host down. */
  setup(context: PluginContext<Config>): PluginInstance<Kind>;
}

export interface PluginInstance<Kind extends PluginKind> {
  calls: PluginCalls[Kind];
  /** Ends sessions and sockets. Called once, after the last call has ended. */
  dispose(): Promise<void>;
}

/** Declares a plugin: `export default definePlugin({ … })`. */
export function definePlugin<Kind extends PluginKind, Config>(
  definition: PluginDefinition<Kind, Config>,
): PluginDefinition<Kind, Config> {
  return definition;
}
