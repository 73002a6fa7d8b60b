import { createServer, type Server } from 'node:net';

/**
 * The addresses of one lab: a /16 of the loopback network, `127.<octet>.0.0`, so that several labs run side by side and
 * every simulated host has an address of its own on the ports that the real ones use, or on high ones for an ordinary
 * user.
 */
export interface AddressBlock {
  readonly octet: number;
  readonly vcenter: string;
  /** REST address of the appliance. */
  readonly nexentastor: string;
  /** The appliance's data address: what hosts mount from. */
  readonly nfs: string;
  readonly ovn: string;
  readonly identity: string;
  /** Where production host n (from 1) mounts NFS from. */
  productionHost(n: number): string;
  /** Nested hosts get their management addresses here. */
  readonly managementCidr: string;
  readonly managementGateway: string;
  /** Network of customer n (from 1): one VLAN, `120 + n`. */
  customer(n: number): { vlanId: number; cidr: string; gateway: string };
  release(): Promise<void>;
}

/** Claims a block that no other process uses; `preferred` is tried first. */
export async function claimBlock(preferred?: number): Promise<AddressBlock> {
  const start = preferred ?? 20 + (process.pid % 200);
  for (let i = 0; i < 200; i += 1) {
    const octet = 20 + ((start - 20 + i) % 200);
    const guard = await listenOrNull(`127.${octet}.0.1`, 8999);
    if (guard) return blockOf(octet, guard);
  }
  throw new Error('No free address block for a lab: all of 127.20.0.0 to 127.219.0.0 are in use on this machine.');
}

function blockOf(octet: number, guard: Server): AddressBlock {
  const at = (rest: string) => `127.${octet}.${rest}`;
  return {
    octet,
    vcenter: at('0.10'),
    nexentastor: at('0.20'),
    nfs: at('0.21'),
    ovn: at('0.30'),
    identity: at('0.40'),
    productionHost: (n) => at(`0.${100 + n}`),
    managementCidr: at('66.0/24'),
    managementGateway: at('66.1'),
    customer: (n) => ({ vlanId: 120 + n, cidr: at(`${120 + n}.0/24`), gateway: at(`${120 + n}.1`) }),
    release: () => new Promise((resolve) => guard.close(() => resolve())),
  };
}

function listenOrNull(host: string, port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(null));
    server.listen({ host, port, exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}
