import type { Plant } from './plant.ts';

const lostAnswer = (what: string, when: string) =>
  `an answer lost by a '${what}' '${when}' the effect leaves one effect of each step`;

/** A catch that goes on as if nothing had been. */
export const swallowedErrors: readonly Plant[] = [
  {
    name: 'a plugin takes a failed unmount for success',
    patch: {
      file: 'plugins/vsphere/src/production/datastores.ts',
      old: "    if (!isFault(error, 'NotFound', 'ManagedObjectNotFound')) throw error;",
      new: "    call.log.warn({ error: String(error) }, 'unmounting failed');",
    },
    file: 'plugins/vsphere/src/lost-answers.test.ts',
    caughtBy: { [lostAnswer('cut', 'before')]: /RemoveDatastore[^+]*-\s+"unknown-outcome"/ },
    unmoved: ['a target whose lock does not name its address never answers'],
  },
  {
    name: 'a plugin takes every failed removal for absence',
    patch: {
      file: 'plugins/nexenta/src/filesystems.ts',
      old: "    if (!isRefusal(error, 'ENOENT')) throw error;",
      new: "    if (!isRefusal(error, 'ENOENT')) return;",
    },
    file: 'plugins/nexenta/src/interruptions.test.ts',
    caughtBy: {
      'answers at-once removeSnapshot ends in the same state, whichever request is cut or fails': /cut before request/,
    },
    unmoved: ['answers at-once ensureSnapshot ends in the same state, whichever request is cut or fails'],
  },
  {
    name: 'a step that failed for good counts as done',
    patch: {
      file: 'gateway/src/workflows/ledger.ts',
      old: '      if (!isRetried) return { ok: false, problem: kept };',
      new: '      if (!isRetried) return { ok: true, result: null as T };',
    },
    file: 'gateway/src/workflows/workflows.test.ts',
    caughtBy: { 'a permanent refusal is kept with its cause and its remedy, and the workflow decides': /SUCCEEDED/ },
    unmoved: ['an operation runs its steps once each, with a log that has no gap'],
  },
  {
    name: 'a machine that could not be started is not paused',
    patch: {
      file: 'gateway/src/failovers/vm-workflow.ts',
      old: '          pauseVm(tx, scope, recorder, unit, problem, round),\n',
      new: '          recorder.emit({ key: unit, type: "VM_STATE_CHANGED", data: { message: problem.message } }),\n',
    },
    file: 'gateway/src/failovers/failover.test.ts',
    caughtBy: {
      'what stands in the way pauses the machine whose power-on fails for good, and lets the others go on; a retry completes it':
        /BACKEND_REFUSED/,
    },
    race: 'Its machines go side by side.',
    unmoved: ['a whole run starts from the restore point that was asked for'],
  },
  {
    name: 'a failed relocation is told to nobody',
    patch: {
      file: 'gateway/src/failovers/relocate-workflow.ts',
      old: '          if (!isSettled) await pauseVm(tx, scope, recorder, unit, problem, round);\n',
      new: '',
    },
    file: 'gateway/src/failovers/pauses.test.ts',
    caughtBy: {
      'pauses a machine whose disks cannot be moved while it goes on serving, and moves them on a retry': /PAUSED/,
    },
    race: 'Its machines go side by side.',
    unmoved: ['is committed on whatever LUN the provider has balanced it to'],
  },
  {
    name: 'a commit does not hear what was found wrong with a machine',
    patch: {
      file: 'gateway/src/failovers/commit-vm-workflow.ts',
      old: '        return problem as unknown as Json;',
      new: '        return null;',
    },
    file: 'gateway/src/failovers/pauses.test.ts',
    caughtBy: {
      'does not call a run committed while a machine is off': /COMMITTED/,
      'does not call a run committed while a machine is gone': /COMMITTED/,
    },
    unmoved: ['is committed on whatever LUN the provider has balanced it to'],
  },
];
