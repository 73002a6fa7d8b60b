import type { Call, Endpoint, Handlers } from './endpoint.ts';
import { notFoundObject } from './fault.ts';
import { isSubtype } from './schema.ts';
import { sameRef } from './value.ts';
import type { MoRef, VimValue } from './value.ts';

/** Views of a session: a container with what lies below it, and a list that the client keeps itself. */
export function viewHandlers(endpoint: Endpoint): Handlers {
  const lists = new Map<string, { list: MoRef[] }>();
  let sequence = 0;

  const add = (call: Call, moType: string, properties: (ref: MoRef) => Record<string, () => VimValue>): MoRef => {
    sequence += 1;
    const ref = { moType, id: `session[${call.session.key}]${moType}-${sequence}` };
    endpoint.objects.add({
      ref,
      label: () => moType,
      entity: () => undefined,
      parent: () => undefined,
      properties: properties(ref),
      sessionKey: call.session.key,
    });
    return ref;
  };

  endpoint.sessions.whenEnded((session) => {
    for (const object of endpoint.objects.all()) {
      if (object.sessionKey !== session.key || !isSubtype(object.ref.moType, 'View')) continue;
      lists.delete(object.ref.id);
      endpoint.objects.remove(object.ref);
    }
  });

  const known = (refs: readonly MoRef[]) => refs.filter((ref) => endpoint.objects.find(ref));
  const unknown = (refs: readonly MoRef[]) => refs.filter((ref) => !endpoint.objects.find(ref));

  const listOf = (call: Call): { list: MoRef[] } => {
    const found = lists.get(call.self.ref.id);
    if (!found) throw notFoundObject(call.self.ref);
    return found;
  };

  return {
    CreateContainerView: (call, { container, type = [], recursive }) => {
      endpoint.objects.get(container);
      return add(call, 'ContainerView', () => ({
        container: () => container,
        type: () => type,
        recursive: () => recursive,
        view: () => below(endpoint, container, recursive).filter((ref) => isWanted(ref, type)),
      }));
    },
    CreateListView: (call, { obj = [] }) => {
      const state = { list: known(obj) };
      const ref = add(call, 'ListView', () => ({ view: () => known(state.list) }));
      lists.set(ref.id, state);
      return ref;
    },
    ModifyListView: (call, { add: added = [], remove = [] }) => {
      const state = listOf(call);
      const kept = state.list.filter((ref) => !remove.some((gone) => sameRef(gone, ref)));
      state.list = [...kept, ...known(added).filter((ref) => !kept.some((other) => sameRef(other, ref)))];
      endpoint.objects.touch(call.self.ref);
      return unknown(added);
    },
    ResetListView: (call, { obj = [] }) => {
      listOf(call).list = known(obj);
      endpoint.objects.touch(call.self.ref);
      return unknown(obj);
    },
    DestroyView: (call) => {
      lists.delete(call.self.ref.id);
      endpoint.objects.remove(call.self.ref);
    },
  };
}

function isWanted(ref: MoRef, types: readonly string[]): boolean {
  return types.length === 0 || types.some((type) => isSubtype(ref.moType, type));
}

/** Everything whose way up leads to the container. */
function below(endpoint: Endpoint, container: MoRef, isRecursive: boolean): MoRef[] {
  const found: MoRef[] = [];
  for (const object of endpoint.objects.all()) {
    if (!isSubtype(object.ref.moType, 'ManagedEntity') || object.ref.id === container.id) continue;
    let parent = object.parent();
    if (isRecursive) {
      while (parent && parent.id !== container.id) parent = endpoint.objects.find(parent)?.parent();
    }
    if (parent?.id === container.id) found.push(object.ref);
  }
  return found;
}
