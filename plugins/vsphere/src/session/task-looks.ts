import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { MoRef } from '../soap/element.ts';
import { readMany, type ManagedObject } from './property-collector.ts';
import type { VimSession } from './session.ts';
import { Unanswered } from './transport.ts';

/** Whoever asks within so long is answered by the same request. */
const gatherMs = 40;
const askLimitMs = 60_000;

interface Asked {
  task: MoRef;
  answers: Answer[];
}

interface Answer {
  resolve(found: ManagedObject | undefined): void;
  reject(error: unknown): void;
}

/** Looks at tasks of one session: however many are waited for, one request at a time reads them all. */
class TaskLooks {
  private readonly asked = new Map<string, Asked>();
  private isAsking = false;

  constructor(private readonly session: VimSession) {}

  look(task: MoRef): Promise<ManagedObject | undefined> {
    return new Promise((resolve, reject) => {
      const known = this.asked.get(task.value) ?? { task, answers: [] };
      known.answers.push({ resolve, reject });
      this.asked.set(task.value, known);
      if (!this.isAsking) void this.ask();
    });
  }

  private async ask(): Promise<void> {
    this.isAsking = true;
    while (this.asked.size > 0) {
      await sleep(gatherMs);
      const batch = [...this.asked.values()];
      this.asked.clear();
      const refs = batch.map(({ task }) => task);
      // Nobody's own call: one that ends early must not end the look of the others.
      const context = { callId: 'tasks', signal: AbortSignal.timeout(askLimitMs) };
      try {
        const found = new Map(
          (await readMany(this.session, refs, ['info'], context)).map((one) => [one.ref.value, one]),
        );
        for (const { task, answers } of batch) for (const one of answers) one.resolve(found.get(task.value));
      } catch (error) {
        for (const { answers } of batch) for (const one of answers) one.reject(error);
      }
    }
    this.isAsking = false;
  }
}

const ofSessions = new WeakMap<VimSession, TaskLooks>();

/** Reads a task together with all others that are waited for; undefined when the server has forgotten it. */
export async function lookAtTask(
  session: VimSession,
  task: MoRef,
  { signal }: Pick<PluginCall, 'signal'>,
): Promise<ManagedObject | undefined> {
  const ended = () => new Unanswered('too-late', 'the call ended while waiting', { cause: signal.reason });
  if (signal.aborted) throw ended();
  const looks = ofSessions.get(session) ?? new TaskLooks(session);
  ofSessions.set(session, looks);
  return new Promise((resolve, reject) => {
    const leave = () => reject(ended());
    signal.addEventListener('abort', leave, { once: true });
    const stay = () => signal.removeEventListener('abort', leave);
    looks.look(task).then(
      (found) => {
        stay();
        resolve(found);
      },
      (error: unknown) => {
        stay();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
