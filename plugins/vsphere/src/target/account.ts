import {
  PluginError,
  type Credential,
  type CredentialProfile,
  type PluginCall,
  type TargetAccess,
} from '@bulkhead/plugin-sdk';
import { members, textAt } from '../soap/element.ts';
import { grant, listRoles, type Role } from '../production/permissions.ts';
import { read } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { isFault } from '../session/vim-fault.ts';
import { canSignIn } from './credential.ts';
import { replicationPrivileges } from './privileges.ts';

const description = 'Bulkhead: the account of the customer’s replication software';

/** Makes role and account, or corrects them, the password included. */
export async function ensureTargetAccount(
  session: VimSession,
  account: { credential: Credential; profile: CredentialProfile },
  roleName: string,
  openAs: (credential: Credential) => VimSession,
  call: PluginCall,
): Promise<void> {
  const { credential, profile } = account;
  await ensureUser(session, credential, openAs, call);
  await setTargetAccess(session, { userName: credential.userName, profile, access: 'replicate' }, roleName, call);
}

/** Gives the account its role on everything, or read-only. */
export async function setTargetAccess(
  session: VimSession,
  account: { userName: string; profile: CredentialProfile; access: TargetAccess },
  roleName: string,
  call: PluginCall,
): Promise<void> {
  const roles = await listRoles(session, call);
  const roleId =
    account.access === 'read-only'
      ? systemRole(session, roles, 'ReadOnly')
      : account.profile === 'ROOT_EQUIVALENT'
        ? systemRole(session, roles, 'Admin')
        : await ensureRole(session, roles, roleName, call);
  const root = (await session.about(call)).service('rootFolder');
  await grant(session, root, { principal: account.userName, roleId }, call);
}

function systemRole(session: VimSession, roles: readonly Role[], name: string): number {
  const role = roles.find((one) => one.name === name);
  if (role) return role.id;
  throw new PluginError(
    'not-found',
    'The target lacks a role that every host has; the provider has to look into it.',
    `${session.address} has no role ${name}`,
  );
}

/** The limited role with exactly the privileges of ours that this release knows. Returns its id. */
async function ensureRole(
  session: VimSession,
  roles: readonly Role[],
  name: string,
  call: PluginCall,
): Promise<number> {
  const privIds = await knownPrivileges(session, call);
  const existing = roles.find((role) => role.name === name);
  if (existing) {
    // Three system privileges are always added by the host.
    const has = existing.privileges.filter((id) => !/^System\.(Anonymous|View|Read)$/.test(id));
    const isRight = has.length === privIds.length && privIds.every((id) => has.includes(id));
    if (!isRight) {
      const args = { roleId: existing.id, newName: name, privIds };
      await session.callService('authorizationManager', 'UpdateAuthorizationRole', args, call);
    }
    return existing.id;
  }
  try {
    const [made] = await session.callService('authorizationManager', 'AddAuthorizationRole', { name, privIds }, call);
    if (made) return Number(made.text);
  } catch (error) {
    if (!isFault(error, 'AlreadyExists')) throw error;
  }
  const now = (await listRoles(session, call)).find((role) => role.name === name);
  if (now) return now.id;
  throw new PluginError(
    'unknown-outcome',
    'The role could not be seen after it was made; it is tried again.',
    `role ${name}`,
  );
}

async function knownPrivileges(session: VimSession, call: PluginCall): Promise<string[]> {
  const manager = (await session.about(call)).service('authorizationManager');
  const object = await read(session, manager, ['privilegeList'], call);
  const known = new Set(members(object.get('privilegeList')).flatMap((one) => textAt(one, 'privId') ?? []));
  // A host that does not tell its privileges refuses an unknown one by name.
  return known.size === 0 ? [...replicationPrivileges] : replicationPrivileges.filter((id) => known.has(id));
}

async function ensureUser(
  session: VimSession,
  credential: Credential,
  openAs: (credential: Credential) => VimSession,
  call: PluginCall,
): Promise<void> {
  const user = { id: credential.userName, password: credential.password, description };
  if (!(await isUser(session, credential.userName, call))) {
    try {
      await session.callService('accountManager', 'CreateUser', { user }, call);
      return;
    } catch (error) {
      if (!isFault(error, 'AlreadyExists')) throw error;
    }
  }
  // Setting the same password again ends its owner's sessions on some releases, and others refuse it: so look first.
  const own = openAs(credential);
  try {
    if (await canSignIn(own, call)) return;
  } finally {
    await own.close();
  }
  await session.callService('accountManager', 'UpdateUser', { user }, call);
}

async function isUser(session: VimSession, name: string, call: PluginCall): Promise<boolean> {
  const args = { searchStr: name, exactMatch: true, findUsers: true, findGroups: false };
  const found = await session.callService('userDirectory', 'RetrieveUserGroups', args, call);
  return found.some((one) => textAt(one, 'principal') === name);
}
