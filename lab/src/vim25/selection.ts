import { fieldsOf, isSubtype } from './schema.ts';
import { VimFault } from './fault.ts';
import type { ManagedObject, Objects } from './objects.ts';
import { fieldOfPath, readPath } from './property-path.ts';
import type { ObjectSpec, PropertyFilterSpec, SelectionSpec } from './types.generated.ts';
import { isA, isAny, isMoRef } from './value.ts';
import type { Session } from './sessions.ts';
import type { MoRef, VimObject, VimValue } from './value.ts';

/** Who looks, and what may be seen. */
export interface Viewer {
  readonly objects: Objects;
  isVisible(object: ManagedObject): boolean;
  holds(privilege: string, object: ManagedObject): boolean;
  /** False before signing in: every property is missing for want of it. */
  readonly isSignedIn: boolean;
  readonly session: Session;
}

/** The objects that a filter's specification reaches, each once, in the order they were found. */
export function selectObjects(spec: PropertyFilterSpec, viewer: Viewer): ManagedObject[] {
  const found = new Map<string, ManagedObject>();
  for (const start of spec.objectSet ?? []) {
    const object = viewer.objects.find(start.obj);
    if (!object) {
      if (spec.reportMissingObjectsInResults) continue;
      throw new VimFault(
        'ManagedObjectNotFound',
        { obj: start.obj },
        `The object 'vim.${start.obj.moType}:${start.obj.id}' has already been deleted or has not been completely created`,
      );
    }
    walk(object, start, viewer, found);
  }
  return [...found.values()];
}

function walk(root: ManagedObject, start: ObjectSpec, viewer: Viewer, found: Map<string, ManagedObject>): void {
  const named = new Map<string, SelectionSpec>();
  const collect = (specs: readonly SelectionSpec[]) => {
    for (const spec of specs) {
      if (!isA(spec, 'TraversalSpec')) continue;
      if (spec.name !== undefined) named.set(spec.name, spec);
      collect(spec.selectSet ?? []);
    }
  };
  collect(start.selectSet ?? []);
  const done = new Set<string>();
  const specIds = new Map<SelectionSpec, number>();
  const visit = (object: ManagedObject, isSkipped: boolean, specs: readonly SelectionSpec[]) => {
    if (!viewer.isVisible(object)) return;
    if (!isSkipped) found.set(object.ref.id, object);
    for (const reference of specs) {
      const spec = isA(reference, 'TraversalSpec') ? reference : named.get(reference.name ?? '');
      if (!isA(spec, 'TraversalSpec')) {
        throw new VimFault(
          'InvalidArgument',
          { invalidProperty: 'selectSet' },
          `No selection is named ${reference.name}.`,
        );
      }
      if (!isSubtype(object.ref.moType, spec.type)) continue;
      if (!specIds.has(spec)) specIds.set(spec, specIds.size);
      const step = `${object.ref.id} ${specIds.get(spec)}`;
      if (done.has(step)) continue;
      done.add(step);
      for (const ref of referencesIn(readPath(object, spec.path))) {
        const next = viewer.objects.find(ref);
        if (next) visit(next, spec.skip ?? false, spec.selectSet ?? []);
      }
    }
  };
  visit(root, start.skip ?? false, start.selectSet ?? []);
}

function referencesIn(value: VimValue): MoRef[] {
  const content = isAny(value) ? value.value : value;
  const items: readonly VimValue[] = Array.isArray(content) ? content : [content];
  return items.filter(isMoRef);
}

/** The paths that a specification asks of this object; the schema's order for `all`. */
export function pathsFor(spec: PropertyFilterSpec, object: ManagedObject): string[] {
  const paths = new Set<string>();
  for (const set of spec.propSet ?? []) {
    if (!isSubtype(object.ref.moType, set.type)) continue;
    if (set.all) for (const field of fieldsOf(object.ref.moType)) paths.add(field.name);
    else for (const path of set.pathSet ?? []) paths.add(path);
  }
  return [...paths];
}

export interface ObjectProperties {
  obj: MoRef;
  values: { name: string; val: VimValue }[];
  missing: VimObject[];
}

export function readProperties(object: ManagedObject, paths: readonly string[], viewer: Viewer): ObjectProperties {
  const values: ObjectProperties['values'] = [];
  const missing: VimObject[] = [];
  for (const path of paths) {
    const privilegeId = fieldOfPath(object, path).privilege ?? 'System.Read';
    if (!viewer.isSignedIn || !viewer.holds(privilegeId, object)) {
      const type = viewer.isSignedIn ? 'NoPermission' : 'NotAuthenticated';
      const fault = { fault: { $type: type, object: object.ref, privilegeId }, localizedMessage: `${type}.` };
      missing.push({ path, fault });
      continue;
    }
    const val = readPath(object, path, viewer.session);
    if (val !== undefined) values.push({ name: path, val });
  }
  return { obj: object.ref, values, missing };
}

/** As `RetrievePropertiesEx` answers it. */
export function describeContent(content: ObjectProperties): VimObject {
  return { $type: 'ObjectContent', obj: content.obj, propSet: content.values, missingSet: content.missing };
}
