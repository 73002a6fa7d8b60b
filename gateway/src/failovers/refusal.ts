/** Why a request about a failover is refused, in the codes of its user errors. */
export const failoverErrorCodes = [
  'NOT_FOUND',
  'INVALID',
  'VM_BUSY',
  'VM_NOT_PROTECTED',
  'TARGET_NOT_READY',
  'NETWORK_NOT_OWNED',
  'NETWORK_NOT_ATTACHABLE',
  'RESTORE_POINT_GONE',
  'PLAN_CHANGED',
  'CONFIRMATION_MISMATCH',
  'NOT_ALLOWED_IN_PHASE',
  'IDEMPOTENCY_KEY_REUSED',
] as const;
export type FailoverErrorCode = (typeof failoverErrorCodes)[number];

/** An outcome that the caller can act on: one entry of the payload's `userErrors`. */
export interface FailoverRefusal {
  code: FailoverErrorCode;
  message: string;
  /** The path behind `input`. */
  field: string[];
  /** The machine that it is about. */
  vmId?: string;
}

/** Thrown inside a use case's transaction, so that nothing of it stays: not even the idempotency key. */
export class FailoverRefused extends Error {
  override readonly name = 'FailoverRefused';

  constructor(readonly refusals: readonly FailoverRefusal[]) {
    super(refusals.map(({ code, message }) => `${code}: ${message}`).join('; '));
  }
}

export function refused(code: FailoverErrorCode, field: string[], message: string, vmId?: string): FailoverRefused {
  return new FailoverRefused([{ code, field, message, ...(vmId === undefined ? {} : { vmId }) }]);
}

/** Runs a use case and answers refusals as data; everything else goes on being thrown. */
export async function orRefusals<T extends object>(
  run: () => Promise<T>,
): Promise<T | { refusals: readonly FailoverRefusal[] }> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof FailoverRefused) return { refusals: error.refusals };
    throw error;
  }
}
