import type { PluginCall } from '@bulkhead/plugin-sdk';
import { textAt, type MoRef } from '../soap/element.ts';
import { read, readIfThere } from '../session/property-collector.ts';
import { pause } from '../session/session.ts';
import { askToEnd, awaitEnd, awaitTask, runningTasks, runTask, startTask } from '../session/tasks.ts';
import { isFault } from '../session/vim-fault.ts';
import type { Production } from './production.ts';
import { answer, readQuestion } from './questions.ts';
import * as kinds from './task-kinds.ts';

const statePaths = ['runtime.powerState', 'runtime.question'];

/** Powers on. The files may still be locked by their former host for half a minute, so a lock is waited out. */
export async function ensurePoweredOn(production: Production, vm: MoRef, call: PluginCall): Promise<void> {
  const { session, limits } = production;
  const patientUntil = Date.now() + limits.fileLockSeconds * 1000;
  for (let delayMs = 500; ; delayMs = Math.min(delayMs * 2, 5000)) {
    if ((await powerState(production, vm, call)) === 'poweredOn') return;
    const [running] = await runningTasks(session, vm, kinds.powerOn, call);
    // A power-on that took effect after its caller had gone another way would start a machine twice.
    const task = running?.ref ?? (await startPowerOn(production, vm, call));
    if (task === 'on already') return;
    try {
      // It does not end before its questions are answered; one that nobody knows leaves it waiting for a person.
      await awaitTask(session, task, call, 'cancel', () => answerKnown(production, vm, call));
      return;
    } catch (error) {
      if (isFault(error, 'InvalidPowerState') && textAt(error.properties, 'existingState') === 'poweredOn') return;
      if (!isFault(error, 'FileLocked', 'CannotAccessFile') || Date.now() + delayMs > patientUntil) throw error;
      call.progress({ message: 'waiting for a file lock to end' });
      await pause(delayMs, call);
    }
  }
}

async function startPowerOn(production: Production, vm: MoRef, call: PluginCall): Promise<MoRef | 'on already'> {
  try {
    return await startTask(production.session, 'PowerOnVM_Task', vm, {}, call);
  } catch (error) {
    if (isFault(error, 'InvalidPowerState') && textAt(error.properties, 'existingState') === 'poweredOn')
      return 'on already';
    throw error;
  }
}

async function answerKnown(production: Production, vm: MoRef, call: PluginCall): Promise<void> {
  const state = await read(production.session, vm, ['runtime.question'], call);
  const question = readQuestion(state.get('runtime.question'));
  if (question) await answer(production.session, vm, question, call);
}

/** Powers off; a machine that does not exist is off. */
export async function ensurePoweredOff(
  production: Production,
  vm: MoRef,
  graceful: boolean,
  call: PluginCall,
): Promise<void> {
  const { session } = production;
  if (!(await readIfThere(session, vm, statePaths, call))) return;
  for (const task of await runningTasks(session, vm, kinds.power, call)) {
    // An interrupted power-on would switch the machine on after it was seen to be off; it may even wait for an answer.
    if (kinds.powerOn.test(task.kind)) await askToEnd(session, task, call);
    await awaitEnd(session, task, call);
  }
  if (
    graceful &&
    (await powerState(production, vm, call)) === 'poweredOn' &&
    (await shutDownGuest(production, vm, call))
  )
    return;
  await powerOff(production, vm, call);
}

/** Switches a machine off as it is. */
export async function powerOff(production: Pick<Production, 'session'>, vm: MoRef, call: PluginCall): Promise<void> {
  const { session } = production;
  if ((await powerState(production, vm, call)) === 'poweredOff') return;
  try {
    await runTask(session, 'PowerOffVM_Task', vm, {}, call);
  } catch (error) {
    if (!isFault(error, 'InvalidPowerState') || textAt(error.properties, 'existingState') !== 'poweredOff') throw error;
  }
}

/** Asks the guest and waits. False when it cannot or does not. */
async function shutDownGuest(production: Production, vm: MoRef, call: PluginCall): Promise<boolean> {
  try {
    await production.session.call('ShutdownGuest', vm, {}, call);
  } catch (error) {
    if (isFault(error, 'ToolsUnavailable', 'InvalidPowerState', 'InvalidState', 'NotSupported')) return false;
    throw error;
  }
  // Some time must be left to switch it off before the host gives the call up.
  const untilDeadline = call.deadline.getTime() - Date.now();
  const until = Date.now() + Math.min(production.limits.shutdownSeconds * 1000, untilDeadline * 0.8);
  for (let delayMs = 100; Date.now() < until; delayMs = Math.min(delayMs * 1.5, 2000)) {
    if ((await powerState(production, vm, call)) === 'poweredOff') return true;
    await pause(delayMs, call);
  }
  return false;
}

async function powerState(
  production: Pick<Production, 'session'>,
  vm: MoRef,
  call: PluginCall,
): Promise<string | undefined> {
  const state = await read(production.session, vm, ['runtime.powerState'], call);
  return textAt(state.get('runtime.powerState'));
}
