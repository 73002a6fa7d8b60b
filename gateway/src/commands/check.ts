import { PluginError, type PluginCall, type PluginLog } from '@bulkhead/plugin-sdk';
import postgres from '#postgres';
import { databaseUrlOf, derivedKey, masterKey, readConfiguration, type Configuration } from '../configuration.ts';
import { openDatabase } from '../database/database.ts';
import { databaseFindings } from '../database/migrate.ts';
import { gatewayLog } from '../gateway.ts';
import { loadSites } from '../sites/load.ts';
import { probeSite } from '../sites/probe.ts';
import type { Site } from '../sites/site.ts';

interface Line {
  what: string;
  isGood: boolean;
  detail: string;
}

/** Looks at everything that the gateway needs, and changes nothing. Exit code 1 when something is not ready. */
export async function check(configFile: string): Promise<number> {
  const configuration = await readConfiguration(configFile);
  const lines: Line[] = [{ what: 'configuration', isGood: true, detail: configuration.file }];
  lines.push(await database(configuration), ...(await identity(configuration)), ...(await backends(configuration)));
  for (const { what, isGood, detail } of lines) {
    process.stdout.write(`${isGood ? 'ok  ' : 'FAIL'}  ${what.padEnd(32)} ${detail}\n`);
  }
  return lines.every(({ isGood }) => isGood) ? 0 : 1;
}

async function database(configuration: Configuration): Promise<Line> {
  const what = 'database';
  const url = databaseUrlOf(configuration);
  // Starting the embedded server would be a change; it is made at the first start.
  if (url === undefined) return { what, isGood: true, detail: 'embedded; made and started by `bulkhead start`' };
  try {
    const admin = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
    const [row] = await admin<{ version: string }[]>`select current_setting('server_version') as version`.finally(() =>
      admin.end(),
    );
    const own = openDatabase({ url, secret: derivedKey(await masterKey(configuration), 'database logins') });
    const findings = await databaseFindings(own.urlOf('tenant')).catch(() => [
      'Not migrated yet: run `bulkhead migrate`.',
    ]);
    await own.close();
    return { what, isGood: findings.length === 0, detail: [`PostgreSQL ${row?.version}`, ...findings].join('. ') };
  } catch (error) {
    return { what, isGood: false, detail: words(error) };
  }
}

async function identity({ access }: Configuration): Promise<Line[]> {
  return Promise.all(
    access.issuers.map(async ({ url, pinnedKeys }) => {
      const what = `sign-in ${new URL(url).host}`;
      if (pinnedKeys)
        return { what, isGood: true, detail: `${pinnedKeys.keys.length} keys pinned in the configuration` };
      try {
        const { issuer } = (await ask(`${url}/.well-known/openid-configuration`)) as { issuer?: unknown };
        // Its tokens name what it believes to be; under another name each of them would be refused.
        if (issuer !== url) return { what, isGood: false, detail: `${url} calls itself ${String(issuer)}` };
        const { keys } = (await ask(`${url}/protocol/openid-connect/certs`)) as { keys?: unknown[] };
        const count = keys?.length ?? 0;
        return { what, isGood: count > 0, detail: `${count} keys at ${url}` };
      } catch (error) {
        return { what, isGood: false, detail: words(error) };
      }
    }),
  );
}

async function ask(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`);
  return response.json();
}

async function backends(configuration: Configuration): Promise<Line[]> {
  const log = gatewayLog({ ...configuration, log: { level: 'silent' } });
  const sites = await loadSites(configuration.sites, { configFile: configuration.file, log });
  try {
    const lines = await Promise.all(
      sites.all.map(async (site) => {
        const probes = await probeSite(site, log);
        const backends = probes.map(({ siteId, kind, plugin, state, reason, product }) => ({
          what: `${siteId} ${kind}`,
          isGood: state === 'ready',
          detail: [plugin, product, state === 'ready' ? undefined : `${state}: ${reason ?? 'no reason given'}`]
            .filter(Boolean)
            .join(', '),
        }));
        return [...backends, await policy(site, log)];
      }),
    );
    return lines.flat();
  } finally {
    await sites.dispose();
  }
}

/** Whether the places that the policy names are there: clusters, and datastores of every class. */
async function policy(site: Site, log: PluginLog): Promise<Line> {
  const what = `${site.id} policy`;
  const { failover, targetHosts } = site.policy;
  const clusters = [...new Set([...failover.clusters, targetHosts.cluster])];
  const datastores = [...new Set([...Object.values(failover.storageClasses).flat(), targetHosts.datastore])];
  const call: PluginCall = {
    callId: `check/${site.id}`,
    attempt: 1,
    deadline: new Date(Date.now() + 10_000),
    signal: AbortSignal.timeout(10_000),
    log,
    progress: () => undefined,
  };
  try {
    const seen = await site.compute.capacity({ clusters, datastores }, call);
    const usable = seen.hosts.filter(({ isUsable }) => isUsable).length;
    const missing = datastores.filter((name) => !seen.datastores.some((one) => one.name === name));
    if (missing.length > 0) return { what, isGood: false, detail: `no such datastore: ${missing.join(', ')}` };
    const detail = `${usable} of ${seen.hosts.length} hosts usable, ${seen.datastores.length} datastores`;
    return { what, isGood: usable > 0, detail };
  } catch (error) {
    return { what, isGood: false, detail: PluginError.is(error) ? error.detail : words(error) };
  }
}

function words(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error instanceof Error ? error.message : String(error)}${cause}`;
}
