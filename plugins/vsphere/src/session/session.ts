import { setTimeout as sleep } from 'node:timers/promises';
import { PluginError, type Credential, type PluginCall } from '@bulkhead/plugin-sdk';
import { at, ref, refAt, textAt, type MoRef, type XmlElement } from '../soap/element.ts';
import { methodOf, type MethodName } from '../soap/methods.ts';
import { readXml } from '../soap/read-xml.ts';
import type { DataObject } from '../soap/value.ts';
import { writeBody, writeEnvelope } from '../soap/write-xml.ts';
import { chooseVersion } from './api-version.ts';
import { Unanswered, type Transport } from './transport.ts';
import { isFault, readSoapFault } from './vim-fault.ts';

export const serviceInstance: MoRef = ref('ServiceInstance', 'ServiceInstance');

/** What `RetrieveServiceContent` tells: the doors of this endpoint. */
export interface ServiceContent {
  readonly apiType: string;
  readonly product: string;
  readonly version: string;
  /** @throws PluginError `unimplemented` when the endpoint has no such service. */
  service(name: string): MoRef;
}

export type CallContext = Pick<PluginCall, 'callId' | 'signal'>;

export interface SessionOptions {
  /** Opened when first needed, and again after the session was closed for idleness. */
  open(): Transport;
  credential: Credential;
  /** Sign out after so long without a call. Absent: never. */
  idleMs?: number;
  onIdle?(): void;
  loginTimeoutMs: number;
}

/** A refused password is not tried again for so long: hosts lock an account after a few failures. */
const refusedLoginPauseMs = 60_000;

/**
 * One signed-in account at one endpoint. Signs in when first needed, once for all who wait, and again when the server
 * has forgotten it; then only calls that may be repeated are.
 */
export class VimSession {
  private transport: Transport | undefined;
  private content: Promise<ServiceContent> | undefined;
  private login: Promise<void> | undefined;
  /** Set exactly while signed in; sent back verbatim. */
  private cookie: string | undefined;
  private pendingCookie: string | undefined;
  private refused: { at: number; error: unknown } | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private callsUnderWay = 0;
  /** Grows with each sign-in: views and filters made before it are gone. */
  private generation = 0;
  private soapAction = 'urn:vim25/6.5';

  constructor(private readonly options: SessionOptions) {}

  get credential(): Credential {
    return this.options.credential;
  }

  get address(): string {
    return this.wire().address;
  }

  get signIns(): number {
    return this.generation;
  }

  /** Signs in if need be; what an account can do is learnt by calls. @throws VimFault `InvalidLogin`. */
  async signIn(context: CallContext): Promise<void> {
    await this.busyWhile(() => this.ensureSignedIn(context));
  }

  async about(context: CallContext): Promise<ServiceContent> {
    return this.busyWhile(() => this.serviceContent(context));
  }

  /** Calls a method of a service by its name in the service content. */
  async callService(name: string, method: MethodName, args: DataObject, context: CallContext): Promise<XmlElement[]> {
    const content = await this.about(context);
    return this.call(method, content.service(name), args, context);
  }

  /**
   * Calls a method, signed in. Returns its `returnval` elements.
   * @throws VimFault, NotConnected or Unanswered; the caller's boundary turns them into PluginErrors.
   */
  async call(method: MethodName, self: MoRef, args: DataObject, context: CallContext): Promise<XmlElement[]> {
    return this.busyWhile(async () => {
      await this.ensureSignedIn(context);
      const seen = this.generation;
      try {
        return await this.post(method, self, args, context);
      } catch (error) {
        if (isFault(error, 'NotAuthenticated')) {
          this.forgetSignIn(seen);
          if (!mayRepeat(method)) throw error;
          await this.ensureSignedIn(context);
          return this.post(method, self, args, context);
        }
        // A kept-alive connection may have been closed by the server just as it was used again.
        if (error instanceof Unanswered && error.reason === 'cut' && mayRepeat(method)) {
          context.signal.throwIfAborted();
          return this.post(method, self, args, context);
        }
        throw error;
      }
    });
  }

  /** Forgets the session of that generation: the next call signs in anew. */
  forgetSignIn(generation: number): void {
    if (generation !== this.generation) return;
    this.cookie = undefined;
  }

  /** The password has been set anew: it may be tried at once. */
  forgiveRefusal(): void {
    this.refused = undefined;
  }

  /** Signs out, as far as the server still answers, and closes the connections. The next call opens anew. */
  async close(): Promise<void> {
    clearTimeout(this.idleTimer);
    const { transport, cookie, content } = this;
    // Let go of first: a call that comes meanwhile opens a connection of its own.
    this.transport = undefined;
    this.content = undefined;
    this.cookie = undefined;
    if (!transport) return;
    try {
      if (cookie && content) await this.signOut(transport, cookie, (await content).service('sessionManager'));
    } catch (error) {
      // The server ends an unused session by itself.
      if (!(error instanceof Error)) throw error;
    } finally {
      await transport.close();
    }
  }

  private async signOut(transport: Transport, cookie: string, sessionManager: MoRef): Promise<void> {
    const headers = { 'content-type': 'text/xml; charset="utf-8"', soapaction: this.soapAction, cookie };
    const body = writeEnvelope(writeBody('Logout', sessionManager, {}), 'sign-out');
    await transport.request({ method: 'POST', path: '/sdk', headers, body }, AbortSignal.timeout(2000));
  }

  private wire(): Transport {
    this.transport ??= this.options.open();
    return this.transport;
  }

  private async busyWhile<T>(work: () => Promise<T>): Promise<T> {
    this.callsUnderWay += 1;
    clearTimeout(this.idleTimer);
    try {
      return await work();
    } finally {
      this.callsUnderWay -= 1;
      if (this.callsUnderWay === 0 && this.options.idleMs !== undefined) {
        this.idleTimer = setTimeout(() => {
          this.options.onIdle?.();
          void this.close();
        }, this.options.idleMs).unref();
      }
    }
  }

  private async serviceContent(context: CallContext): Promise<ServiceContent> {
    this.content ??= this.readServiceContent().catch((error: unknown) => {
      this.content = undefined;
      throw error;
    });
    return unlessAborted(this.content, context.signal);
  }

  private async readServiceContent(): Promise<ServiceContent> {
    const context = { callId: 'service-content', signal: AbortSignal.timeout(this.options.loginTimeoutMs) };
    const versions = await this.wire().request({ method: 'GET', path: '/sdk/vimServiceVersions.xml' }, context.signal);
    this.soapAction = `urn:vim25/${chooseVersion(versions.status === 200 ? versions.text : undefined)}`;
    const [content] = await this.post('RetrieveServiceContent', serviceInstance, {}, context);
    return readContent(content);
  }

  private async ensureSignedIn(context: CallContext): Promise<void> {
    if (this.refused && Date.now() - this.refused.at < refusedLoginPauseMs) throw this.refused.error;
    if (this.cookie !== undefined) return;
    this.login ??= this.signInOnce();
    // The sign-in belongs to all who wait for it, so one caller's end does not end it.
    await unlessAborted(this.login, context.signal);
  }

  private async signInOnce(): Promise<void> {
    const context = { callId: 'sign-in', signal: AbortSignal.timeout(this.options.loginTimeoutMs) };
    const { userName, password } = this.options.credential;
    try {
      const content = await this.serviceContent(context);
      this.pendingCookie = undefined;
      await this.post('Login', content.service('sessionManager'), { userName, password }, context);
      this.cookie = this.pendingCookie ?? '';
      this.generation += 1;
    } catch (error) {
      if (isFault(error, 'InvalidLogin', 'PasswordExpired')) this.refused = { at: Date.now(), error };
      // Nobody's own call was sent: for the callers this is a backend that cannot be reached.
      if (error instanceof Unanswered)
        throw new PluginError('unavailable', 'The backend does not answer; it is tried again.', error.message, {
          cause: error,
        });
      throw error;
    } finally {
      this.login = undefined;
    }
  }

  private async post(method: MethodName, self: MoRef, args: DataObject, context: CallContext): Promise<XmlElement[]> {
    try {
      return await this.exchange(method, self, args, context);
    } catch (error) {
      if (error instanceof Unanswered) error.ofWrite = ['write', 'repeatable'].includes(methodOf(method).effect);
      throw error;
    }
  }

  private async exchange(
    method: MethodName,
    self: MoRef,
    args: DataObject,
    context: CallContext,
  ): Promise<XmlElement[]> {
    const answer = await this.wire().request(
      {
        method: 'POST',
        path: '/sdk',
        headers: {
          'content-type': 'text/xml; charset="utf-8"',
          soapaction: this.soapAction,
          ...(this.cookie ? { cookie: this.cookie } : {}),
        },
        body: writeEnvelope(writeBody(method, self, args), context.callId),
      },
      context.signal,
    );
    if (answer.status === 503)
      throw new PluginError(
        'unavailable',
        'The backend is busy starting; it is tried again.',
        `${this.address}: HTTP 503`,
      );
    const cookie = answer.cookies.find((one) => one.startsWith('vmware_soap_session='));
    // Before sign-in some servers hand out a cookie too; only the one of the sign-in makes us signed in.
    if (cookie !== undefined && method === 'Login') this.pendingCookie = cookie.split(';')[0];
    return readAnswer(answer.text, answer.status, method, this.address);
  }
}

function mayRepeat(method: MethodName): boolean {
  const { effect } = methodOf(method);
  return effect === 'read' || effect === 'repeatable';
}

function readAnswer(text: string, status: number, method: MethodName, address: string): XmlElement[] {
  // One simulator answers some void calls with nothing at all.
  if (text === '' && status === 200) return [];
  let body: XmlElement | undefined;
  try {
    body = at(readXml(text), 'Body')?.children[0];
  } catch (cause) {
    throw new Unanswered('cut', `${address}: ${method} was answered with HTTP ${status} and no readable XML`, {
      cause,
    });
  }
  if (body?.name === 'Fault') throw readSoapFault(body, method);
  if (status !== 200 || body?.name !== `${method}Response`)
    throw new Unanswered(
      'cut',
      `${address}: ${method} was answered with HTTP ${status} and ${body?.name ?? 'no body'}`,
    );
  return body.children.filter((child) => child.name === 'returnval');
}

function readContent(content: XmlElement | undefined): ServiceContent {
  return {
    apiType: textAt(content, 'about.apiType') ?? '',
    product: textAt(content, 'about.fullName') ?? textAt(content, 'about.name') ?? 'unknown product',
    version: textAt(content, 'about.version') ?? '',
    service(name) {
      const found = refAt(content, name);
      if (found) return found;
      throw new PluginError(
        'unimplemented',
        'The backend lacks a service that is needed.',
        `service content has no ${name}`,
      );
    },
  };
}

/** The outcome of work that goes on for others even when this caller's call ends. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new Unanswered('too-late', 'the call ended while signing in'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}

/** Waits, unless the call ends first. */
export async function pause(ms: number, context: CallContext): Promise<void> {
  await sleep(ms, undefined, { signal: context.signal }).catch((cause: unknown) => {
    throw new Unanswered('too-late', 'the call ended while waiting', { cause });
  });
}
