import type { PluginLog } from '@bulkhead/plugin-sdk';

const nothing = () => undefined;

export const silentLog: PluginLog = { debug: nothing, info: nothing, warn: nothing, error: nothing };
