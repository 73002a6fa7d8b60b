import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import type { Tx } from '../database/database.ts';
import { activateTargetAddresses, allocateTargetAddresses, releaseTargetAddresses } from '../networks/allocate.ts';
import { newPassword } from '../secrets/password.ts';
import { openInterval } from '../usage/interval.ts';
import type { Recorder } from '../workflows/workflow.ts';
import { datastoreName, hostNameOf, storageKeyOf } from './naming.ts';
import { enterState, insertTargetAccount, updateTarget, upsertTargetHost } from './store.ts';
import {
  accountNames,
  addressesOf,
  credentialOf,
  hostFact,
  lockedAddressOf,
  networkingOf,
  sessionOf,
  type TargetWork,
} from './target-work.ts';

/** What a step learnt, to be kept: plain and without secrets. */
export type Facts = Record<string, string | number | null>;

export interface TargetStep {
  /** Stable: it is in the ledger of running operations. */
  name: string;
  title: string;
  /** Done at a backend. A repeat changes nothing. */
  act?(work: TargetWork, call: PluginCall): Promise<Facts | void>;
  /** Looks until it gets an answer: for what backends do by themselves. */
  waitFor?: { check(work: TargetWork, call: PluginCall): Promise<Facts | undefined>; timeoutSeconds: number };
  /** Kept in the transaction that marks the step as done. */
  record?(tx: Tx, work: TargetWork, facts: Facts): Promise<void>;
  /** Takes back what the step did, or may have done. Absent: nothing is left of it once the steps before are undone. */
  undo?: { name: string; title: string; act(work: TargetWork, call: PluginCall): Promise<void> };
}

export const provisionWorkflowName = 'provision-target';

/**
 * The runbook. Its order is fixed by security: lock and export list are in force before the machine is first powered on,
 * and undoing goes from the bottom to the top, so that the lock is released last.
 */
export const provisionSteps: readonly TargetStep[] = [
  {
    name: 'reserve-addresses',
    title: 'Reserve addresses',
    async act(work) {
      const { target, scope, services } = work;
      const owner = { targetId: target.id, siteId: target.siteId, networkId: target.networkId };
      await services.database.inScope(scope, (tx) => allocateTargetAddresses(tx, owner));
    },
    record: keepReservation,
    undo: {
      name: 'release-addresses',
      title: 'Give the addresses back',
      async act({ target, scope, services, site }) {
        const rest = { quarantineSeconds: site.policy.quarantineSeconds, wasUsed: true };
        await services.database.inScope(scope, (tx) => releaseTargetAddresses(tx, target.id, rest));
      },
    },
  },
  {
    name: 'lock-address',
    title: 'Lock the management address',
    async act(work, call) {
      const { network } = work.site;
      const locked = lockedAddressOf(work);
      await network.ensureAddressLocked(locked, call);
      const attachment = await network.resolveManagementAttachment(locked, call);
      return { managementPortGroup: attachment.portGroup };
    },
    record: (tx, { scope, target }, facts) =>
      upsertTargetHost(tx, scope, {
        targetId: target.id,
        tenantId: target.tenantId,
        managementPortGroup: String(facts['managementPortGroup']),
      }),
    undo: {
      name: 'unlock-address',
      title: 'Release the address lock',
      async act(work, call) {
        const { targetId, generation } = lockedAddressOf(work);
        await work.site.network.removeAddress({ targetId, generation }, call);
      },
    },
  },
  {
    name: 'await-lock',
    title: 'Wait until the lock is in force',
    waitFor: {
      timeoutSeconds: 120,
      async check(work, call) {
        const lock = await work.site.network.verifyLock(lockedAddressOf(work), call);
        return lock.isConfigured && lock.isRealized ? {} : undefined;
      },
    },
    record: (tx, { scope, target }) => enterState(tx, scope, target.id, 'PROVISIONING'),
  },
  {
    name: 'create-datastore',
    title: 'Create the datastore',
    async act({ site, target }, call) {
      const { storageBytes: sizeBytes, storageClass } = target;
      const spec = { key: storageKeyOf(target.id), sizeBytes, storageClass };
      const { remoteHost, remotePath, guid } = await site.storage.ensureDatastore(spec, call);
      return { remoteHost, remotePath, guid };
    },
    record: (tx, { scope, target }, { remoteHost, remotePath, guid }) =>
      upsertTargetHost(tx, scope, {
        targetId: target.id,
        tenantId: target.tenantId,
        remoteHost: String(remoteHost),
        remotePath: String(remotePath),
        storageGuid: String(guid),
      }),
    undo: {
      name: 'remove-datastore',
      title: 'Remove the datastore',
      act: ({ site, target }, call) => site.storage.removeDatastore({ key: storageKeyOf(target.id) }, call),
    },
  },
  {
    name: 'export-datastore',
    title: 'Let only this target mount it',
    async act(work, call) {
      const hosts = [addressesOf(work).management.ip];
      await work.site.storage.setAccess({ key: storageKeyOf(work.target.id), hosts }, call);
    },
  },
  {
    name: 'create-host',
    title: 'Create the host',
    async act(work, call) {
      const { target, plan, site } = work;
      const { management, customer } = addressesOf(work);
      const { template, ...placement } = site.policy.targetHosts;
      const locked = lockedAddressOf(work);
      const host = await site.compute.ensureTargetHost(
        {
          targetId: target.id,
          tenantId: target.tenantId,
          name: hostNameOf(target.id),
          template,
          placement,
          cpuCount: plan.cpuCount,
          memoryBytes: plan.memoryBytes,
          management: {
            mac: management.mac,
            attachment: await site.network.resolveManagementAttachment(locked, call),
          },
          customer: {
            mac: customer.mac,
            attachment: await site.network.resolveAttachment(
              { networkId: target.networkId, vlanId: customer.vlanId },
              call,
            ),
          },
        },
        call,
      );
      return { hostRef: host.ref, template };
    },
    record: (tx, { scope, target }, { hostRef, template }) =>
      upsertTargetHost(tx, scope, {
        targetId: target.id,
        tenantId: target.tenantId,
        hostRef: String(hostRef),
        template: String(template),
      }),
    undo: { name: 'remove-host', title: 'Remove the host', act: removeHost },
  },
  {
    name: 'power-on',
    title: 'Power the host on',
    act: (work, call) => work.site.compute.ensurePoweredOn({ ref: hostFact(work, 'hostRef') }, call),
  },
  {
    name: 'await-host',
    title: 'Wait until the host answers at its address',
    waitFor: {
      timeoutSeconds: 900,
      async check(work, call) {
        const seen = await work.site.compute.observeTargetHost({ address: addressesOf(work).management.ip }, call);
        // The certificate is pinned from here on, before any credential is sent.
        return seen.isUp && seen.certificateSha256 ? { certificateSha256: seen.certificateSha256 } : undefined;
      },
    },
    record: (tx, { scope, target }, { certificateSha256 }) =>
      updateTarget(tx, scope, target.id, { certificateSha256: String(certificateSha256) }),
  },
  {
    name: 'take-over-credential',
    title: 'Replace the template’s password',
    act: async (work, call) => work.site.compute.ensureTargetCredential(await sessionOf(work), call),
  },
  {
    name: 'configure-network',
    title: 'Connect it to the customer’s network',
    act: async (work, call) =>
      work.site.compute.ensureTargetNetworking(await sessionOf(work), networkingOf(work), call),
  },
  {
    name: 'harden',
    title: 'Switch remote shells off',
    act: async (work, call) => work.site.compute.ensureTargetHardened(await sessionOf(work), call),
  },
  {
    name: 'mount-datastore',
    title: 'Mount the datastore',
    act: async (work, call) => work.site.compute.ensureTargetDatastore(await sessionOf(work), mountOf(work), call),
  },
  {
    name: 'create-account',
    title: 'Create the replication account',
    async act(work, call) {
      const account = { credential: await credentialOf(work, 'REPLICATION'), profile: work.target.credentialProfile };
      const { userName, port } = await work.site.compute.ensureTargetAccount(await sessionOf(work), account, call);
      return { userName, port };
    },
    record: (tx, { scope, target }, { userName, port }) =>
      enterState(tx, scope, target.id, 'VERIFYING', { userName: String(userName), port: Number(port) }),
  },
  {
    name: 'verify',
    title: 'Verify as the replication account',
    async act(work, call) {
      const checks = await work.site.compute.inspectTarget(
        await sessionOf(work),
        {
          networking: networkingOf(work),
          datastore: mountOf(work),
          account: await credentialOf(work, 'REPLICATION'),
          profile: work.target.credentialProfile,
        },
        call,
      );
      const unmet = checks.filter(({ isMet }) => !isMet);
      if (unmet.length > 0) {
        throw new PluginError(
          'conflict',
          'The new target did not pass its final checks, so it was not handed over.',
          unmet.map(({ check, detail }) => `${check}: ${detail}`).join('; '),
        );
      }
      if (checks.length === 0) throw new Error('The plugin reported no checks at all.');
    },
  },
];

export const declaredProvisionSteps = provisionSteps.map(({ name, title }) => ({ name, title }));
export const declaredProvisionUndoSteps = provisionSteps
  .toReversed()
  .flatMap(({ undo }) => (undo ? [{ name: undo.name, title: undo.title }] : []));

/** Both credentials are made and sealed here, before anything uses them: a crash later finds the same ones again. */
async function keepReservation(tx: Tx, work: TargetWork): Promise<void> {
  const { scope, target, services } = work;
  const { management, customer } = addressesOf(work);
  await upsertTargetHost(tx, scope, {
    targetId: target.id,
    tenantId: target.tenantId,
    managementAddress: management.ip,
    managementMac: management.mac,
    managementVlanId: management.vlanId,
    customerMac: customer.mac,
  });
  for (const { kind, userName } of accountNames(target.id)) {
    const owner = { tenantId: target.tenantId, ownerId: target.id, kind };
    const sealedSecret = services.sealer.seal(newPassword(), owner);
    const { tenantId } = target;
    await insertTargetAccount(tx, scope, {
      targetId: target.id,
      tenantId,
      kind,
      userName,
      sealedSecret,
      issuedAt: new Date(),
    });
  }
  await updateTarget(tx, scope, target.id, { customerAddress: customer.ip });
}

/**
 * The last transaction of all: the target is the tenant's, and the operation is over. In one, since whoever sees the target
 * ACTIVE may give it the next operation at once.
 */
export async function handOver(tx: Tx, work: TargetWork, recorder: Recorder): Promise<void> {
  const { scope, target } = work;
  const at = new Date();
  await activateTargetAddresses(tx, target.id);
  await enterState(tx, scope, target.id, 'ACTIVE', {
    health: 'HEALTHY',
    conditions: [],
    currentOperationId: null,
    observedAt: at,
  });
  const start = { tenantId: target.tenantId, siteId: target.siteId, targetId: target.id, at };
  await openInterval(tx, scope, { ...start, meter: 'TARGET_BASE', quantity: 1 });
  const { storageClass, storageBytes } = target;
  await openInterval(tx, scope, { ...start, meter: 'STORAGE_PROVISIONED', storageClass, quantity: storageBytes });
  await recorder.operation({
    status: 'SUCCEEDED',
    percent: 100,
    message: `Replication target ${target.name} is ready.`,
  });
}

export async function removeHost(work: TargetWork, call: PluginCall): Promise<void> {
  const { target, site } = work;
  const managementPortGroup =
    work.host?.managementPortGroup ??
    (await site.network.resolveManagementAttachment(lockedAddressOf(work), call)).portGroup;
  await site.compute.removeTargetHost({ targetId: target.id, name: hostNameOf(target.id), managementPortGroup }, call);
}

function mountOf(work: TargetWork) {
  return { name: datastoreName, remoteHost: hostFact(work, 'remoteHost'), remotePath: hostFact(work, 'remotePath') };
}
