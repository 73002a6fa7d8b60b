import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { Settings } from './config.ts';
import { Interruption, isRefusal, Refusal } from './faults.ts';
import { followJob } from './jobs.ts';
import type { Layout } from './layout.ts';
import { Session, type Send } from './session.ts';

/** Seconds that a busy object is given, in doubling pauses, before the host is told. */
const busyAttempts = 5;

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

  /** The node that has the pools, and the names of those that do not answer. */
  async findOwner(
    call: PluginCall,
  ): Promise<{ owner: Session | undefined; silent: { url: string; error: unknown }[] }> {
    const silent: { url: string; error: unknown }[] = [];
    const answers = await Promise.all(
      this.sessions.map(async (session) => {
        try {
          return (await this.hasPools(session, call)) ? session : undefined;
        } catch (error) {
          silent.push({ url: session.url, error });
          return undefined;
        }
      }),
    );
    this.owner = answers.find((session) => session !== undefined);
    return { owner: this.owner, silent };
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.close()));
  }

  private async hasPools(session: Session, call: PluginCall): Promise<boolean> {
    const { root } = this.layout;
    try {
      const params = { path: { dataset: root }, query: { fields: ['path'] } };
      await session.send(
        `GET /storage/filesystems/${root}`,
        (client, init) => client.GET('/storage/filesystems/{dataset}', { params, ...init }),
        call.signal,
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
        if (await this.hasPools(first, call)) throw error;
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

  private async requireOwner(call: PluginCall): Promise<Session> {
    const { owner, silent } = await this.findOwner(call);
    if (owner) return owner;
    // A refused credential is not an outage.
    const refused = silent.find(({ error }) => error instanceof Refusal);
    if (refused) throw refused.error;
    const reasons = silent.map(({ url, error }) => `${url}: ${error instanceof Error ? error.message : String(error)}`);
    throw new Interruption(
      'unavailable',
      `no node has ${this.layout.root}; ${reasons.join('; ') || 'all answer that it is missing'}`,
    );
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
