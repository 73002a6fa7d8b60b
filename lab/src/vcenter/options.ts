import type { AddressBlock } from '../block.ts';
import type { HostCertificate } from '../certificate.ts';
import type { LabClock } from '../clock.ts';
import type { Fabric } from '../fabric.ts';
import type { Faults } from '../faults.ts';
import type { Journal } from '../journal.ts';
import type { NfsServer } from '../nfs.ts';

export interface VcenterOptions {
  block: AddressBlock;
  vcenterPort: number;
  esxiPort: number;
  nfs: NfsServer;
  fabric: Fabric;
  faults: Faults;
  journal: Journal;
  clock: LabClock;
  certificate?: HostCertificate;
  sizes?: Partial<VcenterSizes>;
}

export interface VcenterSizes {
  hosts: number;
  hostMemoryBytes: number;
  hostCpuCores: number;
  /** LUNs, each reachable by every host. */
  luns: number;
  lunCapacityBytes: number;
  /** Customers: each has a port group `vlan-<n>` and principals. */
  customers: number;
  /** `LAB\VPSUSER1001` and following. */
  principals: number;
  maxNfsMounts: number;
  /** Sessions end after so long without a call. */
  idleMilliseconds: number;
  /** Further machines to fill the inventory with. */
  fillers: number;
}

export const DEFAULT_SIZES: VcenterSizes = {
  hosts: 3,
  hostMemoryBytes: 256 * 2 ** 30,
  hostCpuCores: 32,
  luns: 2,
  lunCapacityBytes: 20 * 2 ** 40,
  customers: 9,
  principals: 9,
  maxNfsMounts: 32,
  idleMilliseconds: 30 * 60_000,
  fillers: 0,
};

export interface Credentials {
  userName: string;
  password: string;
}

export const NAMES = {
  datacenter: 'lab-dc1',
  cluster: 'lab-cluster1',
  distributedSwitch: 'lab-dvs1',
  template: 'bulkhead-esxi-template',
  /** Where nested hosts are made. */
  targetFolder: 'bulkhead-targets',
  /** Where failed-over machines are registered. */
  failoverFolder: 'bulkhead-failovers',
  tenantRole: 'VPS user',
  serviceRole: 'Bulkhead service',
} as const;

export const ADMINISTRATOR: Credentials = { userName: 'administrator@vsphere.local', password: 'Lab-Admin-1!' };
export const SERVICE: Credentials = { userName: 'svc-bulkhead', password: 'Lab-Service-1!' };
/** Root of every nested host until somebody changes it. */
export const TEMPLATE_ROOT: Credentials = { userName: 'root', password: 'Template-Root-1!' };
export const PRINCIPAL_PASSWORD = 'Lab-Vps-1!';
