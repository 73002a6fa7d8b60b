import type { Permission } from '../access/permission.ts';
import type { ProtectedVmState, TestState } from '../protected-vms/protected-vm.ts';
import { wentBack, type FailoverPhase, type FailoverType, type FailoverVmState, type PauseReason } from './failover.ts';
import type { FailoverErrorCode } from './refusal.ts';

export interface Refusal {
  code: FailoverErrorCode;
  reason: string;
}

export interface OperationVerdict {
  name: string;
  allowed: boolean;
  code?: FailoverErrorCode;
  reason?: string;
}

/** What decides whether a machine may be failed over. */
export interface VmFacts {
  name: string;
  state: ProtectedVmState;
  testState: TestState;
  /** It is in an open real run. */
  isBusy: boolean;
  isUsable: boolean;
  /** Its target can be failed over from. */
  isTargetReady: boolean;
}

const inOurHands: readonly ProtectedVmState[] = [
  'FAILING_OVER',
  'FAILOVER_FAILED',
  'FAILED_OVER',
  'COMMITTING',
  'ROLLING_BACK',
  'FAILING_BACK',
  'FAILED_BACK',
];

/** Asked by `startFailover` for each machine, and by `ProtectedVm.allowedOperations`. */
export function startRefusal({ name, state, isBusy, isUsable, isTargetReady }: VmFacts): Refusal | undefined {
  if (isBusy || inOurHands.includes(state)) return { code: 'VM_BUSY', reason: `${name} is failing over already.` };
  if (state === 'RECOVERED') {
    return { code: 'VM_NOT_PROTECTED', reason: `${name} runs in production since its failover was committed.` };
  }
  if (state !== 'PROTECTED' || !isUsable) {
    return { code: 'VM_NOT_PROTECTED', reason: `${name} has no restore point that could be started.` };
  }
  if (!isTargetReady) return { code: 'TARGET_NOT_READY', reason: `The target of ${name} is not in service.` };
  return undefined;
}

/** Asked by `startTestFailover`: as for a real one, and one test at a time. */
export function startTestRefusal(facts: VmFacts): Refusal | undefined {
  const { name, testState } = facts;
  if (testState !== 'NONE') return { code: 'VM_BUSY', reason: `${name} is in a test already.` };
  return startRefusal(facts);
}

/** One machine's part in a run, as far as it decides what may be done. */
export interface PartFacts {
  state: FailoverVmState;
  /** It has been on in production. */
  hasRun: boolean;
}

/** What decides about a run as a whole. */
export interface RunFacts {
  type: FailoverType;
  phase: FailoverPhase;
  pauseReason: PauseReason | null;
  /** Protective snapshots are going, or gone. */
  isCommitBegun: boolean;
  /** One for each machine, or for each kind of machine that there is. */
  parts: readonly PartFacts[];
}

const unfinished: readonly FailoverVmState[] = ['WAITING', 'STARTING', 'PAUSED', 'FAILED', 'GOING_BACK'];

/** Machines that stand still: a retry goes on with them, a skip leaves them out. */
const stopped: readonly FailoverVmState[] = ['PAUSED', 'WAITING', 'GOING_BACK'];

export const isStopped = ({ state }: Pick<PartFacts, 'state'>): boolean => stopped.includes(state);
export const isSkippable = ({ state, hasRun }: PartFacts): boolean => stopped.includes(state) && !hasRun;
/** Whatever takes part can be taken back, but for what is at this moment on its way. */
export const isUndoable = ({ state }: Pick<PartFacts, 'state'>): boolean =>
  state !== 'STARTING' && !wentBack.includes(state);

interface Guard {
  permission: Permission;
  /** The refusal that the mutation itself would answer; undefined when it would accept. */
  refusal(facts: RunFacts): Refusal | undefined;
}

const cancellable: readonly FailoverPhase[] = [
  'QUEUED',
  'AWAITING_APPROVAL',
  'PREFLIGHT',
  'AWAITING_SOURCE',
  'RUNNING',
  'PAUSING',
  'PAUSED',
];

/** A test that has made something; before that it is cancelled. */
const cleanable: readonly FailoverPhase[] = ['RUNNING', 'TEST_LIVE', 'CLEANUP_FAILED'];

export const runGuards = {
  commitFailover: {
    permission: 'failovers:commit',
    refusal({ type, phase, parts }) {
      if (type === 'TEST') return notInPhase('A test is never made final; start a failover instead.');
      if (phase !== 'LIVE' && phase !== 'PAUSED') {
        return notInPhase(`A failover that is ${phase} cannot be committed; it has to be LIVE.`);
      }
      if (parts.some(({ state }) => unfinished.includes(state))) {
        return notInPhase('Machines of this failover are paused; retry or skip them first.');
      }
      return undefined;
    },
  },
  undoFailover: {
    permission: 'failovers:undo',
    refusal({ type, phase, isCommitBegun, parts }) {
      if (type === 'TEST') return notInPhase('A test has nothing to undo; clean it up.');
      if (phase !== 'LIVE' && phase !== 'PAUSED') {
        return notInPhase(`A failover that is ${phase} cannot be undone; it has to be LIVE or PAUSED.`);
      }
      if (isCommitBegun) return notInPhase(commitHasBegun);
      return parts.some(isUndoable) ? undefined : notInPhase('No machine of this failover is away from its target.');
    },
  },
  cancelFailover: {
    permission: 'failovers:cancel',
    refusal({ type, phase, isCommitBegun }) {
      if (type === 'TEST' && phase === 'TEST_LIVE') return notInPhase('The test runs: clean it up to end it.');
      if (phase === 'LIVE') return notInPhase('The machines are live: undo the failover to take them back.');
      if (!cancellable.includes(phase)) return notInPhase(`A failover that is ${phase} cannot be cancelled.`);
      return isCommitBegun ? notInPhase(commitHasBegun) : undefined;
    },
  },
  pauseFailover: {
    permission: 'failovers:control',
    refusal({ type, phase }) {
      if (type === 'TEST') return notInPhase('A test does not pause; clean it up and start another.');
      if (phase === 'RUNNING') return undefined;
      return notInPhase(`A failover that is ${phase} cannot be paused; it has to be RUNNING.`);
    },
  },
  resumeFailover: {
    permission: 'failovers:control',
    refusal: ({ phase, pauseReason }) =>
      phase === 'PAUSED' && pauseReason === 'USER'
        ? undefined
        : notInPhase(
            phase === 'PAUSED'
              ? 'This failover was not paused by a person: remove the cause and retry it.'
              : `A failover that is ${phase} cannot be resumed.`,
          ),
  },
  retryFailover: {
    permission: 'failovers:control',
    refusal: ({ phase }) =>
      phase === 'PAUSED' ? undefined : notInPhase(`A failover that is ${phase} has nothing to retry.`),
  },
  cleanUpTestFailover: {
    permission: 'failovers:test',
    refusal({ type, phase }) {
      if (type !== 'TEST') return notInPhase('This is no test: commit it, or undo it.');
      return cleanable.includes(phase) ? undefined : notInPhase(`A test that is ${phase} cannot be cleaned up.`);
    },
  },
  extendTestFailover: {
    permission: 'failovers:test',
    refusal({ type, phase }) {
      if (type !== 'TEST') return notInPhase('This is no test: it has no time that could be extended.');
      return phase === 'TEST_LIVE'
        ? undefined
        : notInPhase(`A test that is ${phase} cannot be extended; it has to be TEST_LIVE.`);
    },
  },
  skipVms: {
    permission: 'failovers:control',
    refusal: ({ phase, parts }) =>
      phase === 'PAUSED' && parts.some(isSkippable)
        ? undefined
        : notInPhase(`A failover that is ${phase} has no machine that can be left out.`),
  },
} as const satisfies Record<string, Guard>;

const commitHasBegun = 'Its commit has begun, and with it the protective snapshots go: it can only be committed.';

function notInPhase(reason: string): Refusal {
  return { code: 'NOT_ALLOWED_IN_PHASE', reason };
}

export type RunMutation = keyof typeof runGuards;

// `Object.keys` forgets the literal type; the table is a constant.
export const runMutations = Object.keys(runGuards) as RunMutation[];

/** What the caller may do with this run now. `may` says whether it holds a permission where the run belongs. */
export async function runVerdicts(
  facts: RunFacts,
  may: (permission: Permission) => Promise<boolean>,
  names?: readonly string[] | null,
): Promise<OperationVerdict[]> {
  return Promise.all(
    runMutations
      .filter((name) => !names || names.includes(name))
      .map((name) => verdict(name, runGuards[name].permission, may, () => runGuards[name].refusal(facts))),
  );
}

/** What the caller may do with this machine now. */
export async function vmVerdicts(
  facts: VmFacts,
  may: (permission: Permission) => Promise<boolean>,
  names?: readonly string[] | null,
): Promise<OperationVerdict[]> {
  const verdicts = [
    { name: 'startFailover', permission: 'failovers:start', refusal: startRefusal },
    { name: 'startTestFailover', permission: 'failovers:test', refusal: startTestRefusal },
  ] as const;
  const asked = verdicts.filter(({ name }) => !names || names.includes(name));
  return Promise.all(
    asked.map(({ name, permission, refusal }) => verdict(name, permission, may, () => refusal(facts))),
  );
}

async function verdict(
  name: string,
  permission: Permission,
  may: (permission: Permission) => Promise<boolean>,
  refusalOf: () => Refusal | undefined,
): Promise<OperationVerdict> {
  if (!(await may(permission))) return { name, allowed: false, reason: `You need the permission ${permission}.` };
  const refusal = refusalOf();
  return refusal ? { name, allowed: false, ...refusal } : { name, allowed: true };
}
