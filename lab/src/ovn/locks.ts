import { OvsdbFault } from './ovsdb-fault.ts';

export interface LockHolder {
  notify(method: 'locked' | 'stolen', id: string): void;
}

const idPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The server's named locks: one owner each, the others wait in line. */
export class Locks {
  private readonly lines = new Map<string, LockHolder[]>();

  owns(holder: LockHolder, id: string): boolean {
    return this.lines.get(id)?.[0] === holder;
  }

  lock(holder: LockHolder, id: unknown): { locked: boolean } {
    const line = this.lineOf(id);
    if (line.includes(holder)) throw new OvsdbFault('syntax error', 'must issue "unlock" before new lock request');
    line.push(holder);
    return { locked: line[0] === holder };
  }

  steal(holder: LockHolder, id: unknown): { locked: boolean } {
    const line = this.lineOf(id);
    const [owner] = line;
    if (owner === holder) throw new OvsdbFault('syntax error', 'must issue "unlock" before new steal request');
    line.splice(0, line.length, holder, ...line.filter((each) => each !== holder));
    owner?.notify('stolen', String(id));
    return { locked: true };
  }

  unlock(holder: LockHolder, id: unknown): Record<string, never> {
    const line = this.lineOf(id);
    if (!line.includes(holder)) throw new OvsdbFault('syntax error', '"unlock" without "lock" or "steal"');
    this.leave(holder, String(id), line);
    return {};
  }

  /** A connection is gone. */
  forget(holder: LockHolder): void {
    for (const [id, line] of this.lines) this.leave(holder, id, line);
  }

  private leave(holder: LockHolder, id: string, line: LockHolder[]): void {
    const position = line.indexOf(holder);
    if (position < 0) return;
    line.splice(position, 1);
    if (position === 0) line[0]?.notify('locked', id);
  }

  private lineOf(id: unknown): LockHolder[] {
    if (typeof id !== 'string' || !idPattern.test(id))
      throw new OvsdbFault('syntax error', 'lock id must be a valid identifier');
    const line = this.lines.get(id) ?? [];
    this.lines.set(id, line);
    return line;
  }
}
