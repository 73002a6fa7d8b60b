import type { PluginCall, PluginKind, PluginLog, ProbeResult } from '@bulkhead/plugin-sdk';
import type { Site } from './site.ts';

export interface BackendProbe extends ProbeResult {
  siteId: string;
  kind: PluginKind;
  plugin: string;
}

const probeMs = 2_000;

/** Asks every backend of a site whether it can work. Never throws: a backend that cannot be asked has failed. */
export async function probeSite(site: Site, log: PluginLog): Promise<BackendProbe[]> {
  return Promise.all(
    site.plugins.map(async ({ kind, id }) => ({
      siteId: site.id,
      kind,
      plugin: id,
      ...(await probe(site, kind, log)),
    })),
  );
}

async function probe(site: Site, kind: PluginKind, log: PluginLog): Promise<ProbeResult> {
  const call: PluginCall = {
    callId: `probe/${site.id}/${kind}`,
    attempt: 1,
    deadline: new Date(Date.now() + probeMs),
    signal: AbortSignal.timeout(probeMs),
    log,
    progress: () => undefined,
  };
  try {
    return await site[kind].probe(call);
  } catch (error) {
    return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
