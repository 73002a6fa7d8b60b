import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { claimBlock } from './block.ts';
import { LabClock } from './clock.ts';
import { Faults } from './faults.ts';
import { gatewayCatalogue, gatewayConfiguration } from './gateway-configuration.ts';
import { startIdentity } from './identity/identity.ts';
import { labPassword, labPeople } from './identity/people.ts';
import { Journal } from './journal.ts';
import { startLab } from './lab.ts';
import { startNexentaStor } from './nexentastor/nexentastor.ts';
import { startOvn } from './ovn/ovn.ts';

const usage = `bulkhead-lab [options]

Serves a simulated provider datacentre on loopback addresses until Ctrl-C: a vCenter
with its nested hosts, a NexentaStor, an OVN northbound database, and a sign-in with
demo people at Keycloak's URLs.

  --only PART    one backend alone: nexentastor, ovn or identity
  --write DIR    writes bulkhead.yaml and catalogue.yaml for a gateway that works on it
  --scale N      a simulated second takes N real ones; default 0.02
  --block N      addresses 127.N.0.0/16, or the next free ones; 20 to 219
`;

function readOptions() {
  return parseArgs({
    options: {
      only: { type: 'string' },
      write: { type: 'string' },
      scale: { type: 'string', default: '0.02' },
      block: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const values = readOptions();
  if (values.help) return say(usage);
  const scale = numberOption('scale', values.scale, 0, 100);
  const block = values.block === undefined ? undefined : numberOption('block', values.block, 20, 219);
  const stop =
    values.only === undefined ? await serveAll(values.write, scale, block) : await serveOne(values.only, scale, block);
  say('Ctrl-C ends it.');
  await new Promise((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  await stop();
}

async function serveAll(
  folderToWrite: string | undefined,
  scale: number,
  block: number | undefined,
): Promise<() => Promise<void>> {
  const lab = await startLab({ scale, ...(block === undefined ? {} : { block }) });
  const { vcenter, nexentastor, ovn, identity } = lab;
  say(`vCenter      ${vcenter.url}`);
  say(`NexentaStor  ${nexentastor.url}`);
  say(`OVN          ${ovn.url}`);
  say(`sign-in      ${identity.issuer}`);
  say(`people       ${labPeople.map(({ username }) => username).join(', ')}; password ${labPassword}`);
  if (folderToWrite !== undefined) {
    const folder = resolve(folderToWrite);
    await mkdir(folder, { recursive: true });
    const configuration = {
      ...gatewayConfiguration(lab),
      // Each simulated datacentre begins with an empty database. As root the embedded server has a user and a place of its own.
      ...(process.getuid?.() === 0 ? {} : { database: { directory: join(folder, 'postgres') } }),
      // Somebody who tries the gateway by hand wants to see where it serves.
      log: { level: 'info' },
    };
    await writeFile(join(folder, 'bulkhead.yaml'), stringify(configuration), { mode: 0o600 });
    await writeFile(join(folder, 'catalogue.yaml'), stringify(gatewayCatalogue(lab)));
    say(`Written: ${join(folder, 'bulkhead.yaml')} and catalogue.yaml`);
  }
  return () => lab.stop();
}

async function serveOne(part: string, scale: number, block: number | undefined): Promise<() => Promise<void>> {
  const addresses = await claimBlock(block);
  const shared = { faults: new Faults(), journal: new Journal(), clock: new LabClock(scale) };
  const started = await startPart(part, addresses, shared);
  say(`${part}  ${started.url}`);
  return async () => {
    await started.stop();
    await addresses.release();
  };
}

async function startPart(
  part: string,
  block: Awaited<ReturnType<typeof claimBlock>>,
  shared: { faults: Faults; journal: Journal; clock: LabClock },
): Promise<{ url: string; stop(): Promise<void> }> {
  switch (part) {
    case 'nexentastor':
      return startNexentaStor({ address: block.nexentastor, dataAddress: block.nfs, ...shared });
    case 'ovn': {
      const { managementCidr, managementGateway } = block;
      return startOvn({ address: block.ovn, managementCidr, managementGateway, ...shared });
    }
    case 'identity': {
      const identity = await startIdentity({ address: block.identity, port: 8480, faults: shared.faults });
      return { url: identity.issuer, stop: () => identity.stop() };
    }
    default:
      throw new Error(`--only: ${part} is not nexentastor, ovn or identity. (The vCenter needs the other two.)`);
  }
}

function numberOption(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new Error(`--${name}: ${text} is not a number from ${least} to ${most}.`);
  }
  return value;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
