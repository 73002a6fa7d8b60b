import { all, at, isSameRef, numberAt, refAt, refsOf, textAt, type MoRef, type XmlElement } from '../soap/element.ts';
import type { DataObject } from '../soap/value.ts';
import type { CallContext, VimSession } from './session.ts';
import { isFault, readLocalizedFault } from './vim-fault.ts';

/** A managed object with the properties that were asked for and are set. */
export interface ManagedObject {
  readonly ref: MoRef;
  get(path: string): XmlElement | undefined;
}

const pageSize = 500;

/** Reads named properties of one object. @throws VimFault `ManagedObjectNotFound` when it is gone. */
export async function read(
  session: VimSession,
  self: MoRef,
  paths: readonly string[],
  call: CallContext,
): Promise<ManagedObject> {
  const [found] = await retrieve(session, [filterOf([self], self.type, paths)], call);
  return found ?? managedObject(self, []);
}

/** As `read`; null when it is gone. */
export async function readIfThere(
  session: VimSession,
  self: MoRef,
  paths: readonly string[],
  call: CallContext,
): Promise<ManagedObject | null> {
  try {
    return await read(session, self, paths, call);
  } catch (error) {
    if (isFault(error, 'ManagedObjectNotFound')) return null;
    throw error;
  }
}

/** Reads the same properties of many objects of one type. Those that are gone by now are left out. */
export async function readMany(
  session: VimSession,
  refs: readonly MoRef[],
  paths: readonly string[],
  call: CallContext,
): Promise<ManagedObject[]> {
  let remaining = [...refs];
  for (;;) {
    const [first] = remaining;
    if (!first) return [];
    try {
      return await retrieve(session, [filterOf(remaining, first.type, paths)], call);
    } catch (error) {
      if (!isFault(error, 'ManagedObjectNotFound')) throw error;
      const gone = refAt(error.properties, 'obj');
      const left = remaining.filter((one) => !isSameRef(one, gone));
      if (left.length === remaining.length) throw error;
      remaining = left;
    }
  }
}

/** Reads properties of all objects of a type below a container. */
export async function list(
  session: VimSession,
  container: MoRef,
  type: string,
  paths: readonly string[],
  call: CallContext,
): Promise<ManagedObject[]> {
  return withFreshSession(async () => {
    const [view] = refsOf(
      await session.callService(
        'viewManager',
        'CreateContainerView',
        { container, type: [type], recursive: true },
        call,
      ),
    );
    if (!view) return [];
    try {
      const traversal = { $type: 'TraversalSpec', name: 'members', type: 'ContainerView', path: 'view', skip: false };
      const objectSet = { obj: view, skip: true, selectSet: [traversal] };
      return await retrieve(session, [{ propSet: [propertySpec(type, paths)], objectSet: [objectSet] }], call);
    } finally {
      // Views end with the session at the latest.
      await session.call('DestroyView', view, {}, call).catch(() => undefined);
    }
  });
}

/** Runs work whose objects live in one session, and once more when the session was lost under it. */
async function withFreshSession<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFault(error, 'NotAuthenticated')) throw error;
    return work();
  }
}

async function retrieve(session: VimSession, specSet: DataObject[], call: CallContext): Promise<ManagedObject[]> {
  return withFreshSession(async () => {
    const seen = session.signIns;
    const objects: ManagedObject[] = [];
    const options = { maxObjects: pageSize };
    let [page] = await session.callService('propertyCollector', 'RetrievePropertiesEx', { specSet, options }, call);
    for (;;) {
      for (const content of all(page, 'objects')) objects.push(objectOf(session, seen, content));
      const token = textAt(page, 'token');
      if (token === undefined) return objects;
      [page] = await session.callService('propertyCollector', 'ContinueRetrievePropertiesEx', { token }, call);
    }
  });
}

function objectOf(session: VimSession, seen: number, content: XmlElement): ManagedObject {
  const self = refAt(content, 'obj');
  if (!self) throw new Error('the property collector answered without an object');
  for (const missing of all(content, 'missingSet')) {
    const fault = at(missing, 'fault');
    if (at(fault, 'fault')?.xsiType !== 'NotAuthenticated' || !fault) continue;
    // Without a session the collector answers, and every property is missing.
    session.forgetSignIn(seen);
    throw readLocalizedFault(fault, 'RetrievePropertiesEx');
  }
  return managedObject(self, all(content, 'propSet'));
}

function managedObject(self: MoRef, propSet: readonly XmlElement[]): ManagedObject {
  const values = new Map<string, XmlElement>();
  for (const property of propSet) {
    const name = textAt(property, 'name');
    const value = at(property, 'val');
    if (name !== undefined && value) values.set(name, value);
  }
  return { ref: self, get: (path) => values.get(path) };
}

function filterOf(refs: readonly MoRef[], type: string, paths: readonly string[]): DataObject {
  return { propSet: [propertySpec(type, paths)], objectSet: refs.map((obj) => ({ obj, skip: false })) };
}

function propertySpec(type: string, paths: readonly string[]): DataObject {
  return { type, all: false, pathSet: [...paths] };
}

/** A number that the server always states; absent only while an object is half made. */
export function numberOr(object: ManagedObject, path: string, fallback: number): number {
  return numberAt(object.get(path)) ?? fallback;
}
