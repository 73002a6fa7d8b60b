import type { PluginCall } from '@bulkhead/plugin-sdk';
import {
  at,
  booleanAt,
  isSameRef,
  members,
  numberAt,
  refAt,
  refsOf,
  textAt,
  type MoRef,
  type XmlElement,
} from '../soap/element.ts';
import type { MethodName } from '../soap/methods.ts';
import type { DataObject } from '../soap/value.ts';
import { read, readIfThere, readMany } from './property-collector.ts';
import { pause, type VimSession } from './session.ts';
import { lookAtTask } from './task-looks.ts';
import { Unanswered } from './transport.ts';
import { NotConnected } from './trust.ts';
import { isFault, readLocalizedFault, VimFault } from './vim-fault.ts';

export interface TaskState {
  readonly ref: MoRef;
  readonly state: 'queued' | 'running' | 'success' | 'error';
  /** What it does, e.g. `VirtualMachine.relocate` and `RelocateVM_Task`: servers differ in which they tell. */
  readonly kind: string;
  readonly percent?: number;
  readonly isCancelable: boolean;
  readonly result: XmlElement | undefined;
  readonly fault?: VimFault;
}

/** What happens to a task when the call that waits for it ends early. */
export type OnAbort =
  /** It goes on, and the next call finds it running or its effect done: right for work that is long or cannot be undone. */
  | 'leave'
  /** It is cancelled where it can be: right where a late effect would surprise whoever has gone another way by then. */
  | 'cancel';

/** Between two times of what is done while a task runs, at the least. */
const meanwhileMs = 250;
/** From then on a task is a long one. */
const longMs = 60_000;

/** Starts a task and waits for its end. @throws VimFault with the task's own failure. */
export async function runTask(
  session: VimSession,
  method: MethodName,
  self: MoRef,
  args: DataObject,
  call: PluginCall,
  onAbort: OnAbort = 'leave',
): Promise<XmlElement | undefined> {
  return awaitTask(session, await startTask(session, method, self, args, call), call, onAbort);
}

export async function startTask(
  session: VimSession,
  method: MethodName,
  self: MoRef,
  args: DataObject,
  call: PluginCall,
): Promise<MoRef> {
  const [task] = refsOf(await session.call(method, self, args, call));
  if (!task) throw new Unanswered('cut', `${session.address}: ${method} answered without a task`);
  return task;
}

/**
 * Waits for a task's end by looking at it often: all that wait at one session share a request, so that a hundred machines
 * cost little more than one, and none waits long after its task has ended. A lost session or a broken connection does not
 * end the wait: the task goes on without us.
 */
export async function awaitTask(
  session: VimSession,
  task: MoRef,
  call: PluginCall,
  onAbort: OnAbort = 'leave',
  /** Done between two looks while it runs; an error of it ends the wait and leaves the task. */
  meanwhile?: () => Promise<void>,
): Promise<XmlElement | undefined> {
  let delayMs = 10;
  let silences = 0;
  let lastMeanwhile = Date.now();
  // Until a look says otherwise: a call may end before the first one is answered.
  let isCancelable = true;
  const begun = Date.now();
  try {
    for (;;) {
      const seen = await look(session, task, call).catch((error: unknown) => {
        silences += 1;
        if (silences > 5 || call.signal.aborted || !(error instanceof NotConnected || error instanceof Unanswered))
          throw error;
        return null;
      });
      if (seen) {
        silences = 0;
        isCancelable = seen.isCancelable;
        if (seen.state === 'success') return seen.result;
        if (seen.state === 'error') throw seen.fault ?? new Error(`task ${task.value} failed without a fault`);
        if (seen.percent !== undefined) call.progress({ percent: seen.percent });
      }
      await pause(delayMs, call);
      if (Date.now() - lastMeanwhile >= meanwhileMs) {
        await meanwhile?.();
        lastMeanwhile = Date.now();
      }
      // A move of hours is looked at as rarely as its end matters little.
      delayMs = Math.min(delayMs * 1.5, Date.now() - begun > longMs ? 1000 : 60);
    }
  } catch (error) {
    if (call.signal.aborted && onAbort === 'cancel' && isCancelable) await cancel(session, task);
    throw outcomeUnknown(session, task, error);
  }
}

async function look(session: VimSession, task: MoRef, call: PluginCall): Promise<TaskState> {
  const object = await lookAtTask(session, task, call);
  return shownState(task, object?.get('info'));
}

// The task may have done its work while we could not look.
function outcomeUnknown(session: VimSession, task: MoRef, error: unknown): unknown {
  if (error instanceof Unanswered) error.ofWrite = true;
  const isLost = isFault(error, 'ManagedObjectNotFound') && error.of === 'RetrievePropertiesEx';
  if (!isLost && !(error instanceof NotConnected)) return error;
  const lost = new Unanswered('cut', `${session.address}: lost sight of task ${task.value}`, { cause: error });
  lost.ofWrite = true;
  return lost;
}

async function cancel(session: VimSession, task: MoRef): Promise<void> {
  const context = { callId: 'cancel', signal: AbortSignal.timeout(800) };
  try {
    await session.call('CancelTask', task, {}, context);
  } catch {
    // Over already: whoever looks next sees what it did.
  }
}

/** Asks a task to end, where it can be stopped; whether and when it does is for another look to tell. */
export async function askToEnd(session: VimSession, task: TaskState, call: PluginCall): Promise<void> {
  if (!task.isCancelable) return;
  try {
    await session.call('CancelTask', task.ref, {}, call);
  } catch (error) {
    // Over by now, or past the point where it can be stopped.
    if (!isFault(error, 'InvalidState', 'NotSupported', 'ManagedObjectNotFound')) throw error;
  }
}

/** Reads a task. @throws VimFault `ManagedObjectNotFound` when the server has forgotten it. */
export async function readTask(session: VimSession, task: MoRef, call: PluginCall): Promise<TaskState> {
  const object = await read(session, task, ['info'], call);
  return shownState(task, object.get('info'));
}

function shownState(task: MoRef, info: XmlElement | undefined): TaskState {
  // A task whose object is gone may not be shown any more, though its reference still stands.
  if (!info) throw new VimFault('ManagedObjectNotFound', 'the task shows no info', undefined, 'RetrievePropertiesEx');
  return stateOf(task, info);
}

/** The tasks that still run on an object and whose kind matches; none when the object is gone. */
export async function runningTasks(
  session: VimSession,
  entity: MoRef,
  kind: RegExp,
  call: PluginCall,
): Promise<TaskState[]> {
  const object = await readIfThere(session, entity, ['recentTask'], call);
  if (!object) return [];
  const own = refsOf(members(object.get('recentTask')));
  const more = await tasksAbout(session, entity, call);
  const refs = [...own, ...more.filter((one) => !own.some((other) => isSameRef(one, other)))];
  const tasks = await readMany(session, refs, ['info'], call);
  return tasks
    .map((one) => stateOf(one.ref, one.get('info')))
    .filter((task) => isOpen(task.state) && kind.test(task.kind));
}

// Not every server keeps every task beside its object; the task manager's list holds those of all objects.
async function tasksAbout(session: VimSession, entity: MoRef, call: PluginCall): Promise<MoRef[]> {
  const manager = await read(session, (await session.about(call)).service('taskManager'), ['recentTask'], call);
  const recent = refsOf(members(manager.get('recentTask')));
  const tasks = await readMany(session, recent, ['info.entity', 'info.state'], call);
  return tasks
    .filter((task) => isSameRef(refAt(task.get('info.entity')), entity) && isOpen(textAt(task.get('info.state'))))
    .map((task) => task.ref);
}

function isOpen(state: string | undefined): boolean {
  return state === 'running' || state === 'queued';
}

/** Waits for a task that an earlier call started and no longer waits for. False when none runs. */
export async function awaitRunning(
  session: VimSession,
  entity: MoRef,
  kind: RegExp,
  call: PluginCall,
): Promise<boolean> {
  const running = await runningTasks(session, entity, kind, call);
  for (const task of running) await awaitEnd(session, task, call);
  return running.length > 0;
}

/** Waits for another's task. Its failure is not ours: the effect is looked at next, and what is missing is done anew. */
export async function awaitEnd(session: VimSession, task: TaskState, call: PluginCall): Promise<void> {
  try {
    await awaitTask(session, task.ref, call);
  } catch (error) {
    if (!(error instanceof VimFault)) throw error;
  }
}

function stateOf(task: MoRef, info: XmlElement | undefined): TaskState {
  const percent = numberAt(info, 'progress');
  const error = at(info, 'error');
  const kind = [textAt(info, 'descriptionId'), textAt(info, 'name')].filter((name) => name !== undefined).join(' ');
  return {
    ref: task,
    state: taskState(textAt(info, 'state')),
    kind,
    ...(percent === undefined ? {} : { percent }),
    isCancelable: booleanAt(info, 'cancelable'),
    result: at(info, 'result'),
    ...(error ? { fault: readLocalizedFault(error, kind || task.value) } : {}),
  };
}

function taskState(text: string | undefined): TaskState['state'] {
  return text === 'success' || text === 'error' || text === 'running' ? text : 'queued';
}

/** The object that a task made. */
export function resultRef(result: XmlElement | undefined): MoRef | undefined {
  return refAt(result);
}
