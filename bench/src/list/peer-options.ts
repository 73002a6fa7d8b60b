import type { AccessSettingsInput } from '@bulkhead/gateway/internal/access/settings';

/** What a peer is started with, as JSON in `BENCH_PEER`. */
export interface PeerOptions {
  /** The tenant's login, on which row-level security is forced. */
  databaseUrl: string;
  access: AccessSettingsInput;
  /** Our organization for each of the identity provider's. */
  organizations: Readonly<Record<string, string>>;
  /** The gateway's printed schema. */
  schema: string;
}

export function peerOptions(): PeerOptions {
  const text = process.env['BENCH_PEER'];
  if (text === undefined) throw new Error('Start it by the workload: BENCH_PEER is not set.');
  return JSON.parse(text) as PeerOptions;
}
