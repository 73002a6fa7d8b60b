import type { PluginCall, ProbeResult } from './call.ts';

/** An address that the host has allocated to a replication target, with the MAC that may use it. */
export interface LockedAddress {
  /** The replication target: names the reservation and the lock in the backend (`bh-<targetId>`). */
  targetId: string;
  /** `00:50:56:2a:00:01` */
  mac: string;
  /** IPv4. */
  ip: string;
  /** The management network, in CIDR form. */
  cidr: string;
  /** The management VLAN of this target. */
  vlanId: number;
  /** Grows with each allocation of the address: a late writer with a lower one is refused. */
  generation: number;
}

export interface AddressLockState {
  /** Reservation and lock stand in the backend as asked for. */
  isConfigured: boolean;
  /** The backend says that they are in force on the data path. */
  isRealized: boolean;
  /** What differs from the intent, for operators; empty when nothing does. */
  drift: string[];
}

/** Where a virtual machine's NIC is to be plugged in, in words that the compute plugin understands. */
export interface NetworkAttachment {
  /** The name of the port group. */
  portGroup: string;
  vlanId: number;
}

export interface RouteRequest {
  management: { cidr: string; gateway: string };
  customer: { cidr: string; gateway: string };
  /** The provider's hosts and prefixes that the target must reach through the management network, as CIDR. */
  infrastructure: readonly string[];
}

export interface StaticRoute {
  /** Network address, e.g. `10.1.0.0`. */
  network: string;
  prefixLength: number;
  gateway: string;
}

export interface RoutePlan {
  /** The customer's gateway: everything that is not the provider's goes there. */
  defaultGateway: string;
  staticRoutes: StaticRoute[];
}

/**
 * Addresses, locks and networks. A call repeated with the same argument changes nothing and returns the same; an
 * object of another owner under one of our names is a `conflict` and is never overwritten.
 */
export interface NetworkPlugin {
  /**
   * Creates the DHCP reservation and the MAC+IP lock of one address, in one step: there is no moment at which the
   * port exists without its lock. `isRealized` may still be false in the answer; `verifyLock` tells when it is.
   * @throws PluginError `invalid` for a malformed address; `conflict` when another owner or a newer generation holds it.
   */
  ensureAddressLocked(address: LockedAddress, call: PluginCall): Promise<AddressLockState>;

  /** Compares intent, backend and data path. Read only. */
  verifyLock(address: LockedAddress, call: PluginCall): Promise<AddressLockState>;

  /** Removes reservation and lock. Absent is success. @throws PluginError `conflict` when it belongs to another target. */
  removeAddress(address: { targetId: string; generation: number }, call: PluginCall): Promise<void>;

  /** Names the attachment of a catalogued network. @throws PluginError `not-found` when the backend does not know it. */
  resolveAttachment(network: { networkId: string; vlanId: number }, call: PluginCall): Promise<NetworkAttachment>;

  /** Names the attachment of a target's management NIC. */
  resolveManagementAttachment(
    address: { targetId: string; vlanId: number },
    call: PluginCall,
  ): Promise<NetworkAttachment>;

  /** Creates a network that leads nowhere, for test failovers. Capability `isolated-networks`. */
  ensureIsolatedNetwork(
    network: { key: string; vlanId: number; expiresAt: Date },
    call: PluginCall,
  ): Promise<NetworkAttachment>;

  /** Removes it. Absent is success; `conflict` while machines are connected. Capability `isolated-networks`. */
  removeIsolatedNetwork(network: { key: string }, call: PluginCall): Promise<void>;

  /**
   * The tight static routes of a nested host. Pure: asks no backend.
   * @throws PluginError `invalid` when a provider prefix overlaps the customer's network, is the default route, or the
   * gateway lies outside its network.
   */
  planRoutes(request: RouteRequest): RoutePlan;

  probe(call: PluginCall): Promise<ProbeResult>;
}
