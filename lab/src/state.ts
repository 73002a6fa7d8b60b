import type { House } from './esxi/house.ts';
import type { Jobs } from './nexentastor/jobs.ts';
import type { World } from './nexentastor/world.ts';
import type { Database } from './ovn/database.ts';

/**
 * The simulated parts themselves, alive, for a check that must miss nothing: what is added to them later is in here as
 * well. To be read within one turn of the event loop, and never written.
 */
export interface LabState {
  vcenter: House;
  /** By the name of the machine that each runs in; powered off ones included. */
  nestedHosts: ReadonlyMap<string, House>;
  nexentastor: { world: World; jobs: readonly Jobs[] };
  northbound: Database;
}
