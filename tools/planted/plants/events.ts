import type { Plant } from './plant.ts';

const ledger = 'gateway/src/workflows/ledger.ts';
const workflows = 'gateway/src/workflows/workflows.test.ts';
const ofStep = 'what a step tells is there with its end, or not at all';
const ofTransaction = 'what a transaction tells is there with its end, or not at all';
const once = 'an operation runs its steps once each, with a log that has no gap';

/** State and event are one transaction: neither is there without the other. */
export const events: readonly Plant[] = [
  {
    name: 'what follows from a step is recorded in a transaction of its own',
    patch: {
      file: ledger,
      old: 'await record(tx, result, recorderOf(tx, key.operationId));',
      new: `await services.database.inScope(key.scope, (own) =>
        record(own, result, recorderOf(own, key.operationId)),
      );`,
    },
    file: workflows,
    caughtBy: { [ofStep]: /"told"|'told'/ },
    unmoved: [ofTransaction, once],
  },
  {
    name: 'a step’s events are written beside its transaction',
    patch: {
      file: ledger,
      old: 'await record(tx, result, recorderOf(tx, key.operationId));',
      new: `const emit: Recorder['emit'] = async (event) =>
        void (await services.database.inScope(key.scope, (own) => appendEvent(own, key.operationId, event)));
      await record(tx, result, { ...recorderOf(tx, key.operationId), emit });`,
    },
    file: workflows,
    caughtBy: { [ofStep]: /"told"|'told'/ },
    unmoved: [ofTransaction, once],
  },
  {
    name: 'a transaction’s events are written beside it',
    patch: {
      file: ledger,
      old: '    const result = await fn(tx, recorderOf(tx, key.operationId));',
      new: `    const emit: Recorder['emit'] = async (event) =>
      void (await services.database.inScope(key.scope, (own) => appendEvent(own, key.operationId, event)));
    const result = await fn(tx, { ...recorderOf(tx, key.operationId), emit });`,
    },
    file: workflows,
    caughtBy: { [ofTransaction]: /"told"|'told'/ },
    unmoved: [ofStep, once],
  },
];
