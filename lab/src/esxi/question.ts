import { randomUUID } from 'node:crypto';
import { invalidArgument, VimFault } from '../vim25/fault.ts';
import type { Progress } from '../vim25/tasks.ts';
import { locationOf } from './house.ts';
import type { House, Vm } from './house.ts';
import { newMac, newUuid, touchVm } from './virtual-machines.ts';

const CHOICES = [
  { key: '0', label: 'button.uuid.cancel', summary: 'Cancel' },
  { key: '1', label: 'button.uuid.movedTheVM', summary: 'I Moved It' },
  { key: '2', label: 'button.uuid.copiedTheVM', summary: 'I Copied It' },
];

/**
 * A machine whose files were last used in another place asks whether it was moved or copied, unless `uuid.action` has
 * answered. Moved keeps identity and addresses; copied makes new ones.
 */
export async function askWhetherMoved(house: House, vm: Vm, progress: Progress): Promise<void> {
  const { config } = vm;
  if (config.uuidLocation === '' || config.uuidLocation === locationOf(house, vm)) return;
  const action = config.extra['uuid.action']?.toLowerCase();
  if (action === 'keep') return;
  if (action === 'create') return takeNewIdentity(house, vm);
  const choice = await ask(house, vm, progress.signal);
  if (choice === '0')
    throw new VimFault('GenericVmConfigFault', { reason: 'cancelled' }, 'The operation was cancelled.');
  if (choice === '2') takeNewIdentity(house, vm);
}

function takeNewIdentity(house: House, vm: Vm): void {
  vm.config.biosUuid = newUuid();
  for (const nic of vm.config.nics) if (nic.addressType !== 'manual') nic.mac = newMac(house).mac;
}

function ask(house: House, vm: Vm, signal: AbortSignal): Promise<string> {
  const id = randomUUID();
  const text =
    `msg.uuid.altered:This virtual machine might have been moved or copied.\n` +
    `In order to configure certain management and networking features, the host needs to know which.`;
  return new Promise((resolve, reject) => {
    const close = () => {
      delete vm.question;
      touchVm(house, vm);
    };
    signal.addEventListener('abort', () => {
      close();
      reject(new VimFault('RequestCanceled', {}, 'The task was canceled by a user.'));
    });
    vm.question = {
      id,
      describe: () => ({
        id,
        text,
        choice: { choiceInfo: CHOICES, defaultIndex: 2 },
        message: [{ id: 'msg.uuid.altered', text }],
      }),
      answer(choice) {
        if (!CHOICES.some((known) => known.key === choice)) throw invalidArgument('answerChoice');
        close();
        resolve(choice);
      },
    };
    touchVm(house, vm);
  });
}

/** @throws InvalidArgument when that question is not open, ConcurrentAccess when another one is. */
export function answerQuestion(vm: Vm, questionId: string, choice: string): void {
  if (!vm.question) throw invalidArgument('questionId');
  if (vm.question.id !== questionId) throw new VimFault('ConcurrentAccess', {}, 'Another question is pending.');
  vm.question.answer(choice);
}
