import type { Plant } from './plant.ts';

const idempotency = 'gateway/src/workflows/idempotency.ts';
const eventLog = 'gateway/src/workflows/event-log.ts';
const workflows = 'gateway/src/workflows/workflows.test.ts';
const wholeRun = 'a whole run brings every machine up, moves it, and is committed when all of it has been seen';
const oneKey =
  'twenty at once under one key make one thing; another input under it is told apart; a refusal burns nothing';
const refusal = 'a permanent refusal is kept with its cause and its remedy, and the workflow decides';
const doorbells = 'every event rings once with its number, and every queued operation with its id';

/** Done too early, done twice, or done without telling. */
export const lifecycle: readonly Plant[] = [
  {
    name: 'the address lock is released before the host is gone',
    patch: {
      file: 'gateway/src/targets/deprovision-steps.ts',
      old: '      if (work.addresses) await removeHost(work, call);',
      new: `      if (work.addresses) await work.site.network.removeAddress(lockedAddressOf(work), call);
      if (work.addresses) await removeHost(work, call);`,
    },
    file: 'gateway/src/targets/provision.test.ts',
    caughtBy: {
      'takes a target down in reverse, its lock last, and lets its addresses rest':
        /to deeply equal \[ 3, 4, 5, 6, 7 \]/,
    },
    unmoved: ['gives a name once, even to two at once'],
  },
  {
    name: 'a relocation counts as done when it has begun',
    patch: {
      file: 'gateway/src/failovers/relocate-workflow.ts',
      old: "    if ((await look(work, vm, call)) === 'goes-on') return undefined;\n",
      new: '    await compute.beginRelocate(vm, call);\n    return { datastore, isGivenUp: false };\n',
    },
    file: 'gateway/src/failovers/failover.test.ts',
    caughtBy: { [wholeRun]: /\+\s+"phase": "PAUSED"/ },
    race: 'Its machines go side by side.',
    unmoved: ['a whole run starts from the restore point that was asked for'],
  },
  {
    name: 'a commit does not wait for the relocations',
    patch: {
      file: 'gateway/src/failovers/commit-workflow.ts',
      old: "      if (!isOver || vms.some(({ state }) => state === 'LIVE' || state === 'RELOCATING')) return undefined;\n",
      new: '',
    },
    file: 'gateway/src/failovers/pauses.test.ts',
    caughtBy: {
      'ends no machine before its disks have arrived, however long they are on their way': /\+\s+"SUCCEEDED"/,
    },
    unmoved: ['is committed on whatever LUN the provider has balanced it to'],
  },
  {
    name: 'an idempotency key is not looked for',
    patch: { file: idempotency, old: '  if (known) {', new: '  if (known && known.key !== key) {' },
    file: workflows,
    caughtBy: { [oneKey]: /to be 1|Failed query/ },
    race: 'Twenty at once.',
    unmoved: [refusal],
  },
  {
    name: 'an idempotency key answers whatever is asked under it',
    patch: { file: idempotency, old: 'known.inputHash === inputHash ?', new: 'known.inputHash.length > 0 ?' },
    file: workflows,
    caughtBy: { [oneKey]: /IDEMPOTENCY_KEY_REUSED/ },
    race: 'Twenty at once.',
    unmoved: [refusal],
  },
  {
    name: 'an event does not ring its doorbell',
    patch: {
      file: eventLog,
      old: "    returning sequence, pg_notify(${eventChannel}, operation_id || ':' || sequence)`);",
      new: '    returning sequence`);',
    },
    file: workflows,
    caughtBy: { [doorbells]: /-\s+"op_\w+:\d+"/ },
    unmoved: [refusal],
  },
  {
    name: 'a step that ends does not ring the doorbell',
    patch: {
      file: 'gateway/src/workflows/effect-record.ts',
      old: "select ${answer} (select pg_notify(${eventChannel}, operation_id || ':' || sequence) from told) as rung`;",
      new: 'select ${answer} (select sequence from told) as rung`;',
    },
    file: workflows,
    caughtBy: { [doorbells]: /-\s+"op_\w+:\d+"/ },
    unmoved: [refusal],
  },
  {
    name: 'a queued operation does not ring its doorbell',
    patch: {
      file: 'gateway/src/workflows/queue-operation.ts',
      old: '  await tx.execute(sql`select pg_notify(${queueChannel}, ${id})`);\n',
      new: '',
    },
    file: workflows,
    caughtBy: { [doorbells]: /-\s+"op_\w+"/ },
    unmoved: [refusal],
  },
];
