import type {
  Credential,
  CredentialProfile,
  PluginCall,
  TargetCheck,
  TargetNetworkingSpec,
} from '@bulkhead/plugin-sdk';
import { all, booleanAt, textAt, type MoRef, type XmlElement } from '../soap/element.ts';
import { mountsOf, type NfsMountSpec } from '../production/datastores.ts';
import { list, read } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { isFault } from '../session/vim-fault.ts';
import { observeShells } from './hardening.ts';
import { nestedHost, type NestedHost } from './nested-host.ts';
import {
  defaultGatewayOf,
  followOption,
  followsHardwareMac,
  hasAddress,
  isSameRoute,
  networkInfo,
  staticRoutesOf,
  vmkernelNic,
} from './networking.ts';
import { neededToReplicate, neverForTenants } from './privileges.ts';

export interface Expected {
  networking: TargetNetworkingSpec;
  datastore: NfsMountSpec;
  account: Credential;
  profile: CredentialProfile;
}

/** Checks everything that was promised, the last part signed in as the tenant's account. Read only. */
export async function inspectTarget(
  session: VimSession,
  expected: Expected,
  openAs: (credential: Credential) => VimSession,
  call: PluginCall,
): Promise<TargetCheck[]> {
  const host = await nestedHost(session, call);
  const info = await networkInfo(host, call);
  return [
    await checkFollows(host, info, expected.networking, call),
    checkManagement(info, expected.networking),
    checkCustomer(info, expected.networking),
    checkRoutes(info, expected.networking),
    checkGateway(info, expected.networking),
    await checkShells(host, call),
    await checkDatastore(host, expected.datastore, call),
    ...(await checkAccount(openAs(expected.account), expected, call)),
  ];
}

async function checkFollows(
  host: NestedHost,
  info: XmlElement,
  { management }: TargetNetworkingSpec,
  call: PluginCall,
): Promise<TargetCheck> {
  const mac = textAt(vmkernelNic(info, 'vmk0'), 'spec.mac')?.toLowerCase();
  const isSet = await followsHardwareMac(host, call).catch((error: unknown) => {
    if (isFault(error, 'InvalidName')) return false;
    throw error;
  });
  const detail = `${followOption} is ${isSet ? 'set' : 'not set'}; vmk0 has ${mac ?? 'no MAC'}, expected ${management.mac}`;
  return { check: 'follows-hardware-mac', isMet: isSet && mac === management.mac.toLowerCase(), detail };
}

function checkManagement(info: XmlElement, { management }: TargetNetworkingSpec): TargetCheck {
  const address = textAt(vmkernelNic(info, 'vmk0'), 'spec.ip.ipAddress');
  const detail = `vmk0 has ${address ?? 'no address'}, expected ${management.address}`;
  return { check: 'management-address', isMet: address === management.address, detail };
}

function checkCustomer(info: XmlElement, { customer }: TargetNetworkingSpec): TargetCheck {
  const nic = all(info, 'vnic').find((one) => textAt(one, 'spec.mac')?.toLowerCase() === customer.mac.toLowerCase());
  const address = textAt(nic, 'spec.ip.ipAddress');
  const detail = `the VMkernel NIC with ${customer.mac} has ${address ?? 'no address'}, expected ${customer.address}/${customer.prefixLength}`;
  return { check: 'customer-address', isMet: nic !== undefined && hasAddress(nic, customer), detail };
}

function checkRoutes(info: XmlElement, { staticRoutes }: TargetNetworkingSpec): TargetCheck {
  const present = staticRoutesOf(info);
  const missing = staticRoutes.filter((one) => !present.some((other) => isSameRoute(one, other)));
  const more = present.filter((one) => !staticRoutes.some((other) => isSameRoute(one, other)));
  const named = (routes: typeof present) =>
    routes.map((route) => `${route.network}/${route.prefixLength} by ${route.gateway}`).join(', ') || 'none';
  const detail = `missing: ${named([...missing])}; superfluous: ${named(more)}`;
  return { check: 'static-routes', isMet: missing.length === 0 && more.length === 0, detail };
}

function checkGateway(info: XmlElement, { defaultGateway }: TargetNetworkingSpec): TargetCheck {
  const gateway = defaultGatewayOf(info);
  const detail = `default gateway is ${gateway ?? 'unset'}, expected ${defaultGateway}`;
  return { check: 'default-gateway', isMet: gateway === defaultGateway, detail };
}

async function checkShells(host: NestedHost, call: PluginCall): Promise<TargetCheck> {
  const { open } = await observeShells(host, call);
  return { check: 'remote-shell-off', isMet: open.length === 0, detail: open.join('; ') || 'SSH and shell are off' };
}

async function checkDatastore(host: NestedHost, wanted: NfsMountSpec, call: PluginCall): Promise<TargetCheck> {
  const mounted = (await mountsOf(host.session, host.ref, call)).find((one) => one.name === wanted.name);
  const isMet =
    mounted !== undefined &&
    mounted.isAccessible &&
    mounted.remoteHost === wanted.remoteHost &&
    mounted.remotePath === wanted.remotePath;
  const seen = mounted
    ? `${mounted.name} from ${mounted.remoteHost}:${mounted.remotePath}, ${mounted.isAccessible ? '' : 'not '}accessible`
    : `no datastore ${wanted.name}`;
  return { check: 'datastore-mounted', isMet, detail: `${seen}; expected ${wanted.remoteHost}:${wanted.remotePath}` };
}

/** Signs in as the tenant's software does, and asks the host itself what this account may do. */
async function checkAccount(own: VimSession, expected: Expected, call: PluginCall): Promise<TargetCheck[]> {
  try {
    const root = (await own.about(call)).service('rootFolder');
    const datastores = await list(own, root, 'Datastore', ['name'], call);
    const sees = datastores.some((one) => textAt(one.get('name')) === expected.datastore.name);
    const granted = await grantedTo(own, root, [...neededToReplicate, ...neverForTenants], call);
    const lacking = neededToReplicate.filter((id) => !granted.has(id));
    const tooMuch = neverForTenants.filter((id) => granted.has(id));
    const isRoot = expected.profile === 'ROOT_EQUIVALENT';
    return [
      {
        check: 'account-can-replicate',
        isMet: sees && lacking.length === 0,
        detail: `${sees ? 'sees' : 'does not see'} ${expected.datastore.name}; lacks: ${lacking.join(', ') || 'nothing'}`,
      },
      {
        check: 'account-is-limited',
        isMet: isRoot || tooMuch.length === 0,
        detail: isRoot
          ? 'administrator, as its profile says'
          : `may, and should not: ${tooMuch.join(', ') || 'nothing'}`,
      },
    ];
  } catch (error) {
    if (!isFault(error, 'InvalidLogin', 'NoPermission')) throw error;
    const detail = `${error.fault} for ${expected.account.userName}`;
    return [
      { check: 'account-can-replicate', isMet: false, detail },
      { check: 'account-is-limited', isMet: false, detail },
    ];
  } finally {
    await own.close();
  }
}

async function grantedTo(own: VimSession, entity: MoRef, privId: string[], call: PluginCall): Promise<Set<string>> {
  const manager = (await own.about(call)).service('sessionManager');
  const current = (await read(own, manager, ['currentSession'], call)).get('currentSession');
  const args = { entity: [entity], sessionId: textAt(current, 'key') ?? '', privId };
  const answers = await own.callService('authorizationManager', 'HasPrivilegeOnEntities', args, call);
  const availability = answers.flatMap((answer) => all(answer, 'privAvailability'));
  return new Set(
    availability.filter((one) => booleanAt(one, 'isGranted')).flatMap((one) => textAt(one, 'privId') ?? []),
  );
}
