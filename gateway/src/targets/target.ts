export const targetStates = [
  'REQUESTED',
  'RESERVING',
  'PROVISIONING',
  'VERIFYING',
  'ACTIVE',
  'UPDATING',
  'SUSPENDING',
  'SUSPENDED',
  'RESUMING',
  'FAILED',
  'DEPROVISIONING',
  'RETAINED',
  'DEPROVISIONED',
] as const;
export type TargetState = (typeof targetStates)[number];

export const healthStates = ['HEALTHY', 'DEGRADED', 'UNREACHABLE', 'NON_COMPLIANT', 'UNKNOWN'] as const;
export type Health = (typeof healthStates)[number];

export const credentialProfiles = ['LIMITED_ROLE', 'ROOT_EQUIVALENT'] as const;
export type CredentialProfile = (typeof credentialProfiles)[number];

/** product.md 4.1. A state that is not named here as a destination cannot be entered. */
export const targetTransitions: Readonly<Record<TargetState, readonly TargetState[]>> = {
  REQUESTED: ['RESERVING', 'FAILED'],
  RESERVING: ['PROVISIONING', 'FAILED'],
  PROVISIONING: ['VERIFYING', 'FAILED'],
  VERIFYING: ['ACTIVE', 'FAILED'],
  ACTIVE: ['UPDATING', 'SUSPENDING', 'DEPROVISIONING'],
  UPDATING: ['VERIFYING'],
  SUSPENDING: ['SUSPENDED'],
  SUSPENDED: ['RESUMING', 'DEPROVISIONING'],
  RESUMING: ['VERIFYING'],
  FAILED: ['RESERVING', 'DEPROVISIONING'],
  DEPROVISIONING: ['RETAINED', 'DEPROVISIONED', 'FAILED'],
  RETAINED: ['RESERVING', 'DEPROVISIONED'],
  DEPROVISIONED: [],
};

export function mayEnter(from: TargetState, to: TargetState): boolean {
  return targetTransitions[from].includes(to);
}
