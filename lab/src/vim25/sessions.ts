import { randomUUID } from 'node:crypto';
import { VimFault } from './fault.ts';
import type { VimObject } from './value.ts';

export interface Account {
  readonly name: string;
  /** Other spellings that sign in as the same account. */
  readonly aliases?: readonly string[];
  password: string;
  fullName: string;
  readonly groups: readonly string[];
}

export interface Session {
  /** The secret in the cookie. */
  readonly cookie: string;
  readonly key: string;
  readonly userName: string;
  readonly fullName: string;
  readonly loginTime: Date;
  lastActiveTime: Date;
  callCount: number;
}

/** Accounts and the sessions they have open. */
export class Sessions {
  readonly accounts = new Map<string, Account>();
  private readonly open = new Map<string, Session>();
  private readonly onEnd: ((session: Session) => void)[] = [];

  constructor(private readonly idleMilliseconds = 30 * 60_000) {}

  addAccount(account: Account): void {
    for (const name of [account.name, ...(account.aliases ?? [])]) this.accounts.set(name.toLowerCase(), account);
  }

  removeAccount(name: string): void {
    const account = this.findAccount(name);
    if (!account) return;
    for (const known of [account.name, ...(account.aliases ?? [])]) this.accounts.delete(known.toLowerCase());
    for (const session of this.open.values()) if (session.userName === account.name) this.end(session);
  }

  findAccount(name: string): Account | undefined {
    return this.accounts.get(name.toLowerCase());
  }

  /** Signs in. A second sign-in on a live session, an unknown name and a wrong password all look the same. */
  login(userName: string, password: string, current: Session | undefined): Session {
    const account = this.findAccount(userName);
    if (current || !account || account.password !== password) {
      throw new VimFault('InvalidLogin', {}, 'Cannot complete login due to an incorrect user name or password.');
    }
    const now = new Date();
    const session: Session = {
      cookie: randomUUID().replaceAll('-', '') + randomUUID().replaceAll('-', ''),
      key: randomUUID(),
      userName: account.name,
      fullName: account.fullName,
      loginTime: now,
      lastActiveTime: now,
      callCount: 0,
    };
    this.open.set(session.cookie, session);
    return session;
  }

  /** The live session of this cookie; using it keeps it alive. */
  find(cookie: string | undefined): Session | undefined {
    const session = cookie === undefined ? undefined : this.open.get(cookie);
    if (!session) return undefined;
    if (Date.now() - session.lastActiveTime.getTime() > this.idleMilliseconds) {
      this.end(session);
      return undefined;
    }
    session.lastActiveTime = new Date();
    session.callCount += 1;
    return session;
  }

  end(session: Session): void {
    if (!this.open.delete(session.cookie)) return;
    for (const told of this.onEnd) told(session);
  }

  /** As if every session had expired: what a restart of the service does. */
  endAll(): void {
    for (const session of this.open.values()) this.end(session);
  }

  list(): Session[] {
    return [...this.open.values()];
  }

  whenEnded(told: (session: Session) => void): void {
    this.onEnd.push(told);
  }
}

export function describeSession(session: Session): VimObject {
  return {
    $type: 'UserSession',
    key: session.key,
    userName: session.userName,
    fullName: session.fullName,
    loginTime: session.loginTime,
    lastActiveTime: session.lastActiveTime,
    locale: 'en',
    messageLocale: 'en',
    extensionSession: false,
    ipAddress: '127.0.0.1',
    userAgent: '',
    callCount: session.callCount,
  };
}
