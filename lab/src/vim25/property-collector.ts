import { encodeField } from './encode.ts';
import { VimFault } from './fault.ts';
import type { Call, Endpoint, Handlers } from './endpoint.ts';
import { describeContent, pathsFor, readProperties, selectObjects } from './selection.ts';
import type { ObjectProperties, Viewer } from './selection.ts';
import type { PropertyFilterSpec } from './types.generated.ts';
import { sameRef } from './value.ts';
import type { MoRef, VimObject, VimValue } from './value.ts';

/** What a client has been told of one object: each path's value as it went over the wire. */
type Told = Map<string, { ref: MoRef; values: Map<string, string>; revision: number }>;

interface Filter {
  readonly ref: MoRef;
  readonly spec: PropertyFilterSpec;
  /** As of the version that the client has confirmed, and as of the answer on its way. */
  confirmed: Told;
  sent: Told;
}

interface Collector {
  readonly ref: MoRef;
  readonly filters: Map<string, Filter>;
  version: number;
  confirmedVersion: number;
}

interface Page {
  readonly rest: ObjectProperties[];
  readonly maxObjects: number;
  readonly sessionKey: string;
}

const DEFAULT = { moType: 'PropertyCollector', id: 'propertyCollector' };

/** Reading properties: once, page by page, and by waiting for changes. */
export function propertyCollectorHandlers(endpoint: Endpoint): Handlers {
  const collectors = new Map<string, Collector>();
  const pages = new Map<string, Page>();
  let sequence = 0;

  endpoint.sessions.whenEnded((session) => {
    for (const [key, collector] of collectors) {
      if (!key.startsWith(`${session.key} `)) continue;
      for (const filter of collector.filters.values()) endpoint.objects.remove(filter.ref);
      if (collector.ref.id !== DEFAULT.id) endpoint.objects.remove(collector.ref);
      collectors.delete(key);
    }
    for (const [token, page] of pages) if (page.sessionKey === session.key) pages.delete(token);
  });

  const collectorOf = (call: Call): Collector => {
    const key = `${call.session.key} ${call.self.ref.id}`;
    const known = collectors.get(key);
    if (known) return known;
    const made: Collector = { ref: call.self.ref, filters: new Map(), version: 0, confirmedVersion: 0 };
    collectors.set(key, made);
    return made;
  };

  const addOwned = (call: Call, moType: string, properties: Record<string, () => VimValue>): MoRef => {
    sequence += 1;
    const ref = { moType, id: `session[${call.session.key}]${moType}-${sequence}` };
    endpoint.objects.add({
      ref,
      label: () => moType,
      entity: () => undefined,
      parent: () => undefined,
      properties,
      sessionKey: call.session.key,
    });
    return ref;
  };

  const retrieve = (call: Call, specSet: readonly PropertyFilterSpec[]): ObjectProperties[] => {
    const viewer = endpoint.viewer(call);
    return specSet.flatMap((spec) =>
      selectObjects(spec, viewer)
        .map((object) => ({ object, paths: pathsFor(spec, object) }))
        .filter(({ paths }) => paths.length > 0 || (spec.propSet ?? []).length === 0)
        .map(({ object, paths }) => readProperties(object, paths, viewer)),
    );
  };

  const page = (call: Call, all: ObjectProperties[], maxObjects: number): VimValue => {
    if (all.length === 0) return undefined;
    const objects = all.slice(0, maxObjects).map(describeContent);
    if (all.length <= maxObjects) return { objects };
    sequence += 1;
    const token = `token-${sequence}`;
    pages.set(token, { rest: all.slice(maxObjects), maxObjects, sessionKey: call.session.key });
    return { token, objects };
  };

  const takePage = (call: Call, token: string): Page => {
    const found = pages.get(token);
    if (!found || found.sessionKey !== call.session.key) {
      throw new VimFault(
        'InvalidArgument',
        { invalidProperty: 'token' },
        'A specified parameter was not correct: token',
      );
    }
    pages.delete(token);
    return found;
  };

  const update = (collector: Collector, viewer: Viewer, limit: number): VimValue => {
    const filterSet: VimObject[] = [];
    let left = limit;
    let isTruncated = false;
    for (const filter of collector.filters.values()) {
      const { objectSet, told, truncated } = changesOf(filter, viewer, left);
      left -= objectSet.length;
      isTruncated ||= truncated;
      filter.sent = told;
      if (objectSet.length > 0) filterSet.push({ filter: filter.ref, objectSet });
    }
    if (filterSet.length === 0) return undefined;
    collector.version += 1;
    return { version: String(collector.version), filterSet, truncated: isTruncated };
  };

  const waitFor = async (call: Call, version: string | undefined, seconds: number | undefined, limit: number) => {
    const collector = collectorOf(call);
    settleVersion(collector, version ?? '');
    const viewer = endpoint.viewer(call);
    const until = seconds === undefined ? Infinity : Date.now() + seconds * 1000;
    for (;;) {
      const changes = update(collector, viewer, limit);
      if (changes !== undefined) return changes;
      const left = until - Date.now();
      if (left <= 0) return undefined;
      await endpoint.nextTouch(Math.min(left, 5000), call.signal);
      if (call.signal.aborted) throw new VimFault('RequestCanceled', {}, 'The request was cancelled by the client.');
      if (!endpoint.sessions.find(call.session.cookie)) {
        throw new VimFault(
          'NotAuthenticated',
          { object: call.self.ref, privilegeId: 'System.View' },
          'The session ended.',
        );
      }
    }
  };

  return {
    CreatePropertyCollector: (call) => addOwned(call, 'PropertyCollector', { filter: () => [] }),
    DestroyPropertyCollector: (call) => {
      for (const filter of collectorOf(call).filters.values()) endpoint.objects.remove(filter.ref);
      collectors.delete(`${call.session.key} ${call.self.ref.id}`);
      endpoint.objects.remove(call.self.ref);
    },
    CreateFilter: (call, { spec, partialUpdates }) => {
      selectObjects(spec, endpoint.viewer(call));
      const ref = addOwned(call, 'PropertyFilter', { spec: () => spec, partialUpdates: () => partialUpdates });
      collectorOf(call).filters.set(ref.id, { ref, spec, confirmed: new Map(), sent: new Map() });
      endpoint.objects.touch(ref);
      return ref;
    },
    DestroyPropertyFilter: (call) => {
      for (const collector of collectors.values()) collector.filters.delete(call.self.ref.id);
      endpoint.objects.remove(call.self.ref);
    },
    RetrieveProperties: (call, { specSet }) => retrieve(call, specSet ?? []).map(describeContent),
    RetrievePropertiesEx: (call, { specSet, options }) =>
      page(call, retrieve(call, specSet ?? []), options.maxObjects ?? Infinity),
    ContinueRetrievePropertiesEx: (call, { token }) => {
      const found = takePage(call, token);
      return page(call, found.rest, found.maxObjects);
    },
    CancelRetrievePropertiesEx: (call, { token }) => void takePage(call, token),
    WaitForUpdatesEx: (call, { version, options }) =>
      waitFor(call, version, options?.maxWaitSeconds, options?.maxObjectUpdates ?? Infinity),
    WaitForUpdates: (call, { version }) => waitFor(call, version, undefined, Infinity),
    CheckForUpdates: (call, { version }) => waitFor(call, version, 0, Infinity),
    CancelWaitForUpdates: () => endpoint.objects.touch(),
  };
}

/**
 * The client names the version it has. The one just sent confirms it; the one before means that the answer was lost and
 * must be given again; the empty one starts afresh.
 */
function settleVersion(collector: Collector, version: string): void {
  if (version === '') {
    for (const filter of collector.filters.values()) filter.confirmed = new Map();
  } else if (version === String(collector.version)) {
    for (const filter of collector.filters.values()) filter.confirmed = filter.sent;
    collector.confirmedVersion = collector.version;
  } else if (version !== String(collector.confirmedVersion)) {
    throw new VimFault('InvalidCollectorVersion', {}, 'The version of the property collector is not known.');
  }
}

function changesOf(filter: Filter, viewer: Viewer, limit: number) {
  const told: Told = new Map(filter.confirmed);
  const objectSet: VimObject[] = [];
  const present = new Set<string>();
  let truncated = false;
  for (const object of selectFor(filter, viewer)) {
    present.add(object.ref.id);
    const paths = pathsFor(filter.spec, object);
    if (paths.length === 0) continue;
    const known = told.get(object.ref.id);
    const revision = viewer.objects.revisionOf(object.ref);
    if (known?.revision === revision) continue;
    const read = readProperties(object, paths, viewer);
    const values = new Map(read.values.map(({ name, val }) => [name, encodeField('val', val, 'anyType', false)]));
    const changeSet: VimObject[] = read.values
      .filter(({ name }) => known?.values.get(name) !== values.get(name))
      .map(({ name, val }) => ({ name, op: 'assign', val }));
    for (const name of known?.values.keys() ?? []) {
      if (!values.has(name)) changeSet.push({ name, op: 'indirectRemove' });
    }
    if (known && changeSet.length === 0) {
      told.set(object.ref.id, { ref: object.ref, values, revision });
      continue;
    }
    if (objectSet.length >= limit) {
      truncated = true;
      break;
    }
    told.set(object.ref.id, { ref: object.ref, values, revision });
    objectSet.push({ kind: known ? 'modify' : 'enter', obj: object.ref, changeSet, missingSet: read.missing });
  }
  for (const [id, { ref }] of truncated ? [] : told) {
    if (present.has(id)) continue;
    told.delete(id);
    objectSet.push({ kind: 'leave', obj: ref });
  }
  return { objectSet, told, truncated };
}

/** A start object that is gone leaves the filter empty instead of failing the wait. */
function selectFor(filter: Filter, viewer: Viewer) {
  const objectSet = (filter.spec.objectSet ?? []).filter((start) => {
    const object = viewer.objects.find(start.obj);
    return object !== undefined && sameRef(object.ref, start.obj);
  });
  return selectObjects({ ...filter.spec, objectSet }, viewer);
}
