import type { Permission } from '../access/permission.ts';
import type { TargetErrorCode } from './refusal.ts';
import type { TargetState } from './target.ts';

/** What decides whether an operation on a target would be accepted. */
export interface TargetFacts {
  state: TargetState;
  /** An operation on the target as a whole is going on. */
  isBusy: boolean;
  /** A real failover holds machines of it. */
  hasOpenFailover: boolean;
  /** A test still has something of it. */
  hasOpenTest: boolean;
  isCredentialRevealed: boolean;
}

export interface OperationVerdict {
  name: string;
  allowed: boolean;
  code?: TargetErrorCode;
  reason?: string;
}

interface Guard {
  permission: Permission;
  /** The refusal that the mutation itself would answer; undefined when it would accept. */
  refusal(facts: TargetFacts): { code: TargetErrorCode; reason: string } | undefined;
}

const givenUpFrom: readonly TargetState[] = ['ACTIVE', 'SUSPENDED', 'FAILED'];

/** The guards of product.md 4.1, asked by the mutations and by `allowedOperations` alike. */
export const targetGuards = {
  deprovisionReplicationTarget: {
    permission: 'targets:deprovision',
    refusal(facts) {
      if (facts.isBusy) return { code: 'NOT_READY', reason: 'Another operation on this target is still running.' };
      if (!givenUpFrom.includes(facts.state)) {
        return { code: 'NOT_READY', reason: `A target that is ${facts.state} cannot be given up.` };
      }
      if (facts.hasOpenFailover) {
        return { code: 'IN_USE', reason: 'A failover of this target is still open; commit or undo it first.' };
      }
      if (facts.hasOpenTest) {
        return { code: 'IN_USE', reason: 'A test failover of this target is still open; clean it up first.' };
      }
      return undefined;
    },
  },
  revealTargetCredential: {
    permission: 'targets:reveal-credential',
    refusal(facts) {
      if (facts.state !== 'ACTIVE') {
        return { code: 'NOT_READY', reason: 'The credential can be shown once the target is ACTIVE.' };
      }
      if (facts.isCredentialRevealed) {
        return { code: 'ALREADY_REVEALED', reason: 'The credential has been shown already; it is shown once.' };
      }
      return undefined;
    },
  },
} as const satisfies Record<string, Guard>;

export type TargetMutation = keyof typeof targetGuards;

// `Object.keys` forgets the literal type; the table is a constant.
export const targetMutations = Object.keys(targetGuards) as TargetMutation[];

/** What the caller may do with this target now. `may` says whether it holds a permission where the target belongs. */
export async function allowedOperations(
  facts: TargetFacts,
  may: (permission: Permission) => Promise<boolean>,
  names?: readonly string[] | null,
): Promise<OperationVerdict[]> {
  const asked = targetMutations.filter((name) => !names || names.includes(name));
  return Promise.all(
    asked.map(async (name) => {
      const guard: Guard = targetGuards[name];
      if (!(await may(guard.permission))) {
        return { name, allowed: false, reason: `You need the permission ${guard.permission}.` };
      }
      const refusal = guard.refusal(facts);
      return refusal ? { name, allowed: false, ...refusal } : { name, allowed: true };
    }),
  );
}
