import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { Settings } from './config.ts';
import { Interruption, isRefusal, Refusal } from './faults.ts';
import { followJob } from './jobs.ts';
import type { Layout } from './layout.ts';
import { Session, type Send } from './session.ts';

/** How often a busy object is tried again, after doubling pauses, before the host is told. */
const busyAttempts = 5;

export interface NodeState {
  url: string;
  hasPools: boolean;
  /** Why it could not be asked. */
  error?: unknown;
}

export interface ChangeOptions {
  /** Asked when the appliance says that the object is busy: throws when something stands in the way for good. */
  whenBusy?: () => Promise<void>;
}

/**
 * The appliance: one node, or a pair that shares its pools. Requests go to the node that has the pools; it is looked
 * for again when a node does not answer, or says that something is missing while it does not have the root dataset.
 */
export class Nef {
  private readonly sessions: Session[];
  private owner: Session | undefined;

  constructor(
    readonly settings: Settings,
    readonly layout: Layout,
  ) {
    this.sessions = settings.nodes.map((node) => new Session(node, settings, layout));
  }

  /** Reads. A read is repeated on the node that turns out to have the pools. @throws Refusal, Interruption */
  async read<Data>(about: string, send: Send<Data>, call: PluginCall): Promise<Data> {
    const { data } = await this.onOwner(about, send, call, true);
    return data;
  }

  /** Reads one object; null when the node that has the pools does not know it. */
  async find<Data>(about: string, send: Send<Data>, call: PluginCall): Promise<Data | null> {
    try {
      return await this.read(about, send, call);
    } catch (error) {
      if (isRefusal(error, 'ENOENT')) return null;
      throw error;
    }
  }

  /** Changes, and waits until the change is done, at once or by a job. A busy object is tried again for a while. */
  async change(about: string, send: Send<unknown>, call: PluginCall, { whenBusy }: ChangeOptions = {}): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { data, status, session } = await this.onOwner(about, send, call, false);
        if (status === 202) await followJob(session, about, data, this.settings, call);
        return;
      } catch (error) {
        if (!isRefusal(error, 'EBUSY')) throw error;
        await whenBusy?.();
        if (attempt > busyAttempts) throw error;
        call.log.debug({ about, attempt }, 'the appliance says busy');
        await pause(this.settings.retryPauseMilliseconds * 2 ** (attempt - 1), call.signal);
      }
    }
  }

  /** All rows of a collection, page by page. */
  async list<Row>(
    about: string,
    send: (page: { limit: number; offset: number }) => Send<{ data: Row[]; links?: { rel: string; href: string }[] }>,
    call: PluginCall,
  ): Promise<Row[]> {
    const rows: Row[] = [];
    for (;;) {
      const page = await this.read(about, send({ limit: 100, offset: rows.length }), call);
      rows.push(...page.data);
      const hasNext = page.links?.some((link) => link.rel === 'next') ?? false;
      if (!hasNext || page.data.length === 0) return rows;
    }
  }

  /** What each node says of itself, for a health check: waits for all of them. */
  async inspectNodes(call: PluginCall): Promise<NodeState[]> {
    const states = await Promise.all(
      this.sessions.map(async (session): Promise<NodeState> => {
        try {
          return { url: session.url, hasPools: await this.hasPools(session, call.signal) };
        } catch (error) {
          return { url: session.url, hasPools: false, error };
        }
      }),
    );
    this.owner = this.sessions.find((_, i) => states[i]?.hasPools);
    return states;
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.close()));
  }

  private async hasPools(session: Session, signal: AbortSignal): Promise<boolean> {
    const { root } = this.layout;
    try {
      const params = { path: { dataset: root }, query: { fields: ['path'] } };
      await session.send(
        `GET /storage/filesystems/${root}`,
        (client, init) => client.GET('/storage/filesystems/{dataset}', { params, ...init }),
        signal,
      );
      return true;
    } catch (error) {
      if (isRefusal(error, 'ENOENT')) return false;
      throw error;
    }
  }

  private async onOwner<Data>(
    about: string,
    send: Send<Data>,
    call: PluginCall,
    isRead: boolean,
  ): Promise<{ data: Data; status: number; session: Session }> {
    const first = this.owner ?? (await this.requireOwner(call));
    try {
      return { ...(await first.send(about, send, call.signal)), session: first };
    } catch (error) {
      if (isRefusal(error, 'ENOENT')) {
        if (await this.hasPools(first, call.signal)) throw error;
      } else if (!(error instanceof Interruption) || call.signal.aborted) {
        throw error;
      } else if (!isRead && error.kind !== 'unavailable') {
        // It may have taken effect: only the recipe, which looks first, may send it again.
        this.owner = undefined;
        throw error;
      }
      call.log.warn({ about, node: first.url, error: String(error) }, 'looking for the node that has the pools');
      const second = await this.requireOwner(call);
      return { ...(await second.send(about, send, call.signal)), session: second };
    }
  }

  /** The first node to answer for the root dataset; a silent one keeps nobody waiting. */
  private async requireOwner(call: PluginCall): Promise<Session> {
    const found = new AbortController();
    const signal = AbortSignal.any([call.signal, found.signal]);
    const asked = this.sessions.map(async (session) => {
      if (await this.hasPools(session, signal)) return session;
      throw new Interruption('unavailable', `${session.url}: ${this.layout.root} is missing`);
    });
    try {
      this.owner = await Promise.any(asked);
      return this.owner;
    } catch (error) {
      this.owner = undefined;
      const reasons: unknown[] = error instanceof AggregateError ? error.errors : [error];
      // A refused credential is not an outage.
      const refused = reasons.find((reason) => reason instanceof Refusal);
      if (refused) throw refused;
      const texts = reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason)));
      throw new Interruption('unavailable', `no node has the root dataset: ${texts.join('; ')}`);
    } finally {
      found.abort();
    }
  }
}

/** Half of the time is left to chance, so that callers that met once do not meet again. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds * (0.75 + Math.random() / 2), undefined, { signal });
  } catch {
    throw new Interruption('timeout', "the call's deadline passed while the appliance was busy");
  }
}
