import type { Handlers, Endpoint } from './endpoint.ts';
import { invalidArgument, VimFault } from './fault.ts';
import { describeSession } from './sessions.ts';
import type { MoRef, VimObject } from './value.ts';

/** Adds the services that every endpoint has, with the session calls. */
export function addServiceInstance(
  endpoint: Endpoint,
  about: VimObject,
  further: Record<string, MoRef> = {},
): VimObject {
  const isHost = endpoint.options.backend === 'esxi';
  const id = (name: string) => (isHost ? `ha-${name.toLowerCase()}` : name);
  const content: VimObject = {
    $type: 'ServiceContent',
    rootFolder: endpoint.options.rootFolder,
    propertyCollector: { moType: 'PropertyCollector', id: 'propertyCollector' },
    viewManager: { moType: 'ViewManager', id: 'ViewManager' },
    about,
    userDirectory: { moType: 'UserDirectory', id: id('UserDirectory') },
    sessionManager: { moType: 'SessionManager', id: id('SessionManager') },
    authorizationManager: { moType: 'AuthorizationManager', id: id('AuthorizationManager') },
    eventManager: { moType: 'EventManager', id: id('EventManager') },
    taskManager: { moType: 'TaskManager', id: id('TaskManager') },
    searchIndex: { moType: 'SearchIndex', id: id('SearchIndex') },
    fileManager: { moType: 'FileManager', id: id('FileManager') },
    virtualDiskManager: { moType: 'VirtualDiskManager', id: id('VirtualDiskManager') },
    ...further,
  };
  for (const [name, ref] of Object.entries(content)) {
    if (name === 'rootFolder' || name === 'about' || typeof ref !== 'object' || ref === null || !('moType' in ref))
      continue;
    // Everything of the content that names a type is a reference.
    const service = ref as MoRef;
    endpoint.objects.add({
      ref: service,
      label: () => service.moType,
      entity: () => undefined,
      parent: () => undefined,
      properties: {},
    });
  }
  endpoint.objects.add({
    ref: { moType: 'ServiceInstance', id: 'ServiceInstance' },
    label: () => 'ServiceInstance',
    entity: () => undefined,
    parent: () => undefined,
    properties: { content: () => content, serverClock: () => new Date() },
  });
  return content;
}

export function sessionHandlers(endpoint: Endpoint, content: VimObject): Handlers {
  return {
    RetrieveServiceContent: () => content,
    CurrentTime: () => new Date(),
    Login: (call, { userName, password }) => {
      const current = call.isSignedIn ? call.session : undefined;
      const session = endpoint.sessions.login(userName, password, current);
      if (!mayDoAnything(endpoint, session.userName)) {
        endpoint.sessions.end(session);
        throw new VimFault(
          'NoPermission',
          { object: endpoint.options.rootFolder, privilegeId: 'System.View' },
          'Permission to perform this operation was denied.',
        );
      }
      call.setCookie(session.cookie);
      endpoint.events.post('UserLoginSessionEvent', session.userName, `User ${session.userName} logged in`);
      return describeSession(session);
    },
    Logout: (call) => {
      endpoint.events.post('UserLogoutSessionEvent', call.session.userName, `User ${call.session.userName} logged out`);
      endpoint.sessions.end(call.session);
      call.setCookie(null);
    },
    SessionIsActive: (call, { sessionID, userName }) => {
      if (endpoint.options.backend === 'esxi') throw new VimFault('NotImplemented', {}, 'Not implemented on a host.');
      endpoint.require(call, 'Sessions.ValidateSession', endpoint.options.rootFolder);
      return endpoint.sessions.list().some((each) => each.key === sessionID && each.userName === userName);
    },
    TerminateSession: (call, { sessionId = [] }) => {
      endpoint.require(call, 'Sessions.TerminateSession', endpoint.options.rootFolder);
      if (sessionId.includes(call.session.key)) throw invalidArgument('sessionId');
      for (const session of endpoint.sessions.list())
        if (sessionId.includes(session.key)) endpoint.sessions.end(session);
    },
  };
}

/** An account without a role anywhere does not get in. */
function mayDoAnything(endpoint: Endpoint, userName: string): boolean {
  const groups = endpoint.sessions.findAccount(userName)?.groups ?? [];
  return endpoint.authorization
    .all()
    .some((permission) =>
      permission.isGroup
        ? groups.some((group) => group.toLowerCase() === permission.principal.toLowerCase())
        : permission.principal.toLowerCase() === userName.toLowerCase(),
    );
}
