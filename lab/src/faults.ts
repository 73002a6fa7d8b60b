export type LabBackend = 'vcenter' | 'esxi' | 'nexentastor' | 'ovn' | 'identity';

/**
 * One rule: what goes wrong, where, and when. Rules are tried in the order they were added; one that has fired `times`
 * times is spent.
 */
export interface FaultRule {
  backend: LabBackend;
  /** The call as the journal names it: `RegisterVM_Task`, `POST /storage/filesystems`, `transact`; `*` is any. */
  call: string;
  /** Fires from the nth matching call on, counted from 1 after the rule was added. Default 1. */
  nth?: number;
  /** How often it fires. Default 1. */
  times?: number;
  /** Before the effect, or after it and before the answer. */
  when: 'before' | 'after';
  /**
   * `error`: the backend's own fault (`fault` names it where the backend has several). `hang`: no answer until the
   * client gives up. `cut`: the connection is closed without an answer. `delay`: the answer comes `delayMs` later.
   */
  what: 'error' | 'hang' | 'cut' | 'delay';
  fault?: string;
  delayMs?: number;
  /** Only for calls about an object whose name contains this text. */
  about?: string;
}

interface Armed {
  rule: FaultRule;
  seen: number;
  fired: number;
}

/** The fault rules of one lab. Backends ask before and after each call; a rule decides. */
export class Faults {
  private armed: Armed[] = [];
  /** The rule of each fault that was shown, in their order; `clear` leaves it as it is. */
  readonly shown: FaultRule[] = [];

  add(rule: FaultRule): void {
    this.armed.push({ rule, seen: 0, fired: 0 });
  }

  clear(): void {
    this.armed = [];
  }

  /** The rule that applies to this call at this moment, if any; asking counts the call. */
  match(backend: LabBackend, call: string, when: FaultRule['when'], about = ''): FaultRule | undefined {
    for (const entry of this.armed) {
      const { rule } = entry;
      if (rule.backend !== backend || rule.when !== when) continue;
      if (rule.call !== '*' && rule.call !== call) continue;
      if (rule.about !== undefined && !about.includes(rule.about)) continue;
      entry.seen += 1;
      if (entry.seen < (rule.nth ?? 1) || entry.fired >= (rule.times ?? 1)) continue;
      entry.fired += 1;
      this.shown.push(rule);
      return rule;
    }
    return undefined;
  }
}
