import type { Handlers } from '../vim25/endpoint.ts';
import { invalidArgument, VimFault } from '../vim25/fault.ts';
import type { House } from './house.ts';

/** Accounts of a host itself: they sign in as soon as they have a permission. */
export function localAccountHandlers(house: House): Handlers {
  const { endpoint } = house;
  const { sessions } = endpoint;
  return {
    CreateUser: (call, { user }) => {
      if (!/^[a-z_][\w.-]{0,31}$/i.test(user.id)) throw invalidArgument('user.id');
      if (sessions.findAccount(user.id)) {
        throw new VimFault('AlreadyExists', { name: user.id }, `The account ${user.id} already exists.`);
      }
      requireStrong(user.password);
      sessions.addAccount({
        name: user.id,
        password: user.password ?? '',
        fullName: user.description ?? '',
        groups: [],
      });
      endpoint.record(call, true, user.id);
    },
    UpdateUser: (call, { user }) => {
      const account = sessions.findAccount(user.id);
      if (!account) throw userNotFound(user.id);
      if (user.password !== undefined) requireStrong(user.password);
      const isChanged =
        (user.password !== undefined && user.password !== account.password) ||
        (user.description !== undefined && user.description !== account.fullName);
      account.password = user.password ?? account.password;
      account.fullName = user.description ?? account.fullName;
      endpoint.record(call, isChanged, user.id);
    },
    RemoveUser: (call, { userName }) => {
      if (!sessions.findAccount(userName)) throw userNotFound(userName);
      if (userName === 'root') throw new VimFault('SecurityError', {}, 'root cannot be removed.');
      for (const permission of endpoint.authorization.all()) {
        if (permission.principal.toLowerCase() !== userName.toLowerCase() || permission.isGroup) continue;
        endpoint.authorization.remove(permission.entity, permission.principal, false);
      }
      sessions.removeAccount(userName);
      endpoint.record(call, true, userName);
    },
  };
}

const userNotFound = (principal: string) =>
  new VimFault('UserNotFound', { principal, unresolved: true }, `The user ${principal} was not found.`);

/** The default rule of a host: seven characters or more, of three kinds. */
function requireStrong(password: string | undefined): void {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password ?? ''));
  if (password === undefined || password.length < 7 || kinds.length < 3) throw invalidArgument('user.password');
}
