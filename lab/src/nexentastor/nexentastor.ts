import { makeCertificate, type HostCertificate } from '../certificate.ts';
import { LabClock } from '../clock.ts';
import type { Faults } from '../faults.ts';
import type { Journal } from '../journal.ts';
import type { NfsServer } from '../nfs.ts';
import type { LabState } from '../state.ts';
import { Accesses, type FileAccess } from './accesses.ts';
import { nfsServerOf } from './exports.ts';
import { Jobs } from './jobs.ts';
import { makeNode, type Node } from './node.ts';
import { shareStateOf } from './nfs-shares.ts';
import { accountsOf, type Space } from './space.ts';
import { Tokens } from './tokens.ts';
import {
  clonesOf,
  guidOf,
  makeWorld,
  requireFilesystem,
  requireSnapshot,
  type FilesystemSettings,
  type FileTree,
  type Pool,
  type SecurityContext,
  type World,
} from './world.ts';

export interface NexentaStorOptions {
  /** REST address of the first node, on the loopback network. */
  address: string;
  /** Default 8443, as the real one; 0 takes a free port. */
  port?: number;
  /** What hosts mount from; follows the pools when they move. */
  dataAddress: string;
  faults: Faults;
  journal: Journal;
  /** Default: a hundredth of real time. */
  clock?: LabClock;
  credentials?: { userName: string; password: string };
  /** Default: `tank`, 20 TB. */
  pools?: readonly Pool[];
  /** Default: `tank/bulkhead`. */
  rootDataset?: string;
  /** Makes the appliance a pair. */
  secondNode?: { address: string; port?: number };
  /** Whether an accepted change is answered at once or with 202 and a job. Default `alternate`. */
  answers?: 'at-once' | 'jobs' | 'alternate';
  /** Simulated seconds that a job takes. Default 2. */
  jobSeconds?: number;
  /** Simulated seconds. Default one day. */
  tokenLifetimeSeconds?: number;
  version?: string;
  /** Stands before a dataset's path in its mount point. Default `/volumes`, so that nobody gets away with a formula. */
  mountPrefix?: string;
}

/** A copy of the appliance's state, for tests. */
export interface NexentaStorWorld {
  filesystems: {
    path: string;
    guid: string;
    mountPoint: string;
    isMounted: boolean;
    originalSnapshot: string;
    settings: Partial<FilesystemSettings>;
    space: Space;
    files: string[];
  }[];
  snapshots: { path: string; creationTxg: number; clones: string[]; files: string[] }[];
  shares: { filesystem: string; anon: string; shareState: string; securityContexts: SecurityContext[] }[];
}

export interface NexentaStor {
  /** REST address of the first node. */
  url: string;
  certificate: HostCertificate;
  nodes: { url: string; address: string; certificate: HostCertificate }[];
  credentials: { userName: string; password: string };
  rootDataset: string;
  dataAddress: string;
  nfs: NfsServer;
  world(): NexentaStorWorld;
  /** The text of every file of a filesystem, or of one of its snapshots (`P@s`), by path. */
  contentOf(path: string): Record<string, string>;
  /** Who read and wrote which file of a filesystem over NFS, since it was made or `forgetAccesses`. */
  accesses(path: string): FileAccess[];
  forgetAccesses(): void;
  /** The live world and its jobs; see `LabState`. */
  state(): LabState['nexentastor'];
  /** Ends every session, on both nodes. */
  expireTokens(): void;
  /** How many sessions are open, over both nodes. */
  openSessions(): number;
  /** Moves the pools to the other node; jobs under way are lost. */
  takeOver(): void;
  /** Node 0 or 1 stops or starts to answer; the data address answers while the node that has the pools is up. */
  stopNode(index: number): Promise<void>;
  startNode(index: number): Promise<void>;
  setNfsService(state: World['nfsState']): void;
  setLicenseValid(isValid: boolean): void;
  /** Leaves a filesystem without a mount point and unmounted, as a received replica is. */
  deactivate(path: string): void;
  stop(): Promise<void>;
}

const day = 86_400;

/** Starts an appliance, or a pair of nodes that share its pools, with its root dataset made and nothing exported. */
export async function startNexentaStor(options: NexentaStorOptions): Promise<NexentaStor> {
  const { faults, journal, dataAddress, clock = new LabClock(0.01), rootDataset = 'tank/bulkhead' } = options;
  const { version = '5.3.0.32', mountPrefix = '/volumes' } = options;
  const credentials = options.credentials ?? { userName: 'bulkhead', password: 'lab-appliance' };
  const pools = options.pools ?? [{ name: 'tank', sizeBytes: 20e12 }];
  const world = makeWorld({ pools, rootDataset, mountPrefix, version });
  const addresses = [options, ...(options.secondNode ? [options.secondNode] : [])];
  let owner = 0;
  let isNextAJob = options.answers === 'jobs';
  const takeTurn = (): boolean => {
    const answer = isNextAJob;
    if ((options.answers ?? 'alternate') === 'alternate') isNextAJob = !isNextAJob;
    return answer;
  };

  const accesses = new Accesses();
  const nodes: Node[] = [];
  for (const [index, { address, port = 8443 }] of addresses.entries()) {
    const node = makeNode({
      address,
      port,
      certificate: await makeCertificate(address),
      faults,
      journal,
      tokens: new Tokens(credentials, (options.tokenLifetimeSeconds ?? day) * 1000 * clock.scale),
      jobs: new Jobs(clock, options.jobSeconds ?? 2),
      view: () => ({
        world,
        isOwner: owner === index,
        guid: guidOf(address, index),
        version,
        clusterNodes: addresses.map((each, i) => guidOf(each.address, i)),
      }),
      isNextAJob: takeTurn,
    });
    nodes.push(node);
    await node.up();
  }
  const nodeAt = (index: number): Node => {
    const node = nodes[index];
    if (!node) throw new Error(`The appliance has no node ${index}.`);
    return node;
  };

  return {
    url: nodeAt(0).url,
    certificate: nodeAt(0).certificate,
    nodes: nodes.map(({ url, address, certificate }) => ({ url, address, certificate })),
    credentials,
    rootDataset,
    dataAddress,
    nfs: nfsServerOf(world, dataAddress, () => nodeAt(owner).isUp, accesses),
    world: () => copyOf(world),
    contentOf: (path) => textsOf((path.includes('@') ? requireSnapshot : requireFilesystem)(world, path).files),
    accesses: (path) => accesses.of(requireFilesystem(world, path).guid),
    forgetAccesses: () => accesses.forget(),
    state: () => ({ world, jobs: nodes.map(({ jobs }) => jobs) }),
    expireTokens: () => nodes.forEach((node) => node.tokens.expireAll()),
    openSessions: () => nodes.reduce((sum, node) => sum + node.tokens.count, 0),
    takeOver() {
      nodeAt(owner).jobs.forget();
      owner = (owner + 1) % nodes.length;
    },
    stopNode: (index) => nodeAt(index).down(),
    startNode: (index) => nodeAt(index).up(),
    setNfsService(state) {
      world.nfsState = state;
    },
    setLicenseValid(isValid) {
      world.isLicenseValid = isValid;
    },
    deactivate(path) {
      Object.assign(requireFilesystem(world, path), { mountPoint: 'none', isMounted: false });
    },
    async stop() {
      for (const node of nodes) await node.down();
    },
  };
}

function textsOf(files: FileTree): Record<string, string> {
  return Object.fromEntries([...files].map(([path, { content }]) => [path, content.toString('utf8')]));
}

function copyOf(world: World): NexentaStorWorld {
  const spaceOf = accountsOf(world);
  return structuredClone({
    filesystems: [...world.filesystems.values()].map((each) => ({
      path: each.path,
      guid: each.guid,
      mountPoint: each.mountPoint,
      isMounted: each.isMounted,
      originalSnapshot: each.originalSnapshot,
      settings: each.settings,
      space: spaceOf(each),
      files: [...each.files.keys()],
    })),
    snapshots: [...world.snapshots.values()].map((each) => ({
      path: each.path,
      creationTxg: each.creationTxg,
      clones: clonesOf(world, each.path).map((clone) => clone.path),
      files: [...each.files.keys()],
    })),
    shares: [...world.shares.values()].map((each) => ({
      filesystem: each.filesystem,
      anon: each.anon,
      shareState: shareStateOf(world, each),
      securityContexts: each.securityContexts,
    })),
  });
}
