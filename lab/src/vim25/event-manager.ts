import type { Endpoint, Handlers } from './endpoint.ts';
import type { EventFilterSpec } from './types.generated.ts';
import type { MoRef, VimObject } from './value.ts';

const KEPT = 5000;

const EVENT_OF_CALL: Readonly<Record<string, string>> = {
  PowerOnVM_Task: 'VmPoweredOnEvent',
  PowerOffVM_Task: 'VmPoweredOffEvent',
  ShutdownGuest: 'VmPoweredOffEvent',
  UnregisterVM: 'VmRemovedEvent',
  Destroy_Task: 'VmRemovedEvent',
};

/** What happened, as events: made from the journal's entries of this endpoint and from sign-ins. */
export class Events {
  private readonly events: {
    at: Date;
    object: VimObject;
    entity: MoRef | undefined;
    userName: string;
    type: string;
  }[] = [];
  private key = 0;

  post(type: string, userName: string, message: string, vm?: { ref: MoRef; name: string }): void {
    this.key += 1;
    const object: VimObject = {
      $type: type,
      key: this.key,
      chainId: this.key,
      createdTime: new Date(),
      userName,
      vm: vm && { name: vm.name, vm: vm.ref },
      fullFormattedMessage: message,
      ...(type === 'GeneralUserEvent' ? { message } : {}),
      ...(type.startsWith('Vm') ? { template: false } : {}),
      ...(type.startsWith('UserLog') ? { ipAddress: '127.0.0.1', sessionId: '' } : {}),
      ...(type === 'UserLoginSessionEvent' ? { locale: 'en' } : {}),
    };
    this.events.push({ at: new Date(), object, entity: vm?.ref, userName, type });
    if (this.events.length > KEPT) this.events.splice(0, this.events.length - KEPT);
  }

  /** The event that an accepted call leaves behind. */
  postCall(method: string, userName: string, about: string, vm?: { ref: MoRef; name: string }): void {
    const type = EVENT_OF_CALL[method];
    if (type && vm) this.post(type, userName, `${about}: ${method}`, vm);
    else this.post('GeneralUserEvent', userName, `${about}: ${method}`, vm);
  }

  query(endpoint: Endpoint, filter: EventFilterSpec): VimObject[] {
    const { entity, time, userName, eventTypeId, type, maxCount } = filter;
    const wanted = new Set([...(eventTypeId ?? []).map((id) => id.replace(/^vim\.event\./, '')), ...(type ?? [])]);
    return this.events
      .filter((event) => wanted.size === 0 || wanted.has(event.type))
      .filter((event) => !entity || isBelow(endpoint, event.entity, entity.entity, entity.recursion))
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

function isBelow(endpoint: Endpoint, entity: MoRef | undefined, root: MoRef, recursion: string): boolean {
  if (!entity) return recursion !== 'self' && root.id === endpoint.options.rootFolder.id;
  if (entity.id === root.id) return recursion !== 'children';
  if (recursion === 'self') return false;
  let parent = endpoint.objects.find(entity)?.parent();
  while (parent && parent.id !== root.id) parent = endpoint.objects.find(parent)?.parent();
  return parent !== undefined;
}
