/** Why a request about a target is refused, in the codes of its user errors. */
export const targetErrorCodes = [
  'NOT_FOUND',
  'INVALID',
  'NO_CAPACITY',
  'NETWORK_NOT_OWNED',
  'NAME_TAKEN',
  'NOT_READY',
  'IN_USE',
  'CONFIRMATION_MISMATCH',
  'ALREADY_REVEALED',
  'SIGN_IN_AGAIN',
  'IDEMPOTENCY_KEY_REUSED',
] as const;
export type TargetErrorCode = (typeof targetErrorCodes)[number];

/** An outcome that the caller can act on: one entry of the payload's `userErrors`. */
export interface TargetRefusal {
  code: TargetErrorCode;
  message: string;
  /** The path behind `input`. */
  field: string[];
}

/** Thrown inside a use case's transaction, so that nothing of it stays: not even the idempotency key. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';

  constructor(readonly refusal: TargetRefusal) {
    super(refusal.message);
  }
}

export function refused(code: TargetErrorCode, field: string[], message: string): TargetRefused {
  return new TargetRefused({ code, field, message });
}

/** Runs a use case and answers a refusal as data; everything else goes on being thrown. */
export async function orRefusal<T extends object>(run: () => Promise<T>): Promise<T | { refusal: TargetRefusal }> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof TargetRefused) return { refusal: error.refusal };
    throw error;
  }
}
