/** What the network gives a NIC: asked by a simulated host when it boots and whenever it sends. */
export interface Fabric {
  /** The lease that a DHCP client with this MAC gets on this VLAN, or nothing. */
  lease(mac: string, vlanId: number): DhcpLease | undefined;
  /** Whether frames with this source pass the lock. A VLAN without any lock passes nothing on the management side. */
  isAllowed(mac: string, ip: string, vlanId: number): boolean;
}

export interface DhcpLease {
  ip: string;
  prefixLength: number;
  /** Absent on the management network: the default route belongs to the customer's side. */
  router?: string;
}
