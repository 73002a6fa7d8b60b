import { dirname, join } from 'node:path';
import type { gatewayConfiguration, Lab } from '@bulkhead/lab';
import { createClient, type Client } from '@bulkhead/sdk';
import { openWorkshop, type Workshop } from '../workshop.ts';
import { openArmoury, type Armoury } from './armoury.ts';
import { startDatabaseServer, type DatabaseServer } from './database-server.ts';
import { superviseWorkers, type Workers } from './workers.ts';

/** Everything that schedules are played on, one after the other: a datacentre, a database, the API and workers. */
export interface Stage {
  workshop: Workshop;
  database: DatabaseServer;
  workers: Workers;
  armoury: Armoury;
  /** Signs in as one of the lab's people; asks again for as long as a restart of the database takes. */
  as(who: string): Client;
  close(): Promise<void>;
}

/** Simulated seconds take so much of a real one. */
const scale = 0.002;
/** A worker that is silent for so long is taken over. The real ones get 30 s. */
export const frozenAfterSeconds = 3;

export async function openStage(command: readonly string[]): Promise<Stage> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const database = await startDatabaseServer();
    closers.push(() => database.stop());
    const workshop = await openWorkshop({
      worker: false,
      lab: { scale, sizes: { hosts: 3, hostMemoryBytes: 2 ** 40, customers: 9 } },
      databaseUrl: database.url,
      adjust: hurried,
    });
    closers.push(() => workshop.close());
    const armoury = await openArmoury(join(dirname(workshop.files.configuration), 'failpoints'));
    const workers = superviseWorkers({
      configuration: workshop.files.configuration,
      rules: armoury.folder,
      command,
    });
    closers.push(() => workers.stop());
    const { lab, url } = workshop;
    const as = (who: string) =>
      createClient({
        url,
        auth: { getToken: () => lab.identity.token(who) },
        clientName: 'bulkhead-chaos',
        retry: { retries: 12, baseMs: 100, capMs: 1000 },
      });
    return { workshop, database, workers, armoury, as, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Standard = ReturnType<typeof gatewayConfiguration>;

/** The lab's configuration with everything that waits cut short, in the proportion in which the lab itself is hurried. */
function hurried(standard: Standard): Record<string, unknown> {
  return {
    workflows: {
      ...standard.workflows,
      retry: { attempts: 4, firstPauseMs: 30, factor: 2 },
      pollIntervalMs: 25,
      observeEverySeconds: 20,
      heartbeat: { everySeconds: 0.5, limitSeconds: frozenAfterSeconds },
    },
    sites: standard.sites.map((site) => ({
      ...site,
      compute: {
        ...site.compute,
        config: { ...site.compute.config, limits: { requestSeconds: 3, connectSeconds: 3 } },
      },
      storage: {
        ...site.storage,
        config: { ...site.storage.config, requestTimeoutSeconds: 3, retryPauseMilliseconds: 20 },
      },
      network: {
        ...site.network,
        config: { ...site.network.config, ovsdb: { ...site.network.config.ovsdb, requestTimeoutSeconds: 3 } },
      },
      // Addresses come back at once: a stage sees more targets than its pools have addresses.
      policy: { ...site.policy, quarantineSeconds: 0 },
    })),
    // The supervisor waits for the word that a worker runs.
    log: { level: 'info' },
  };
}

export function journalTail(lab: Lab, count: number): string[] {
  return lab.journal.entries
    .slice(-count)
    .map(
      ({ sequence, at, backend, instance, call, about, principal, changed }) =>
        `${sequence} ${at.toISOString().slice(11, 23)} ${backend} ${instance} ${call} ${about} (${principal})${changed ? '' : ' unchanged'}`,
    );
}
