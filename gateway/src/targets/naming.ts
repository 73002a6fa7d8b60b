// Every name that we give to something of a target in a backend. By them an effect is found again after a crash, so a
// name is never typed by a person and never changes.

/** The datastore's key on the storage appliance. */
export function storageKeyOf(targetId: string): string {
  return targetId.replaceAll('_', '-');
}

/** The nested host's virtual machine in production. */
export function hostNameOf(targetId: string): string {
  return `bh-${storageKeyOf(targetId)}`;
}

/** The account that the tenant's replication software signs in with. ESXi allows 31 characters. */
export function replicationAccountOf(targetId: string): string {
  return `bhrep-${targetId.slice(-10)}`;
}

/** The account that we act with on the nested host. */
export const rootAccount = 'root';

/** What the tenant's share is called on its nested host. */
export const datastoreName = 'Replica';
