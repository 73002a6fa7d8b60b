import { claimBlock, type AddressBlock } from './block.ts';
import { LabClock } from './clock.ts';
import type { Fabric } from './fabric.ts';
import { Faults } from './faults.ts';
import { startIdentity, type LabIdentity } from './identity/identity.ts';
import { Journal } from './journal.ts';
import { startNexentaStor, type NexentaStor } from './nexentastor/nexentastor.ts';
import { startOvn, type LabOvn } from './ovn/ovn.ts';
import type { LabState } from './state.ts';
import { DEFAULT_SIZES, type VcenterSizes } from './vcenter/options.ts';
import { startVcenter, type Vcenter } from './vcenter/vcenter.ts';

export interface LabOptions {
  /** Simulated seconds take so much of a real one. Default 0.02: a task of 10 s takes 0.2 s. */
  scale?: number;
  /** The second octet of the lab's addresses; the next free one is taken when it is in use. */
  block?: number;
  /**
   * Ports of the simulated hosts; each has an address of its own. The defaults are high, so that an ordinary user can
   * bind them; the real ones are 443, 443 and 8443.
   */
  ports?: { vcenter?: number; esxi?: number; nexentastor?: number; ovn?: number; identity?: number };
  sizes?: Partial<VcenterSizes>;
}

/** A simulated provider datacentre and its sign-in, in this process, on loopback addresses. */
export interface Lab {
  block: AddressBlock;
  clock: LabClock;
  faults: Faults;
  journal: Journal;
  vcenter: Vcenter;
  nexentastor: NexentaStor;
  ovn: LabOvn;
  identity: LabIdentity;
  /** Where nested hosts answer. */
  esxiPort: number;
  /** All of it as it is at this moment. */
  state(): LabState;
  stop(): Promise<void>;
}

/** Starts all of it. The same options give the same datacentre. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const block = await claimBlock(options.block);
  const clock = new LabClock(options.scale ?? 0.02);
  const faults = new Faults();
  const journal = new Journal();
  const ports = { vcenter: 8443, esxi: 8443, nexentastor: 8443, ovn: 6641, identity: 8480, ...options.ports };
  const customers = options.sizes?.customers ?? DEFAULT_SIZES.customers;
  const stops: (() => Promise<void>)[] = [() => block.release()];
  const stop = async () => {
    for (const part of stops.splice(0).reverse()) await part();
  };
  try {
    const nexentastor = await startNexentaStor({
      address: block.nexentastor,
      port: ports.nexentastor,
      dataAddress: block.nfs,
      faults,
      journal,
      clock,
    });
    stops.push(() => nexentastor.stop());
    const ovn = await startOvn({
      address: block.ovn,
      port: ports.ovn,
      managementCidr: block.managementCidr,
      managementGateway: block.managementGateway,
      infrastructure: [`${block.vcenter}/32`, `${block.nfs}/32`],
      faults,
      journal,
      clock,
    });
    stops.push(() => ovn.stop());
    const vcenter = await startVcenter({
      block,
      vcenterPort: ports.vcenter,
      esxiPort: ports.esxi,
      nfs: nexentastor.nfs,
      fabric: wholeFabric(ovn.fabric, block, customers),
      faults,
      journal,
      clock,
      ...(options.sizes === undefined ? {} : { sizes: options.sizes }),
    });
    stops.push(() => vcenter.stop());
    const identity = await startIdentity({ address: block.identity, port: ports.identity, faults });
    stops.push(() => identity.stop());
    const state = (): LabState => ({
      ...vcenter.state(),
      nexentastor: nexentastor.state(),
      northbound: ovn.state(),
    });
    return { block, clock, faults, journal, vcenter, nexentastor, ovn, identity, esxiPort: ports.esxi, state, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The edge guards the management VLANs. A customer's own VLAN is the customer's: nothing of the provider's is locked there. */
function wholeFabric(edge: Fabric, block: AddressBlock, customers: number): Fabric {
  const own = new Set(Array.from({ length: customers }, (_, index) => block.customer(index + 1).vlanId));
  return {
    lease: (mac, vlanId) => (own.has(vlanId) ? undefined : edge.lease(mac, vlanId)),
    isAllowed: (mac, ip, vlanId) => own.has(vlanId) || edge.isAllowed(mac, ip, vlanId),
  };
}
