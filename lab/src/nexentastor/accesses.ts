/** What one client did with one file since the counts were last forgotten. */
export interface FileAccess {
  /** `web01/web01.vmx` */
  path: string;
  /** The address that it came from. */
  client: string;
  reads: number;
  /** Writes, removals and renames, that to another name counted at both. A refused one changed nothing and is none. */
  writes: number;
}

/** Counts what hosts do with the files of each filesystem. No part of the appliance's state: a take-over keeps it. */
export class Accesses {
  private readonly counts = new Map<string, Map<string, FileAccess>>();

  /** `guid` names the filesystem, so that its counts follow it through a rename and a clone has its own. */
  count(guid: string, client: string, path: string, what: 'reads' | 'writes'): void {
    const files = this.counts.get(guid) ?? new Map<string, FileAccess>();
    this.counts.set(guid, files);
    const key = `${client} ${path}`;
    const access = files.get(key) ?? { path, client, reads: 0, writes: 0 };
    files.set(key, access);
    access[what] += 1;
  }

  /** By path, then by client. */
  of(guid: string): FileAccess[] {
    const order = (one: FileAccess) => `${one.path}\n${one.client}`;
    return [...(this.counts.get(guid)?.values() ?? [])]
      .map((one) => ({ ...one }))
      .toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
  }

  forget(): void {
    this.counts.clear();
  }
}
