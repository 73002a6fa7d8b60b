import type { LabClock } from '../clock.ts';
import type { FaultRule, Faults, LabBackend } from '../faults.ts';
import type { Journal } from '../journal.ts';
import { Authorization } from './authorization.ts';
import { decodeRequest } from './decode.ts';
import { Events } from './event-manager.ts';
import type { EventSubject } from './event-manager.ts';
import { invalidRequest, namedFault, notFoundObject, notSupported, VimFault } from './fault.ts';
import { Objects } from './objects.ts';
import type { ManagedObject } from './objects.ts';
import { fieldOfPath } from './property-path.ts';
import { readProperties } from './selection.ts';
import type { Viewer } from './selection.ts';
import { isSubtype, methodType } from './schema.ts';
import type { Field, MethodType } from './schema.ts';
import { Sessions } from './sessions.ts';
import type { Session } from './sessions.ts';
import { Tasks } from './tasks.ts';
import type { Progress } from './tasks.ts';
import type { MethodArguments } from './types.generated.ts';
import { isMoRef, isObject } from './value.ts';
import type { MoRef, VimObject, VimValue } from './value.ts';
import type { Element } from './xml.ts';

/** One call on its way: who asks, of what, and with which faults armed. */
export interface Call {
  readonly method: string;
  readonly self: ManagedObject;
  readonly session: Session;
  readonly isSignedIn: boolean;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
  /** Names the objects of the call, for the journal and for fault rules. */
  readonly about: string;
  /** A fault that a task of this call shall end with, before or after its effect. */
  readonly taskFault?: { when: 'before' | 'after'; fault: VimFault };
  /** Given by the endpoint; `Login` sets it. */
  setCookie(cookie: string | null): void;
}

export type Handlers = {
  [M in keyof MethodArguments]?: (call: Call, args: MethodArguments[M]) => VimValue | void | Promise<VimValue | void>;
};

export interface EndpointOptions {
  backend: LabBackend & ('vcenter' | 'esxi');
  /** The address it is known by. */
  instance: string;
  clock: LabClock;
  journal: Journal;
  faults: Faults;
  idleMilliseconds?: number;
  rootFolder: MoRef;
}

export interface Outcome {
  body: string;
  method: MethodType;
}

/** What the transport must do instead of, or before, answering. */
export class TransportFault extends Error {
  constructor(readonly what: 'hang' | 'cut') {
    super(what);
  }
}

const WITHOUT_SESSION = new Set(['RetrieveServiceContent', 'Login', 'RetrieveProperties', 'RetrievePropertiesEx']);

/** One SOAP service with its objects, accounts, tasks and rules: a vCenter or a host. */
export class Endpoint {
  readonly objects = new Objects();
  readonly sessions: Sessions;
  readonly authorization: Authorization;
  readonly tasks: Tasks;
  readonly events = new Events();
  private readonly handlers = new Map<string, (call: Call, args: VimObject) => unknown>();
  /** Group names that may be given a permission. */
  readonly groups = new Set<string>();

  constructor(readonly options: EndpointOptions) {
    this.sessions = new Sessions(options.idleMilliseconds);
    this.authorization = new Authorization(
      this.objects,
      (principal) => this.sessions.findAccount(principal)?.groups,
      (name) => [...this.groups].some((group) => group.toLowerCase() === name.toLowerCase()),
    );
    this.tasks = new Tasks(this.objects, options.clock);
  }

  handle(handlers: Handlers): void {
    for (const [method, handler] of Object.entries(handlers)) {
      // The strict parser has built the arguments from the same schema entry that this handler's type was made from.
      this.handlers.set(method, handler as (call: Call, args: VimObject) => unknown);
    }
  }

  /** Answers one parsed request. @throws VimFault, TransportFault */
  async invoke(
    element: Element,
    cookie: string | undefined,
    signal: AbortSignal,
    setCookie: (cookie: string | null) => void,
  ): Promise<{ method: MethodType; value: VimValue }> {
    const method = methodType(element.name);
    if (!method) throw invalidRequest(`Unable to resolve WSDL method name ${element.name}`);
    const { self: ref, args } = decodeRequest(element, method);
    const session = this.sessions.find(cookie);
    if (!session && !WITHOUT_SESSION.has(method.name)) {
      throw new VimFault(
        'NotAuthenticated',
        { object: ref, privilegeId: method.privilege ?? 'System.View' },
        'The session is not authenticated.',
      );
    }
    const self = this.objects.get(ref);
    if (self.sessionKey !== undefined && self.sessionKey !== session?.key) throw notFoundObject(ref);
    if (self.ref.moType !== ref.moType && !isSubtype(self.ref.moType, ref.moType)) throw notFoundObject(ref);
    if (!method.receivers.some((receiver) => isSubtype(self.ref.moType, receiver))) {
      const detail = { receiver: ref, method: method.name };
      throw new VimFault('MethodNotFound', detail, `${method.name} is not a method of ${self.ref.moType}.`);
    }
    if (session) this.checkPrivileges(session, self, method, args);
    const about = this.describe(self, args);
    const taskFault = await this.applyRule('before', method, about, self.ref);
    const after = this.options.faults.match(this.options.backend, method.name, 'after', about);
    const lateFault = after?.what === 'error' ? namedFault(after.fault ?? 'SystemError', self.ref) : undefined;
    const call: Call = {
      method: method.name,
      self,
      session: session ?? NOBODY,
      isSignedIn: session !== undefined,
      signal,
      about,
      setCookie,
      ...(taskFault ? { taskFault: { when: 'before' as const, fault: taskFault } } : {}),
      ...(lateFault && isTask(method) ? { taskFault: { when: 'after' as const, fault: lateFault } } : {}),
    };
    if (method.name === 'Fetch') return { method, value: this.fetch(call, args) };
    const handler = this.handlers.get(method.name);
    if (!handler) throw notSupported();
    // Handlers answer with values of the schema or with nothing; the serializer proves it.
    const value = (await handler(call, args)) as VimValue;
    if (lateFault && !isTask(method)) throw lateFault;
    if (after) await this.applyTransport(after);
    return { method, value };
  }

  /** What this caller may see. */
  viewer(call: Call): Viewer {
    const cache = new Map<string, ReadonlySet<string>>();
    const privilegesOn = (object: ManagedObject) => {
      const entity = object.entity();
      if (!entity) return undefined;
      const known = cache.get(entity.id);
      if (known) return known;
      const held = this.authorization.privilegesOf(call.session.userName, entity);
      cache.set(entity.id, held);
      return held;
    };
    return {
      objects: this.objects,
      isSignedIn: call.isSignedIn,
      session: call.session,
      isVisible: (object) =>
        (object.sessionKey === undefined || object.sessionKey === call.session.key) &&
        (!call.isSignedIn || (privilegesOn(object)?.has('System.View') ?? true)),
      holds: (privilege, object) => privilegesOn(object)?.has(privilege) ?? true,
    };
  }

  /** @throws NoPermission */
  require(call: Call, privilege: string, entity: MoRef): void {
    this.authorization.require(call.session.userName, privilege, entity);
  }

  /** Records a state-changing request that was accepted. Its event is about `subject`, by default the machine that was asked. */
  record(
    call: Call,
    changed: boolean,
    about = call.about,
    detail?: Record<string, unknown>,
    subject?: EventSubject,
  ): void {
    const { backend, instance, journal } = this.options;
    const entry = { backend, instance, call: call.method, about, principal: call.session.userName, changed };
    journal.record(detail ? { ...entry, detail } : entry);
    const asked = { vm: machineOf(call.self.ref, call.self.label()) };
    this.events.postCall(call.method, call.session.userName, about, { ...asked, ...subject });
  }

  /** Starts a task for this call; its effect is recorded when it has taken place. */
  startTask(
    call: Call,
    options: { entity: MoRef; entityName: string; exclusive?: readonly MoRef[]; isCancelable?: boolean },
    work: (progress: Progress) => Promise<VimValue>,
  ): MoRef {
    const fault = call.taskFault;
    const task = this.tasks.start(
      {
        name: call.method,
        userName: call.session.userName,
        ...options,
        ...(fault?.when === 'before' ? { failBefore: fault.fault } : {}),
        ...(fault?.when === 'after' ? { failAfter: fault.fault } : {}),
      },
      work,
    );
    const info = this.tasks.infoOf(task);
    if (info) this.events.postTask(call.session.userName, info, machineOf(options.entity, options.entityName));
    return task;
  }

  /** Waits until something is touched, the time is over, or the client is gone. */
  nextTouch(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        stop();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      timer.unref();
      // Changes come in bursts; one turn of the event loop gathers them.
      const stop = this.objects.onTouch(() => setImmediate(done));
      signal.addEventListener('abort', done);
    });
  }

  private fetch(call: Call, args: VimObject): VimValue {
    const path = typeof args['prop'] === 'string' ? args['prop'] : '';
    const read = readProperties(call.self, [path], this.viewer(call));
    const [missing] = read.missing;
    if (missing) {
      const detail = { object: call.self.ref, privilegeId: fieldOfPath(call.self, path).privilege ?? 'System.Read' };
      throw new VimFault('NoPermission', detail, 'Permission to perform this operation was denied.');
    }
    return read.values[0]?.val;
  }

  private checkPrivileges(session: Session, self: ManagedObject, method: MethodType, args: VimObject): void {
    const entity = self.entity() ?? this.options.rootFolder;
    const privilege = method.privilege;
    if (privilege && !(privilege.startsWith('System.') && self.entity() === undefined)) {
      this.authorization.require(session.userName, privilege, entity);
    }
    for (const parameter of method.parameters) this.checkParameter(session, parameter, args[parameter.name]);
  }

  private checkParameter(session: Session, parameter: Field, value: VimValue): void {
    if (!parameter.privilege || value === undefined) return;
    const items: readonly VimValue[] = Array.isArray(value) ? value : [value];
    for (const ref of items.filter(isMoRef)) {
      const entity = this.objects.get(ref).entity();
      if (entity) this.authorization.require(session.userName, parameter.privilege, entity);
    }
  }

  /** A rule before the effect. A fault that a task can carry is handed back for the task to end with. */
  private async applyRule(when: FaultRule['when'], method: MethodType, about: string, self: MoRef) {
    const rule = this.options.faults.match(this.options.backend, method.name, when, about);
    if (!rule) return undefined;
    await this.applyTransport(rule);
    if (rule.what !== 'error') return undefined;
    const fault = namedFault(rule.fault ?? 'SystemError', self);
    if (isTask(method) && !fault.isRuntimeFault) return fault;
    throw fault;
  }

  private async applyTransport(rule: FaultRule): Promise<void> {
    if (rule.what === 'hang' || rule.what === 'cut') throw new TransportFault(rule.what);
    if (rule.what === 'delay') await new Promise((resolve) => setTimeout(resolve, rule.delayMs ?? 1000));
  }

  private describe(self: ManagedObject, args: VimObject): string {
    const words = [self.label()];
    const add = (value: VimValue) => {
      if (typeof value === 'string' && value !== '') words.push(value);
      else if (isMoRef(value)) words.push(this.objects.find(value)?.label() ?? value.id);
    };
    for (const name of [
      'name',
      'newName',
      'path',
      'datastore',
      'host',
      'entity',
      'principal',
      'user',
      'id',
      'userName',
    ]) {
      add(args[name]);
    }
    for (const holder of [args['spec'], args['config'], args['portgrp'], args['user']]) {
      if (isObject(holder)) for (const name of ['name', 'localPath', 'id']) add(holder[name]);
    }
    const vms = args['vm'];
    if (Array.isArray(vms)) vms.forEach((vm: VimValue) => add(vm));
    return words.join(' ');
  }
}

const machineOf = (ref: MoRef, name: string): EventSubject['vm'] =>
  ref.moType === 'VirtualMachine' ? { ref, name } : undefined;

const isTask = (method: MethodType) => method.result.type === 'Task';

const NOBODY: Session = {
  cookie: '',
  key: '',
  userName: '',
  fullName: '',
  loginTime: new Date(0),
  lastActiveTime: new Date(0),
  callCount: 0,
};
