import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import {
  all,
  booleanAt,
  isSameRef,
  members,
  numberAt,
  refAt,
  textAt,
  type MoRef,
  type XmlElement,
} from '../soap/element.ts';
import { read } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { isFault } from '../session/vim-fault.ts';

export interface Role {
  readonly id: number;
  readonly name: string;
  readonly privileges: readonly string[];
}

export interface Grant {
  readonly principal: string;
  readonly roleId: number;
  readonly isGroup: boolean;
  readonly propagates: boolean;
}

export async function listRoles(session: VimSession, call: PluginCall): Promise<Role[]> {
  const content = await session.about(call);
  const manager = await read(session, content.service('authorizationManager'), ['roleList'], call);
  return members(manager.get('roleList')).flatMap((role) => {
    const id = numberAt(role, 'roleId');
    const privileges = all(role, 'privilege').flatMap((one) => textAt(one) ?? []);
    return id === undefined ? [] : [{ id, name: textAt(role, 'name') ?? '', privileges }];
  });
}

/** The permissions defined on exactly this object. */
export async function grantsOn(session: VimSession, entity: MoRef, call: PluginCall): Promise<Grant[]> {
  const args = { entity, inherited: false };
  const permissions = await session.callService('authorizationManager', 'RetrieveEntityPermissions', args, call);
  return permissions.filter((one) => isOn(one, entity)).flatMap(grantOf);
}

function isOn(permission: XmlElement, entity: MoRef): boolean {
  const on = refAt(permission, 'entity');
  return on === undefined || isSameRef(on, entity);
}

function grantOf(permission: XmlElement): Grant[] {
  const [principal, roleId] = [textAt(permission, 'principal'), numberAt(permission, 'roleId')];
  if (principal === undefined || roleId === undefined) return [];
  return [
    { principal, roleId, isGroup: booleanAt(permission, 'group'), propagates: booleanAt(permission, 'propagate') },
  ];
}

/** Principals are compared as the directory does: without regard to case. */
export function isSamePrincipal(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Gives a user one role on one object, instead of any other that he has there. */
export async function grant(
  session: VimSession,
  entity: MoRef,
  wanted: { principal: string; roleId: number },
  call: PluginCall,
): Promise<void> {
  const existing = (await grantsOn(session, entity, call)).find((one) =>
    isSamePrincipal(one.principal, wanted.principal),
  );
  if (existing?.roleId === wanted.roleId && existing.propagates && !existing.isGroup) return;
  const permission = [{ principal: wanted.principal, group: false, roleId: wanted.roleId, propagate: true }];
  await session.callService('authorizationManager', 'SetEntityPermissions', { entity, permission }, call);
}

/** Gives a tenant's principal a role, by name, on one machine. @throws PluginError `not-found`. */
export async function ensureAccess(
  session: VimSession,
  vm: MoRef,
  access: { principal: string; role: string },
  call: PluginCall,
): Promise<void> {
  const role = (await listRoles(session, call)).find((one) => one.name === access.role);
  if (!role)
    throw new PluginError(
      'not-found',
      'The role that was to be given is not there; the provider has to look into it.',
      `vCenter has no role named ${access.role}`,
    );
  try {
    await grant(session, vm, { principal: access.principal, roleId: role.id }, call);
  } catch (error) {
    if (!isFault(error, 'UserNotFound')) throw error;
    throw new PluginError(
      'not-found',
      'Your account at the provider was not found; the provider has to look into it.',
      `vCenter knows no principal ${access.principal}`,
      { cause: error },
    );
  }
}

/** Takes a principal's role on one machine away. Absent, machine or role, is success. */
export async function removeAccess(session: VimSession, vm: MoRef, principal: string, call: PluginCall): Promise<void> {
  try {
    const existing = (await grantsOn(session, vm, call)).find((one) => isSamePrincipal(one.principal, principal));
    if (!existing) return;
    const args = { entity: vm, user: existing.principal, isGroup: existing.isGroup };
    await session.callService('authorizationManager', 'RemoveEntityPermission', args, call);
  } catch (error) {
    if (!isFault(error, 'ManagedObjectNotFound', 'NotFound')) throw error;
  }
}
