import type { Call, Endpoint, Handlers } from './endpoint.ts';
import { invalidArgument } from './fault.ts';
import type { ManagedObject } from './objects.ts';
import { PRIVILEGES } from './privileges.ts';
import { describeSession } from './sessions.ts';
import type { Permission, Role } from './authorization.ts';
import type { MoRef, VimObject } from './value.ts';

/** Roles, permissions, the user directory, and who is signed in. */
export function authorizationHandlers(endpoint: Endpoint): Handlers {
  const { authorization, sessions } = endpoint;

  const describe = (permission: Permission): VimObject => ({
    $type: 'Permission',
    entity: permission.entity,
    principal: permission.principal,
    group: permission.isGroup,
    roleId: permission.roleId,
    propagate: permission.propagate,
  });

  const inheritedBy = (entity: MoRef): Permission[] => {
    const found = [...authorization.at(entity)];
    let parent = endpoint.objects.get(entity).parent();
    while (parent) {
      found.push(...authorization.at(parent).filter((permission) => permission.propagate));
      parent = endpoint.objects.find(parent)?.parent();
    }
    return found;
  };

  const userOf = (call: Call, sessionId: string): string => {
    const session = endpoint.sessions.list().find((each) => each.key === sessionId);
    if (!session) throw invalidArgument('sessionId');
    if (session.key !== call.session.key)
      endpoint.require(call, 'Authorization.ModifyPermissions', endpoint.options.rootFolder);
    return session.userName;
  };

  return {
    AddAuthorizationRole: (call, { name, privIds = [] }) => {
      const role = authorization.addRole(name, privIds);
      endpoint.record(call, true, name);
      return role.id;
    },
    UpdateAuthorizationRole: (call, { roleId, newName, privIds = [] }) => {
      endpoint.record(call, authorization.updateRole(roleId, newName, privIds), newName);
    },
    RemoveAuthorizationRole: (call, { roleId, failIfUsed }) => {
      const name = authorization.roles.get(roleId)?.name ?? String(roleId);
      authorization.removeRole(roleId, failIfUsed);
      endpoint.record(call, true, name);
    },
    SetEntityPermissions: (call, { entity, permission = [] }) => {
      let isChanged = false;
      for (const each of permission) {
        const changed = authorization.set({
          entity,
          principal: sessions.findAccount(each.principal)?.name ?? each.principal,
          isGroup: each.group,
          roleId: each.roleId,
          propagate: each.propagate,
        });
        isChanged = changed || isChanged;
      }
      const names = permission.map((each) => each.principal);
      endpoint.record(call, isChanged, `${endpoint.objects.get(entity).label()} ${names.join(' ')}`);
    },
    ResetEntityPermissions: (call, { entity, permission = [] }) => {
      for (const old of authorization.at(entity)) authorization.remove(entity, old.principal, old.isGroup);
      for (const each of permission) {
        const { principal, group: isGroup, roleId, propagate } = each;
        authorization.set({ entity, principal, isGroup, roleId, propagate });
      }
      endpoint.record(call, true, endpoint.objects.get(entity).label());
    },
    RemoveEntityPermission: (call, { entity, user, isGroup }) => {
      authorization.remove(entity, user, isGroup);
      endpoint.record(call, true, `${endpoint.objects.get(entity).label()} ${user}`);
    },
    RetrieveEntityPermissions: (_call, { entity, inherited }) =>
      (inherited ? inheritedBy(entity) : authorization.at(entity)).map(describe),
    RetrieveAllPermissions: () => authorization.all().map(describe),
    RetrieveRolePermissions: (_call, { roleId }) =>
      authorization
        .all()
        .filter((permission) => permission.roleId === roleId)
        .map(describe),
    HasPrivilegeOnEntities: (call, { entity, sessionId, privId = [] }) => {
      const userName = userOf(call, sessionId);
      return (entity ?? []).map((ref) => {
        const held = authorization.privilegesOf(userName, endpoint.objects.get(ref).ref);
        return {
          entity: ref,
          privAvailability: privId.map((id) => ({ privId: id, isGranted: held.has(id) })),
        };
      });
    },
    HasPrivilegeOnEntity: (call, { entity, sessionId, privId = [] }) => {
      const held = authorization.privilegesOf(userOf(call, sessionId), endpoint.objects.get(entity).ref);
      return privId.map((id) => held.has(id));
    },
    FetchUserPrivilegeOnEntities: (_call, { entities, userName }) =>
      (entities ?? []).map((entity) => ({ entity, privileges: [...authorization.privilegesOf(userName, entity)] })),
    RetrieveUserGroups: (_call, args) => {
      // `LAB\\VPSUSER1001` is found by its whole name, and by its bare one within its domain or anywhere.
      const isMatch = (name: string) => {
        const [domain, bare] = name.includes('\\') ? name.toLowerCase().split('\\', 2) : ['', name.toLowerCase()];
        if (args.domain && domain !== args.domain.toLowerCase()) return false;
        const wanted = args.searchStr.toLowerCase();
        return args.exactMatch ? name.toLowerCase() === wanted || bare === wanted : name.toLowerCase().includes(wanted);
      };
      const users = [...new Set(sessions.accounts.values())]
        .filter((account) => args.findUsers && [account.name, ...(account.aliases ?? [])].some(isMatch))
        .map((account) => ({
          $type: 'UserSearchResult',
          principal: account.name,
          fullName: account.fullName,
          group: false,
        }));
      const groups = [...endpoint.groups]
        .filter((name) => args.findGroups && isMatch(name))
        .map((principal) => ({ $type: 'UserSearchResult', principal, fullName: principal, group: true }));
      return [...users, ...groups];
    },
  };
}

export function describeRole(role: Role): VimObject {
  return {
    $type: 'AuthorizationRole',
    roleId: role.id,
    system: role.isSystem,
    name: role.name,
    info: { label: role.name, summary: role.name },
    privilege: [...role.privileges],
  };
}

/** The managers' own properties: what a client reads to find roles, privileges and sessions. */
export function addManagerProperties(endpoint: Endpoint, content: VimObject): void {
  const replace = (name: string, properties: ManagedObject['properties']) => {
    // The content was made of references by `addServiceInstance`.
    const ref = content[name] as MoRef;
    endpoint.objects.add({
      ref,
      label: () => ref.moType,
      entity: () => undefined,
      parent: () => undefined,
      properties,
    });
  };
  replace('authorizationManager', {
    roleList: () => [...endpoint.authorization.roles.values()].map(describeRole),
    privilegeList: () =>
      PRIVILEGES.map((privId) => ({
        $type: 'AuthorizationPrivilege',
        privId,
        onParent: false,
        name: privId.slice(privId.lastIndexOf('.') + 1),
        privGroupName: privId.slice(0, privId.lastIndexOf('.')),
      })),
    description: () => undefined,
  });
  replace('taskManager', {
    recentTask: () => endpoint.tasks.recent(),
    maxCollector: () => 32,
  });
  replace('userDirectory', { domainList: () => [] });
  replace('sessionManager', {
    sessionList: () => endpoint.sessions.list().map(describeSession),
    currentSession: (session) => (session && session.key !== '' ? describeSession(session) : undefined),
  });
}
