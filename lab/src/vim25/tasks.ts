import type { LabClock } from '../clock.ts';
import { asVimFault, VimFault } from './fault.ts';
import type { Objects } from './objects.ts';
import type { MoRef, VimObject, VimValue } from './value.ts';

export interface TaskOptions {
  /** `RegisterVM_Task` */
  name: string;
  entity: MoRef;
  entityName: string;
  userName: string;
  /** Nothing else may work on these meanwhile: `TaskInProgress`. */
  exclusive?: readonly MoRef[];
  isCancelable?: boolean;
  /** Thrown when the work is done: the effect stands, the task reports a failure. */
  failAfter?: VimFault;
  /** Thrown instead of doing the work. */
  failBefore?: VimFault;
}

/** What the work of a task may do while it runs. */
export interface Progress {
  /** Passes so much simulated time while progress grows to `percent`. */
  spend(seconds: number, percent?: number): Promise<void>;
  readonly signal: AbortSignal;
}

interface Task {
  readonly ref: MoRef;
  readonly options: TaskOptions;
  readonly queueTime: Date;
  readonly cancel: AbortController;
  startTime?: Date;
  completeTime?: Date;
  state: 'queued' | 'running' | 'success' | 'error';
  progress?: number;
  result?: VimValue;
  error?: VimFault;
}

const KEPT = 500;
/** Simulated seconds that a task waits before it runs. */
export const QUEUED_SECONDS = 0.1;

/** Work that goes on after its call was answered. */
export class Tasks {
  private readonly tasks = new Map<string, Task>();
  private readonly busy = new Map<string, MoRef>();
  private sequence = 0;

  constructor(
    private readonly objects: Objects,
    private readonly clock: LabClock,
  ) {}

  /** Accepts the work and returns its task at once. @throws TaskInProgress */
  start(options: TaskOptions, work: (progress: Progress) => Promise<VimValue>): MoRef {
    this.refuseBusy(options.exclusive ?? []);
    this.sequence += 1;
    const ref = { moType: 'Task', id: `task-${this.sequence}` };
    const task: Task = { ref, options, queueTime: new Date(), cancel: new AbortController(), state: 'queued' };
    this.tasks.set(ref.id, task);
    for (const entity of options.exclusive ?? []) this.busy.set(entity.id, ref);
    this.objects.add({
      ref,
      label: () => `${options.name} ${options.entityName}`,
      // A task outlives what it has destroyed, and its outcome must stay readable.
      entity: () => (this.objects.find(options.entity) ? options.entity : undefined),
      parent: () => undefined,
      properties: { info: () => describeTask(task) },
    });
    void this.run(task, work);
    this.dropOld();
    return ref;
  }

  /** @throws TaskInProgress when one of these is in another task. */
  refuseBusy(entities: readonly MoRef[]): void {
    for (const entity of entities) {
      const task = this.busy.get(entity.id);
      if (task) {
        throw new VimFault(
          'TaskInProgress',
          { task },
          'The operation is not allowed while another task is in progress.',
        );
      }
    }
  }

  cancel(ref: MoRef): void {
    const task = this.tasks.get(ref.id);
    if (!task || task.state === 'success' || task.state === 'error') {
      throw new VimFault('InvalidState', {}, 'The task is already finished.');
    }
    if (!task.options.isCancelable) throw new VimFault('NotSupported', {}, 'The task cannot be cancelled.');
    task.cancel.abort();
  }

  infoOf(ref: MoRef): VimObject | undefined {
    const task = this.tasks.get(ref.id);
    return task && describeTask(task);
  }

  /** Newest last. */
  recent(): MoRef[] {
    return [...this.tasks.values()].slice(-100).map((task) => task.ref);
  }

  /** Of one entity, newest last. */
  recentOf(entity: MoRef): MoRef[] {
    return this.recent().filter((ref) => this.tasks.get(ref.id)?.options.entity.id === entity.id);
  }

  all(): MoRef[] {
    return [...this.tasks.values()].map((task) => task.ref);
  }

  /** Ends whatever still runs, when the endpoint goes away. */
  abandon(): void {
    for (const task of this.tasks.values()) task.cancel.abort();
  }

  private async run(task: Task, work: (progress: Progress) => Promise<VimValue>): Promise<void> {
    const { signal } = task.cancel;
    const spend = async (seconds: number, percent = 95) => {
      const from = task.progress ?? 0;
      const steps = 5;
      for (let step = 1; step <= steps; step += 1) {
        await this.clock.pass(seconds / steps, signal).catch(() => undefined);
        if (signal.aborted) throw new VimFault('RequestCanceled', {}, 'The task was canceled by a user.');
        task.progress = Math.round(from + ((percent - from) * step) / steps);
        this.objects.touch(task.ref);
      }
    };
    try {
      // One turn of the clock passes between queued and running, so that a watcher can see both.
      await this.clock.pass(QUEUED_SECONDS, signal).catch(() => undefined);
      task.state = 'running';
      task.startTime = new Date();
      task.progress = 0;
      this.objects.touch(task.ref);
      if (task.options.failBefore) throw task.options.failBefore;
      const result = await work({ spend, signal });
      if (task.options.failAfter) throw task.options.failAfter;
      task.result = result;
      task.state = 'success';
    } catch (error) {
      task.error = asVimFault(error);
      task.state = 'error';
    }
    delete task.progress;
    task.completeTime = new Date();
    for (const entity of task.options.exclusive ?? []) {
      if (this.busy.get(entity.id) === task.ref) this.busy.delete(entity.id);
    }
    this.objects.touch(task.ref, task.options.entity);
  }

  private dropOld(): void {
    for (const [id, task] of this.tasks) {
      if (this.tasks.size <= KEPT) return;
      if (task.completeTime === undefined) continue;
      this.tasks.delete(id);
      this.objects.remove(task.ref);
    }
  }
}

function describeTask(task: Task): VimObject {
  const { options } = task;
  return {
    $type: 'TaskInfo',
    key: task.ref.id,
    task: task.ref,
    name: options.name,
    descriptionId: `${options.entity.moType}.${options.name.replace('_Task', '')}`,
    entity: options.entity,
    entityName: options.entityName,
    state: task.state,
    cancelled: task.cancel.signal.aborted,
    cancelable: options.isCancelable ?? false,
    error: task.error?.toLocalized(),
    result: task.result,
    progress: task.state === 'running' ? task.progress : undefined,
    reason: { $type: 'TaskReasonUser', userName: options.userName },
    queueTime: task.queueTime,
    startTime: task.startTime,
    completeTime: task.completeTime,
    eventChainId: Number(task.ref.id.replace('task-', '')),
  };
}
