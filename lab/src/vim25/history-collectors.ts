import type { Call, Endpoint, Handlers } from './endpoint.ts';
import { invalidArgument, notFoundObject } from './fault.ts';
import { passesTaskFilter } from './task-filter.ts';
import type { MoRef, VimObject, VimValue } from './value.ts';

interface Collector {
  /** Everything that the filter lets through now, the oldest first. */
  read(): VimObject[];
  position: number;
  pageSize: number;
}

/** Collectors of events and tasks: a client pages through what was, oldest first, or reads the latest page. */
export function historyCollectorHandlers(endpoint: Endpoint): Handlers {
  const collectors = new Map<string, Collector>();
  let sequence = 0;

  const add = (call: Call, moType: string, filter: VimValue, read: () => VimObject[]): MoRef => {
    sequence += 1;
    const ref = { moType, id: `session[${call.session.key}]${moType}-${sequence}` };
    const collector: Collector = { read, position: 0, pageSize: 10 };
    collectors.set(ref.id, collector);
    endpoint.objects.add({
      ref,
      label: () => moType,
      entity: () => undefined,
      parent: () => undefined,
      properties: {
        filter: () => filter,
        latestPage: () => collector.read().slice(-collector.pageSize).reverse(),
      },
      sessionKey: call.session.key,
    });
    return ref;
  };

  const of = (call: Call): Collector => {
    const found = collectors.get(call.self.ref.id);
    if (!found) throw notFoundObject(call.self.ref);
    return found;
  };

  const next = (call: Call, maxCount: number): VimObject[] => {
    if (maxCount <= 0) throw invalidArgument('maxCount');
    const collector = of(call);
    const page = collector.read().slice(collector.position, collector.position + maxCount);
    collector.position += page.length;
    return page;
  };

  endpoint.sessions.whenEnded((session) => {
    for (const id of collectors.keys()) {
      if (!id.startsWith(`session[${session.key}]`)) continue;
      collectors.delete(id);
      for (const moType of ['EventHistoryCollector', 'TaskHistoryCollector']) endpoint.objects.remove({ moType, id });
    }
  });

  return {
    CreateCollectorForEvents: (call, { filter }) =>
      add(call, 'EventHistoryCollector', filter, () => endpoint.events.query(endpoint, filter)),
    CreateCollectorForTasks: (call, { filter }) =>
      add(call, 'TaskHistoryCollector', filter, () =>
        endpoint.tasks
          .all()
          .map((ref) => endpoint.tasks.infoOf(ref))
          .filter((info): info is VimObject => info !== undefined)
          .filter((info) => passesTaskFilter(endpoint, info, filter)),
      ),
    ReadNextEvents: (call, { maxCount }) => next(call, maxCount),
    ReadNextTasks: (call, { maxCount }) => next(call, maxCount),
    ReadPreviousEvents: (call, { maxCount }) => {
      if (maxCount <= 0) throw invalidArgument('maxCount');
      const collector = of(call);
      const from = Math.max(0, collector.position - maxCount);
      const page = collector.read().slice(from, collector.position);
      collector.position = from;
      return page;
    },
    RewindCollector: (call) => {
      of(call).position = 0;
    },
    SetCollectorPageSize: (call, { maxCount }) => {
      of(call).pageSize = Math.min(1000, Math.max(1, maxCount));
    },
    DestroyCollector: (call) => {
      collectors.delete(call.self.ref.id);
      endpoint.objects.remove(call.self.ref);
    },
  };
}
