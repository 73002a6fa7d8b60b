import type { Endpoint, Handlers } from './endpoint.ts';
import type { EventFilterSpec } from './types.generated.ts';
import type { MoRef, VimObject } from './value.ts';

const KEPT = 5000;

const EVENT_OF_CALL: Readonly<Record<string, string>> = {
  CreateVM_Task: 'VmCreatedEvent',
  CloneVM_Task: 'VmClonedEvent',
  RegisterVM_Task: 'VmRegisteredEvent',
  ReconfigVM_Task: 'VmReconfiguredEvent',
  RelocateVM_Task: 'VmRelocatedEvent',
  PowerOnVM_Task: 'VmPoweredOnEvent',
  PowerOffVM_Task: 'VmPoweredOffEvent',
  ShutdownGuest: 'VmPoweredOffEvent',
  UnregisterVM: 'VmRemovedEvent',
  Destroy_Task: 'VmRemovedEvent',
};

/** Whom an event is about. */
export interface EventSubject {
  vm?: { ref: MoRef; name: string } | undefined;
  /** What its type tells beside. */
  more?: VimObject;
}

/** What happened, as events: made of the accepted calls of this endpoint, of its tasks and of sign-ins. */
export class Events {
  private readonly events: {
    at: Date;
    object: VimObject;
    entity: MoRef | undefined;
    userName: string;
    type: string;
  }[] = [];
  private key = 0;

  post(type: string, userName: string, message: string, subject?: EventSubject, chainId?: number): void {
    this.key += 1;
    const vm = subject?.vm;
    const object: VimObject = {
      $type: type,
      key: this.key,
      chainId: chainId ?? this.key,
      createdTime: new Date(),
      userName,
      vm: vm && { name: vm.name, vm: vm.ref },
      fullFormattedMessage: message,
      ...(type === 'GeneralUserEvent' ? { message } : {}),
      ...(type.startsWith('Vm') ? { template: false } : {}),
      ...(type.startsWith('UserLog') ? { ipAddress: '127.0.0.1', sessionId: '' } : {}),
      ...(type === 'UserLoginSessionEvent' ? { locale: 'en' } : {}),
      ...subject?.more,
    };
    this.events.push({ at: new Date(), object, entity: vm?.ref, userName, type });
    if (this.events.length > KEPT) this.events.splice(0, this.events.length - KEPT);
  }

  /** The event that an accepted call leaves behind. A task that has no type of its own has told of itself at its start. */
  postCall(method: string, userName: string, about: string, subject?: EventSubject): void {
    const type = EVENT_OF_CALL[method];
    if (type && subject?.vm) this.post(type, userName, `${about}: ${method}`, subject);
    else if (!method.endsWith('_Task')) this.post('GeneralUserEvent', userName, `${about}: ${method}`, subject);
  }

  /** The event of a task that was accepted. */
  postTask(userName: string, info: VimObject, vm: EventSubject['vm']): void {
    const { name, entityName, eventChainId } = info;
    const chainId = typeof eventChainId === 'number' ? eventChainId : undefined;
    const message = `Task: ${String(name)} ${String(entityName)}`;
    this.post('TaskEvent', userName, message, { ...(vm ? { vm } : {}), more: { info } }, chainId);
  }

  query(endpoint: Endpoint, filter: EventFilterSpec): VimObject[] {
    const { entity, time, userName, eventTypeId, type, maxCount, eventChainId } = filter;
    const wanted = new Set([...(eventTypeId ?? []).map((id) => id.replace(/^vim\.event\./, '')), ...(type ?? [])]);
    return this.events
      .filter((event) => wanted.size === 0 || wanted.has(event.type))
      .filter((event) => !entity || isBelow(endpoint, event.entity, entity.entity, entity.recursion))
      .filter((event) => eventChainId === undefined || event.object['chainId'] === eventChainId)
      .filter((event) => !time?.beginTime || event.at >= time.beginTime)
      .filter((event) => !time?.endTime || event.at <= time.endTime)
      .filter((event) => !userName?.userList?.length || userName.userList.includes(event.userName))
      .slice(-(maxCount ?? 1000))
      .map((event) => event.object);
  }

  handlers(endpoint: Endpoint): Handlers {
    return { QueryEvents: (_call, { filter }) => this.query(endpoint, filter) };
  }
}

/** Whether an entity is `root` itself, or somewhere below it, as the recursion says. */
export function isBelow(endpoint: Endpoint, entity: MoRef | undefined, root: MoRef, recursion: string): boolean {
  if (!entity) return recursion !== 'self' && root.id === endpoint.options.rootFolder.id;
  if (entity.id === root.id) return recursion !== 'children';
  if (recursion === 'self') return false;
  let parent = endpoint.objects.find(entity)?.parent();
  while (parent && parent.id !== root.id) parent = endpoint.objects.find(parent)?.parent();
  return parent !== undefined;
}
