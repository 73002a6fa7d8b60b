import type { Permission } from '../access/permission.ts';
import type { ProtectedVmState } from '../protected-vms/protected-vm.ts';
import type { FailoverPhase, FailoverVmState } from './failover.ts';
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

/** What decides about a run as a whole. */
export interface RunFacts {
  phase: FailoverPhase;
  vmStates: readonly FailoverVmState[];
}

const unfinished: readonly FailoverVmState[] = ['WAITING', 'STARTING', 'PAUSED', 'FAILED', 'GOING_BACK'];

/** Machines that stand still: a retry goes on with them, a skip leaves them out. */
export const stopped: readonly FailoverVmState[] = ['PAUSED', 'WAITING', 'GOING_BACK'];

interface Guard {
  permission: Permission;
  /** The refusal that the mutation itself would answer; undefined when it would accept. */
  refusal(facts: RunFacts): Refusal | undefined;
}

export const runGuards = {
  commitFailover: {
    permission: 'failovers:commit',
    refusal({ phase, vmStates }) {
      if (phase !== 'LIVE' && phase !== 'PAUSED') {
        return notInPhase(`A failover that is ${phase} cannot be committed; it has to be LIVE.`);
      }
      if (vmStates.some((state) => unfinished.includes(state))) {
        return notInPhase('Machines of this failover are paused; retry or skip them first.');
      }
      return undefined;
    },
  },
  retryFailover: {
    permission: 'failovers:control',
    refusal: ({ phase }) =>
      phase === 'PAUSED' ? undefined : notInPhase(`A failover that is ${phase} has nothing to retry.`),
  },
  skipVms: {
    permission: 'failovers:control',
    refusal: ({ phase, vmStates }) =>
      phase === 'PAUSED' && vmStates.some((state) => stopped.includes(state))
        ? undefined
        : notInPhase(`A failover that is ${phase} has no machine that can be left out.`),
  },
} as const satisfies Record<string, Guard>;

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
  if (names && !names.includes('startFailover')) return [];
  return [await verdict('startFailover', 'failovers:start', may, () => startRefusal(facts))];
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
