import type { ComputePlugin } from '@bulkhead/plugin-sdk';
import type { VsphereConfig } from './config.ts';
import type { Connections } from './connections.ts';
import { ensureMounted, removeMount } from './production/datastores.ts';
import { told } from './session/plugin-errors.ts';
import { observeEndpoint } from './session/probing.ts';
import { normalizeFingerprint } from './session/trust.ts';
import { ensureTargetAccount, setTargetAccess } from './target/account.ts';
import { ensureTargetCredential } from './target/credential.ts';
import { ensureTargetHardened } from './target/hardening.ts';
import { inspectTarget } from './target/inspection.ts';
import { nestedHost } from './target/nested-host.ts';
import { ensureTargetNetworking } from './target/networking.ts';
import { listReplicas, registerReplica, unregisterReplica } from './target/replicas.ts';

type TargetCalls = Pick<
  ComputePlugin,
  | 'observeTargetHost'
  | 'ensureTargetCredential'
  | 'ensureTargetNetworking'
  | 'ensureTargetHardened'
  | 'ensureTargetDatastore'
  | 'removeTargetDatastore'
  | 'ensureTargetAccount'
  | 'setTargetAccess'
  | 'inspectTarget'
  | 'listReplicas'
  | 'unregisterReplica'
  | 'registerReplica'
>;

/** The calls that go to a nested host itself. */
export function targetCalls(connections: Connections, config: VsphereConfig): TargetCalls {
  const roleName = config.replicationRole ?? 'Bulkhead replication target';
  const port = config.targetPort ?? 443;
  const names = {
    virtualSwitch: config.targetNetwork?.virtualSwitch ?? 'vSwitch1',
    portGroup: config.targetNetwork?.portGroup ?? 'Customer',
  };
  return {
    observeTargetHost: (endpoint, call) => {
      const pinned = endpoint.certificateSha256;
      return observeEndpoint(
        connections.openUnknown(endpoint),
        pinned === undefined ? undefined : normalizeFingerprint(pinned),
        call,
      );
    },
    ensureTargetCredential: (target, call) =>
      told('secure the target', () =>
        ensureTargetCredential(
          {
            own: connections.target(target),
            open: (credential) => connections.openTarget(target.endpoint, credential),
          },
          config.templateCredential,
          call,
        ),
      ),
    ensureTargetNetworking: (target, spec, call) =>
      told('set up the target’s networks', () => {
        // A new connection, and so a new route: the old one may live on by what the host remembers.
        const proveReachable = async () => {
          const fresh = connections.openTarget(target.endpoint, target.credential);
          try {
            await fresh.about(call);
          } finally {
            await fresh.close();
          }
        };
        return ensureTargetNetworking(connections.target(target), spec, names, proveReachable, call);
      }),
    ensureTargetHardened: (target, call) =>
      told('close the target’s shells', () => ensureTargetHardened(connections.target(target), call)),
    ensureTargetDatastore: (target, mount, call) =>
      told('mount the target’s storage', async () => {
        const session = connections.target(target);
        await ensureMounted(session, (await nestedHost(session, call)).ref, mount, call);
      }),
    removeTargetDatastore: (target, mount, call) =>
      told('unmount the target’s storage', async () => {
        const session = connections.target(target);
        await removeMount(session, (await nestedHost(session, call)).ref, mount.name, call);
      }),
    ensureTargetAccount: (target, account, call) =>
      told('make the target’s account', async () => {
        await ensureTargetAccount(
          connections.target(target),
          account,
          roleName,
          (credential) => connections.openTarget(target.endpoint, credential),
          call,
        );
        return { userName: account.credential.userName, port };
      }),
    setTargetAccess: (target, account, call) =>
      told('change the target’s access', () => setTargetAccess(connections.target(target), account, roleName, call)),
    inspectTarget: (target, expected, call) =>
      told('inspect the target', () =>
        inspectTarget(
          connections.target(target),
          expected,
          (credential) => connections.openTarget(target.endpoint, credential),
          call,
        ),
      ),
    listReplicas: (target, datastore, call) =>
      told('list the replicas', () => listReplicas(connections.target(target), datastore.name, call)),
    unregisterReplica: (target, replica, call) =>
      told('unregister the replica', () => unregisterReplica(connections.target(target), replica.vmxPath, call)),
    registerReplica: (target, replica, call) =>
      told('register the replica', async () => ({
        ref: (await registerReplica(connections.target(target), replica, call)).value,
      })),
  };
}
