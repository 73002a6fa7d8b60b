import { invalidArgument, VimFault } from './fault.ts';
import { ALWAYS_GRANTED, PRIVILEGES } from './privileges.ts';
import type { Objects } from './objects.ts';
import type { MoRef } from './value.ts';

export interface Role {
  readonly id: number;
  name: string;
  readonly isSystem: boolean;
  privileges: ReadonlySet<string>;
}

export interface Permission {
  readonly entity: MoRef;
  readonly principal: string;
  readonly isGroup: boolean;
  roleId: number;
  propagate: boolean;
}

const ADMIN = -1;
const SYSTEM_ROLES: readonly [number, string, readonly string[]][] = [
  [-5, 'NoAccess', []],
  [-4, 'Anonymous', ['System.Anonymous']],
  [-3, 'View', ['System.Anonymous', 'System.View']],
  [-2, 'ReadOnly', ALWAYS_GRANTED],
  [ADMIN, 'Admin', PRIVILEGES],
];

/** Roles and permissions of one endpoint, and the decision they come to. */
export class Authorization {
  readonly roles = new Map<number, Role>();
  private readonly permissions = new Map<string, Permission[]>();
  private nextRole = 101;

  /** `groupsOf` answers with undefined for an account that does not exist. */
  constructor(
    private readonly objects: Objects,
    private readonly groupsOf: (principal: string) => readonly string[] | undefined,
    private readonly isKnownGroup: (name: string) => boolean = () => false,
  ) {
    for (const [id, name, privileges] of SYSTEM_ROLES) {
      this.roles.set(id, { id, name, isSystem: true, privileges: new Set(privileges) });
    }
  }

  addRole(name: string, privileges: readonly string[]): Role {
    if (name.trim() === '') throw new VimFault('InvalidName', { name }, 'The name of a role is empty.');
    this.refuseTaken(name);
    const role = { id: this.nextRole, name, isSystem: false, privileges: completed(privileges) };
    this.nextRole += 1;
    this.roles.set(role.id, role);
    return role;
  }

  updateRole(id: number, name: string, privileges: readonly string[]): boolean {
    const role = this.customRole(id);
    if (role.name !== name) this.refuseTaken(name);
    const wanted = completed(privileges);
    const isSame =
      role.name === name &&
      wanted.size === role.privileges.size &&
      [...wanted].every((privilege) => role.privileges.has(privilege));
    role.name = name;
    role.privileges = wanted;
    return !isSame;
  }

  removeRole(id: number, failIfUsed: boolean): void {
    const role = this.customRole(id);
    const users = [...this.permissions.values()].flat().filter((permission) => permission.roleId === id);
    if (failIfUsed && users.length > 0) throw new VimFault('RemoveFailed', {}, `Role ${role.name} is in use.`);
    for (const [key, list] of this.permissions) {
      const rest = list.filter((permission) => permission.roleId !== id);
      if (rest.length < list.length) this.permissions.set(key, rest);
    }
    this.roles.delete(id);
  }

  /** Adds or replaces. True when anything changed. */
  set(permission: Permission): boolean {
    if (!this.roles.has(permission.roleId)) {
      throw new VimFault('NotFound', {}, `Role ${permission.roleId} does not exist.`);
    }
    const isKnown = permission.isGroup
      ? this.isKnownGroup(permission.principal)
      : this.groupsOf(permission.principal) !== undefined;
    if (!isKnown) {
      const { principal } = permission;
      throw new VimFault(
        'UserNotFound',
        { principal, unresolved: true },
        `The user or group ${principal} was not found.`,
      );
    }
    const list = this.at(permission.entity);
    const known = list.find((other) => isSamePrincipal(other, permission.principal, permission.isGroup));
    if (known && known.roleId === permission.roleId && known.propagate === permission.propagate) return false;
    if (known) Object.assign(known, { roleId: permission.roleId, propagate: permission.propagate });
    else this.permissions.set(permission.entity.id, [...list, permission]);
    this.objects.touch(permission.entity);
    return true;
  }

  remove(entity: MoRef, principal: string, isGroup: boolean): void {
    const list = this.at(entity);
    const rest = list.filter((permission) => !isSamePrincipal(permission, principal, isGroup));
    if (rest.length === list.length) {
      throw new VimFault('NotFound', {}, `${principal} has no permission on ${entity.moType}:${entity.id}.`);
    }
    const admins = [...this.permissions.values()].flat().filter((permission) => permission.roleId === ADMIN);
    const removed = list.find((permission) => !rest.includes(permission));
    if (removed?.roleId === ADMIN && admins.length === 1) {
      throw new VimFault('AuthMinimumAdminPermission', {}, 'At least one administrator must remain.');
    }
    this.permissions.set(entity.id, rest);
    this.objects.touch(entity);
  }

  /** Everything said about this entity itself. */
  at(entity: MoRef): Permission[] {
    return this.permissions.get(entity.id) ?? [];
  }

  all(): Permission[] {
    return [...this.permissions.values()].flat();
  }

  /** Permissions go with the entity: an unregistered machine loses them. */
  forget(entity: MoRef): void {
    this.permissions.delete(entity.id);
  }

  /** From the entity upwards the first level that says anything about this account decides; a user beats groups. */
  privilegesOf(principal: string, entity: MoRef): ReadonlySet<string> {
    const groups = this.groupsOf(principal) ?? [];
    let current: MoRef | undefined = entity;
    while (current) {
      const isSelf = current === entity;
      const applying = this.at(current).filter((permission) => isSelf || permission.propagate);
      const own = applying.filter((permission) => isSamePrincipal(permission, principal, false));
      const theirs = applying.filter((p) => p.isGroup && groups.some((group) => isSamePrincipal(p, group, true)));
      const deciding = own.length > 0 ? own : theirs;
      if (deciding.length > 0) {
        return new Set(deciding.flatMap((permission) => [...(this.roles.get(permission.roleId)?.privileges ?? [])]));
      }
      current = this.objects.find(current)?.parent();
    }
    return new Set();
  }

  /** @throws NoPermission */
  require(principal: string, privilegeId: string, entity: MoRef): void {
    if (this.privilegesOf(principal, entity).has(privilegeId)) return;
    const missing = [{ entity, privilegeIds: [privilegeId] }];
    throw new VimFault(
      'NoPermission',
      { object: entity, privilegeId, missingPrivileges: missing },
      `Permission to perform this operation was denied. Required privilege ${privilegeId} on ${entity.moType}:${entity.id}.`,
    );
  }

  private customRole(id: number): Role {
    const role = this.roles.get(id);
    if (!role) throw new VimFault('NotFound', {}, `Role ${id} does not exist.`);
    if (role.isSystem) throw invalidArgument('roleId');
    return role;
  }

  private refuseTaken(name: string): void {
    if ([...this.roles.values()].some((role) => role.name === name)) {
      throw new VimFault('AlreadyExists', { name }, `The role ${name} already exists.`);
    }
  }
}

function isSamePrincipal(permission: Permission, principal: string, isGroup: boolean): boolean {
  return permission.isGroup === isGroup && permission.principal.toLowerCase() === principal.toLowerCase();
}

function completed(privileges: readonly string[]): Set<string> {
  if (privileges.some((privilege) => !PRIVILEGES.includes(privilege))) throw invalidArgument('privIds');
  return new Set([...ALWAYS_GRANTED, ...privileges]);
}
