// The runbook in words: every step that a failover takes, in its order. Names are in the ledger of running operations and
// never change; titles are for people.

export const runSteps = [
  { name: 'readiness-check', title: 'Check that everything is ready' },
  { name: 'suspend-write-access', title: 'Stop replication to the target' },
  { name: 'snapshot-share', title: 'Snapshot the share' },
] as const;

/** One machine's way to being LIVE. */
export const vmSteps = [
  { name: 'record-manifest', title: 'Note down how the machine is made' },
  { name: 'unregister-from-target', title: 'Unregister from the target' },
  { name: 'mount-datastore', title: 'Mount the datastore on a production host' },
  { name: 'register-in-production', title: 'Register in production' },
  { name: 'protect', title: 'Take the protective snapshot' },
  { name: 'connect-networks', title: 'Connect the networks' },
  { name: 'grant-access', title: 'Grant access' },
  { name: 'power-on', title: 'Power on' },
] as const;

/** What follows once it runs: at once, or when the failover is committed. */
export const relocationSteps = [
  { name: 'relocate-storage', title: 'Move the disks to production storage' },
  { name: 'release-mount', title: 'Unmount the datastore when it is no longer needed' },
  { name: 'restore-write-access', title: 'Allow replication again when no machine is left on the share' },
] as const;

export const commitVmSteps = [
  { name: 'remove-protective-snapshot', title: 'Remove the protective snapshot' },
  { name: 'observe-final-state', title: 'Check the final state' },
] as const;

export const commitRunSteps = [
  { name: 'await-relocations', title: 'Wait until all disks are on production storage' },
  { name: 'remove-share-snapshot', title: 'Remove the snapshot of the share' },
  { name: 'observe-final-state', title: 'Check the final state' },
] as const;

/** A commit that was stopped and asked for again waits anew: what its predecessor saw is in the ledger. */
export function awaitRelocationsIn(round: number): string {
  return round === 1 ? 'await-relocations' : `await-relocations-${round}`;
}

export function commitRunStepsIn(round: number) {
  return commitRunSteps.map(({ name, title }) => ({
    name: name === 'await-relocations' ? awaitRelocationsIn(round) : name,
    title,
  }));
}

/** Everything that a machine's way back may consist of. */
export const backSteps = {
  revokeAccess: { name: 'revoke-access', title: 'Take access away' },
  revert: { name: 'revert-machine', title: 'Take the machine back to how it was' },
  dropSnapshot: { name: 'drop-protective-snapshot', title: 'Remove the protective snapshot' },
  mount: { name: 'mount-for-return', title: 'Mount the datastore for the way back' },
  returnStorage: { name: 'return-storage', title: 'Move the disks back to the share' },
  unregister: { name: 'unregister-from-production', title: 'Unregister from production' },
  register: { name: 'register-on-target', title: 'Register on the target' },
} as const;

/** How a machine that never ran in production is put back. */
export const skipSteps = [backSteps.revert, backSteps.unregister, backSteps.register] as const;

/** And one that ran: its owner is kept out first, and its disks may have to come back. */
export const undoSteps = Object.values(backSteps);

/** What an undo does once for all of its machines. */
export const undoRunSteps = [
  { name: 'stop-relocations', title: 'Stop moving disks' },
  { name: 'suspend-write-access', title: 'Stop replication to the target' },
  { name: 'remove-share-snapshot', title: 'Remove the snapshot of the share' },
] as const;

/** These are taken anew each time something of a run is undone. */
export function inRound(name: string, round: number): string {
  return `${name}-${round}`;
}

/** What a test does once for each target, before its first copy is started. */
export const testRunSteps = [
  { name: 'readiness-check', title: 'Check that everything is ready' },
  { name: 'snapshot-share', title: 'Snapshot the share' },
  { name: 'clone-share', title: 'Clone the snapshot' },
  { name: 'export-clone', title: 'Let the chosen production hosts mount the clone' },
  { name: 'mount-clone', title: 'Mount the clone on the chosen production hosts' },
] as const;

/** Once for each site. */
export const testSiteSteps = [{ name: 'isolate-network', title: 'Make the isolated network' }] as const;

/** One machine's copy, on its way to run. */
export const testVmSteps = [
  { name: 'record-manifest', title: 'Note down how the machine is made' },
  { name: 'register-copy', title: 'Register the copy in production' },
  { name: 'revert-copy', title: 'Go back to the restore point' },
  { name: 'connect-networks', title: 'Connect the isolated network' },
  { name: 'grant-access', title: 'Grant access' },
  { name: 'power-on', title: 'Power on' },
] as const;

/** One step: a copy that its owner switches on again meanwhile is switched off again by the next try. */
export const cleanUpVmSteps = [{ name: 'remove-copy', title: 'Power the copy off and unregister it' }] as const;

export const cleanUpTargetSteps = [
  { name: 'unmount-clone', title: 'Unmount the clone' },
  { name: 'remove-clone', title: 'Remove the clone' },
  { name: 'remove-share-snapshot', title: 'Remove the snapshot of the share' },
] as const;

export const cleanUpSiteSteps = [{ name: 'remove-isolated-network', title: 'Remove the isolated network' }] as const;

type Step = { readonly name: string; readonly title: string };
type NameIn<Steps extends readonly Step[]> = Steps[number]['name'];
export type RunStepName = NameIn<typeof runSteps>;
export type VmStepName = NameIn<typeof vmSteps>;
export type TestVmStepName = NameIn<typeof testVmSteps>;

export function titleOf<Steps extends readonly Step[]>(steps: Steps, name: NameIn<Steps>): string {
  const found = steps.find((step) => step.name === name);
  if (!found) throw new Error(`There is no step ${name}.`);
  return found.title;
}

/** A run over several targets takes its share-wide steps once for each. */
export function stepOfTarget(name: string, targetId: string, isOnlyTarget: boolean): string {
  return isOnlyTarget ? name : `${name}@${targetId}`;
}

export const readinessSteps = [{ name: 'readiness-check', title: 'Check that everything is ready' }] as const;

export const workflowNames = {
  readiness: 'readiness-check',
  run: 'failover',
  vm: 'failover-vm',
  relocate: 'relocate-vm',
  commit: 'commit-failover',
  commitVm: 'commit-failover-vm',
  retry: 'retry-failover',
  skip: 'skip-failover-vms',
  skipVm: 'skip-failover-vm',
  undo: 'undo-failover',
  undoVm: 'undo-failover-vm',
  test: 'test-failover',
  testVm: 'test-failover-vm',
  cleanUp: 'clean-up-test',
  cleanUpVm: 'clean-up-test-vm',
} as const;
