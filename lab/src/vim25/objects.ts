import { notFoundObject } from './fault.ts';
import type { Session } from './sessions.ts';
import type { MoRef, VimValue } from './value.ts';

/** Readers by property name; a few depend on who asks. */
export type Properties = Readonly<Record<string, (session?: Session) => VimValue>>;

/** One managed object as the property collector and the privilege check see it. */
export interface ManagedObject {
  readonly ref: MoRef;
  /** What a person calls it; fault rules and the journal use it. */
  label(): string;
  /** The inventory entity whose permissions decide; absent for services that every signed-in account may use. */
  entity(): MoRef | undefined;
  /** The parent in the inventory, for entities. */
  parent(): MoRef | undefined;
  readonly properties: Properties;
  /** Kept from all but this session: views, filters, collectors. */
  readonly sessionKey?: string;
}

/** All managed objects of one endpoint, with a revision for each so that a watcher sees what was touched. */
export class Objects {
  private readonly byId = new Map<string, ManagedObject>();
  private readonly revisions = new Map<string, number>();
  private readonly watchers = new Set<() => void>();
  private counter = 0;
  private revision = 0;

  add(object: ManagedObject): ManagedObject {
    this.byId.set(object.ref.id, object);
    this.touch(object.ref);
    return object;
  }

  remove(ref: MoRef): void {
    this.byId.delete(ref.id);
    this.touch(ref);
    this.revisions.delete(ref.id);
  }

  find(ref: MoRef): ManagedObject | undefined {
    return this.byId.get(ref.id);
  }

  get(ref: MoRef): ManagedObject {
    const object = this.byId.get(ref.id);
    if (!object) throw notFoundObject(ref);
    return object;
  }

  all(): Iterable<ManagedObject> {
    return this.byId.values();
  }

  newId(prefix: string): string {
    this.counter += 1;
    return `${prefix}${this.counter}`;
  }

  /** Says that properties of these objects may have changed. */
  touch(...refs: MoRef[]): void {
    this.revision += 1;
    for (const ref of refs) this.revisions.set(ref.id, this.revision);
    for (const wake of this.watchers) wake();
  }

  revisionOf(ref: MoRef): number {
    return this.revisions.get(ref.id) ?? 0;
  }

  onTouch(wake: () => void): () => void {
    this.watchers.add(wake);
    return () => this.watchers.delete(wake);
  }
}
