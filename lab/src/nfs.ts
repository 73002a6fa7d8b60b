/**
 * A file on a share. The lab keeps what the story needs of its content: text of descriptors, and for disks a list of
 * writes, so that a lost or wrong delta is seen.
 */
export interface NfsFile {
  content: Buffer;
  /** What the file claims to be long: a disk of 40 GB holds a few bytes here. */
  sizeBytes: number;
  modifiedAt: Date;
}

/** One exported filesystem as a mounting host sees it. Paths are relative: `web01/web01.vmx`. */
export interface NfsShare {
  /** What is there, for those who only look at the lab: no host reads it this way. */
  readonly files: ReadonlyMap<string, NfsFile>;
  /** Reads a file as a host does; the server knows who read what. */
  read(client: string, path: string): NfsFile | undefined;
  /** Refused (returns false) when the share is read-only to this client, gone, or its quota is exhausted. */
  write(client: string, path: string, file: NfsFile): boolean;
  remove(client: string, path: string): boolean;
  rename(client: string, from: string, to: string): boolean;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  /** Identity of the filesystem behind it: the same one mounted twice is one. */
  readonly id: string;
}

export type NfsMount = { share: NfsShare } | { refused: 'no-such-export' | 'access-denied' | 'unreachable' };

/**
 * What simulated hosts mount from. Asked again at every access, so that a revoked export makes a mounted datastore
 * inaccessible, as in a real house.
 */
export interface NfsServer {
  mount(client: string, remoteHost: string, remotePath: string): NfsMount;
}
