import { PluginError, type PluginCall, type ProbeResult } from '@bulkhead/plugin-sdk';
import type { Settings } from './config.ts';
import { requireInfrastructure, selectInfrastructure } from './infrastructure.ts';
import type { OvsdbSession } from './ovsdb/session.ts';
import { number, select } from './ovsdb/values.ts';

/** Whether the network can do work. Reads only, and answers within the two seconds that the host allows. */
export async function probe(session: OvsdbSession, settings: Settings, call: PluginCall): Promise<ProbeResult> {
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(1800)]);
  try {
    return await examine(session, settings, { ...call, signal });
  } catch (error) {
    if (!PluginError.is(error)) throw error;
    return {
      state: error.kind === 'not-found' || error.kind === 'conflict' ? 'degraded' : 'failed',
      reason: error.detail,
    };
  }
}

async function examine(session: OvsdbSession, settings: Settings, call: PluginCall): Promise<ProbeResult> {
  const server = await session.serverState(call);
  const product = `OVN northbound schema ${server.schemaVersion}`;
  if (Number(server.schemaVersion.split('.')[0]) < 7) {
    return { state: 'failed', product, reason: `schema ${server.schemaVersion} is older than 7.0.0 (OVN 22.12)` };
  }
  const [switches = [], trunks = [], groups = [], [counters] = []] = await session.read(
    [...selectInfrastructure(settings), select('NB_Global', [], ['nb_cfg', 'sb_cfg', 'hv_cfg'])],
    call,
  );
  try {
    requireInfrastructure([switches, trunks, groups], settings);
  } catch (error) {
    if (!PluginError.is(error)) throw error;
    return { state: 'degraded', product, reason: error.detail };
  }
  if (!counters) return { state: 'degraded', product, reason: 'NB_Global is empty: run "ovn-nbctl init".' };
  const nbCfg = number(counters.nb_cfg) ?? 0;
  const followed = { sbCfg: number(counters.sb_cfg) ?? 0, hvCfg: number(counters.hv_cfg) ?? 0 };
  // Behind for the length of the wait, and not only at this instant, is a northd or an edge host that does not follow.
  if (session.counter(followed) < nbCfg && !(await session.waitFor(nbCfg, call))) {
    const who = followed.sbCfg < nbCfg ? 'northd (sb_cfg)' : 'an edge host (hv_cfg)';
    return {
      state: 'degraded',
      product,
      reason: `${who} does not follow: nb_cfg ${nbCfg}, ${JSON.stringify(followed)}`,
    };
  }
  return { state: 'ready', product };
}
