import type { Plant } from './plant.ts';

const found = 'an effect whose record was lost is found, and not had again';
const recorded = 'what is recorded is not done again';
const stands = 'a target that stands is left alone by every repeated step';
const stays = 'a machine that stays is moved while it runs and found again by its mark';
const sideBySide = 'two machines of the same old name come in side by side';
const interruption = (name: string) =>
  `answers at-once ${name} ends in the same state, whichever request is cut or fails`;

/** What was done before the kill, or by another worker, is done again. */
export const forgottenProbes: readonly Plant[] = [
  {
    name: 'the ledger acts without a step’s probe',
    patch: {
      file: 'gateway/src/workflows/context.ts',
      old: '          perform: async (effect) => (await definition.probe?.(effect)) ?? definition.act(effect),',
      new: '          perform: (effect) => definition.act(effect),',
    },
    file: 'gateway/src/workflows/ledger.test.ts',
    caughtBy: { [found]: /thing-2/ },
    unmoved: [recorded],
  },
  {
    name: 'the ledger does not ask itself what is done already',
    patch: {
      file: 'gateway/src/workflows/ledger.ts',
      old: '    if (begun.isDone) return { ok: true, result: begun.result as T };\n',
      new: '',
    },
    file: 'gateway/src/workflows/ledger.test.ts',
    caughtBy: { [recorded]: /expected \[ 1, 1 \]/ },
    unmoved: [found],
  },
  {
    name: 'vSphere: a snapshot is taken without a look for it',
    patch: {
      file: 'plugins/vsphere/src/production/snapshots.ts',
      old: '  if (existing) return existing;\n  const args',
      new: '  const args',
    },
    file: 'plugins/vsphere/src/lab.test.ts',
    caughtBy: { [stays]: /CreateSnapshot_Task/ },
    unmoved: [stands],
  },
  {
    name: 'vSphere: a move is begun without a look for the one that runs',
    patch: {
      file: 'plugins/vsphere/src/production/relocate.ts',
      old: '  if (running) return { ref: running.ref.value };\n',
      new: '  if (running) call.log.debug({ task: running.ref.value }, "another move");\n',
    },
    file: 'plugins/vsphere/src/lab.test.ts',
    caughtBy: { [stays]: /task-\d+|in use by other work/ },
    race: 'The move may have ended by the second look.',
    unmoved: [stands],
  },
  {
    name: 'vSphere: a VMkernel NIC is not known again by its MAC',
    patch: {
      file: 'plugins/vsphere/src/target/networking.ts',
      old: "textAt(existing, 'spec.mac')?.toLowerCase() === customer.mac.toLowerCase()",
      new: "textAt(existing, 'spec.mac') === customer.mac.toUpperCase() + ' '",
    },
    file: 'plugins/vsphere/src/lab.test.ts',
    caughtBy: { [stands]: /VirtualNic/ },
    unmoved: [sideBySide],
  },
  {
    name: 'NexentaStor: what another worker has just made is taken for a failure',
    patch: {
      file: 'plugins/nexenta/src/filesystems.ts',
      old: "    if (!isRefusal(error, 'EEXIST')) throw error;",
      new: '    throw error;',
    },
    file: 'plugins/nexenta/src/interruptions.test.ts',
    caughtBy: {
      'what another worker makes between the look for it and its creation is taken as it is': /could not be created/,
    },
    unmoved: ['each change of a disturbed call takes effect once'],
  },
  {
    name: 'NexentaStor: what has gone already is taken for a failure',
    patch: {
      file: 'plugins/nexenta/src/filesystems.ts',
      old: "    if (!isRefusal(error, 'ENOENT')) throw error;",
      new: '    throw error;',
    },
    file: 'plugins/nexenta/src/interruptions.test.ts',
    caughtBy: { [interruption('removeClone')]: /could not be removed/ },
    unmoved: ['each change of a disturbed call takes effect once'],
  },
  {
    name: 'OVN: a lock is written without a look for it',
    patch: {
      file: 'plugins/network/src/ports.ts',
      old: '    if (drift.length === 0) return snapshot.configuration;\n',
      new: '    if (drift.length === 0 && !port) return snapshot.configuration;\n',
    },
    file: 'plugins/network/src/plugin.test.ts',
    caughtBy: {
      'locking an address happens once when twenty workers ask at the same moment': /expected \d+ to be \d+/,
    },
    race: 'Twenty at once.',
    unmoved: ['the state of a lock is absent for an unknown target'],
  },
];
