import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '@bulkhead/lab';
import { makeWalker, type Plain, type PlainObject, type Walker } from './plain.ts';
import { applianceShape, houseShape, labelOf, northboundShape, type Among, type House } from './shapes.ts';

/** The whole state of the datacentre as plain data. The same datacentre gives the same world, whatever way it went. */
export interface World extends PlainObject {
  vcenter: PlainObject;
  /** By the machine that each runs in. */
  nestedHosts: { [vmName: string]: PlainObject };
  nexentastor: PlainObject;
  northbound: PlainObject;
}

/** Copies everything that stands in the lab at this moment. */
export async function captureWorld({ lab }: { lab: Lab }): Promise<World> {
  return worldOf(lab, makeWorldWalker());
}

export function makeWorldWalker(): Walker<Among> {
  return makeWalker<Among>((value, among) => (isRef(value) ? labelOf(value, among) : undefined));
}

export function worldOf(lab: Pick<Lab, 'state'>, { walk }: Walker<Among>): World {
  const state = lab.state();
  const house = (each: House) => objectOf(walk(each, houseShape, { house: each, labels: new Map() }));
  const alone: Among = { labels: new Map() };
  const { vcenter, nestedHosts, nexentastor, northbound, ...others } = state;
  return {
    // A part that the lab gets later is taken as it is.
    ...objectOf(walk(others, {}, alone)),
    vcenter: house(vcenter),
    nestedHosts: Object.fromEntries([...nestedHosts].map(([name, each]) => [name, house(each)])),
    // Files on its shares name port groups of production.
    nexentastor: objectOf(walk(nexentastor, applianceShape, { house: vcenter, labels: new Map() })),
    northbound: objectOf(walk(northbound, northboundShape, alone)),
  };
}

/**
 * The world once nothing moves any more: tasks and jobs have ended, started guests have come up. At the limit it is
 * captured as it is then, and what still moves is in it.
 */
export async function captureSettledWorld(workshop: { lab: Lab }, limitMs = 20_000): Promise<World> {
  const started = Date.now();
  // Nothing in the lab waits longer than this many simulated seconds without showing it as a task or a job.
  const quietMs = Math.max(50, 10_000 * workshop.lab.clock.scale);
  let last = await captureWorld(workshop);
  for (;;) {
    await sleep(quietMs);
    const now = await captureWorld(workshop);
    if (!isBusy(workshop.lab) && JSON.stringify(now) === JSON.stringify(last)) return now;
    if (Date.now() - started > limitMs) return now;
    last = now;
  }
}

function isBusy(lab: Lab): boolean {
  const { vcenter, nestedHosts } = lab.state();
  return [vcenter, ...nestedHosts.values()].some(({ endpoint }) =>
    endpoint.tasks.all().some((ref) => ['queued', 'running'].includes(String(endpoint.tasks.infoOf(ref)?.['state']))),
  );
}

function isRef(value: object): value is House['datacenter'] {
  return 'moType' in value && 'id' in value && Object.keys(value).length === 2;
}

function objectOf(plain: Plain | undefined): PlainObject {
  if (plain === null || plain === undefined || typeof plain !== 'object' || Array.isArray(plain)) {
    throw new Error('A part of the lab is no object.');
  }
  return plain;
}
