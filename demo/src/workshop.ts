import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyCatalogue, checkConfiguration, startGateway, type Configuration, type Gateway } from '@bulkhead/gateway';
import { gatewayCatalogue, gatewayConfiguration, startLab, type Lab, type LabOptions } from '@bulkhead/lab';
import { createClient, type Client } from '@bulkhead/sdk';
import { stringify } from 'yaml';

/** A lab, and a gateway that works on it, both in this process. */
export interface Workshop {
  lab: Lab;
  gateway: Gateway;
  configuration: Configuration;
  /** The configuration and the catalogue as files, for the command `bulkhead`. */
  files: { configuration: string; catalogue: string };
  url: string;
  /** A client that signs in as one of the lab's people or machines. */
  as(who: string): Client;
  close(): Promise<void>;
}

export interface WorkshopOptions {
  lab?: LabOptions;
  /** Default 0: a free one. */
  port?: number;
  /** Whether workflows run in this process. Default true; without, somebody else has to run `bulkhead work`. */
  worker?: boolean;
  /** How often and how soon a step is tried again when a backend does not answer. Default: as the lab's configuration has it. */
  retry?: Configuration['workflows']['retry'];
  /** A server that runs already; default: an embedded one of the workshop's own. */
  databaseUrl?: string;
  /** Changes the configuration before anybody reads it. */
  adjust?: (standard: ReturnType<typeof gatewayConfiguration>) => Record<string, unknown>;
  say?: (line: string) => void;
}

/** Below this package, since plugins are looked for from the configuration file's folder and it depends on all three. */
const folders = fileURLToPath(new URL('../.bulkhead', import.meta.url));

/** Opens the workshop in a folder of its own, which goes with it: every time is the first time. */
export async function openWorkshop(options: WorkshopOptions = {}): Promise<Workshop> {
  const say = options.say ?? (() => undefined);
  await mkdir(folders, { recursive: true });
  const folder = await mkdtemp(join(folders, 'run-'));
  const closers: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const lab = await startLab(options.lab);
    closers.push(() => lab.stop());
    say(`The datacentre is up at 127.${lab.block.octet}.0.0/16.`);
    const database = options.databaseUrl === undefined ? await ownDatabase(closers) : { url: options.databaseUrl };
    const standard = gatewayConfiguration(lab, { host: '127.0.0.1', port: options.port ?? 0 });
    const workflows = { ...standard.workflows, ...(options.retry === undefined ? {} : { retry: options.retry }) };
    const plain = {
      ...standard,
      workflows,
      ...options.adjust?.({ ...standard, workflows }),
      database,
      secrets: { keyFile: join(folder, 'bulkhead.key') },
    };
    const files = { configuration: join(folder, 'bulkhead.yaml'), catalogue: join(folder, 'catalogue.yaml') };
    await writeFile(files.configuration, stringify(plain), { mode: 0o600 });
    await writeFile(files.catalogue, stringify(gatewayCatalogue(lab)));
    const configuration = checkConfiguration(plain, files.configuration);
    const gateway = await startGateway({ configuration, api: true, worker: options.worker ?? true });
    closers.push(() => gateway.close());
    const { url } = gateway;
    if (url === undefined) throw new Error('The gateway serves no API.');
    say(`The gateway serves ${url}.`);
    await applyCatalogue(gateway.database, configuration, files.catalogue, { dryRun: false, log: () => undefined });
    say('The provider’s catalogue is applied.');
    const as = (who: string) =>
      createClient({ url, auth: { getToken: () => lab.identity.token(who) }, clientName: 'bulkhead-demo' });
    return { lab, gateway, configuration, files, url, as, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The embedded server runs as another user when we are root: it gets a folder that this user can reach. */
async function ownDatabase(closers: (() => Promise<void>)[]): Promise<{ directory: string }> {
  const directory = join(tmpdir(), `bulkhead-demo-postgres-${randomBytes(4).toString('hex')}`);
  await mkdir(directory, { mode: 0o755 });
  closers.push(() => rm(directory, { recursive: true, force: true }));
  return { directory };
}
