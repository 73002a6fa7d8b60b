import type { Plant } from './plant.ts';

const share = 'gateway/src/failovers/share.ts';
const waves = 'keeps the waves of a target apart and gives its write access back with the last machine';
const stuck = 'pauses a machine whose disks cannot be moved while it goes on serving, and moves them on a retry';
const order = 'a whole run takes the steps of each machine in the founding order, and the shared ones once';
const restorePoint = 'a whole run starts from the restore point that was asked for';
const balanced = 'is committed on whatever LUN the provider has balanced it to';
const twoHosts = 'exports a share to the hosts of every wave, and takes each off with its last machine';

/** What is one thing to many is given up by the last of them. */
export const mounts: readonly Plant[] = [
  {
    name: 'a run unmounts the share although another wave is on it',
    patch: {
      file: share,
      old: '({ failoverId, hostRef }) => hostRef === key.hostRef && failoverId !== key.failoverId,',
      new: '() => false,',
    },
    file: 'gateway/src/failovers/pauses.test.ts',
    caughtBy: { [waves]: /\+\s+"10\.8\.0\.21"/ },
    unmoved: [balanced],
  },
  {
    name: 'the first machine to leave unmounts the share under the others of its run',
    patch: { file: share, old: "row?.state !== 'HELD' || isNeeded", new: "row?.state !== 'HELD'" },
    file: 'gateway/src/failovers/pauses.test.ts',
    caughtBy: { [stuck]: /\+\s+"pauseReason": "ERROR"|to not include 'removeDatastoreMount'/ },
    race: 'Its machines go side by side.',
    unmoved: [balanced],
  },
  {
    name: 'the export list is written without the nested host',
    patch: {
      file: share,
      old: '[...new Set([addressesOf(work).management.ip, ...hosts])]',
      new: '[...new Set(hosts)]',
    },
    file: 'gateway/src/failovers/pauses.test.ts',
    caughtBy: { [waves]: /-\s+"10\.9\./ },
    unmoved: [balanced],
  },
  {
    name: 'the export list is overwritten with the hosts of one run',
    patch: {
      file: share,
      old: '      return exportedTo(tx, scope, target);',
      new: '      return [addressesOf(target).management.ip, storageAddress];',
    },
    file: 'gateway/src/failovers/pauses.test.ts',
    caughtBy: { [twoHosts]: /-\s+"10\.8\.0\.21"/ },
    unmoved: [balanced],
  },
  {
    name: 'a host is taken off the export list before it has unmounted',
    patch: {
      file: share,
      old: `    await site.compute.removeDatastoreMount({ hostRef: key.hostRef, name: row.name }, call);
    // Read right before it is written: unmounting takes its time.
    const hosts = await inScope((tx) => exportedTo(tx, scope, work, key));
    await site.storage.setAccess({ key: storageKeyOf(key.targetId), hosts }, call);`,
      new: `    const hosts = await inScope((tx) => exportedTo(tx, scope, work, key));
    await site.storage.setAccess({ key: storageKeyOf(key.targetId), hosts }, call);
    await site.compute.removeDatastoreMount({ hostRef: key.hostRef, name: row.name }, call);`,
    },
    file: 'gateway/src/failovers/failover.test.ts',
    caughtBy: { [order]: /to be less than/ },
    race: 'Its machines go side by side.',
    unmoved: [restorePoint],
  },
];
