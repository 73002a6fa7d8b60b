import type { Endpoint } from '../vim25/endpoint.ts';
import type { ManagedObject, Properties } from '../vim25/objects.ts';
import type { MoRef, VimObject } from '../vim25/value.ts';

/** Adds an inventory entity with the properties that all of them have. */
export function addEntity(
  endpoint: Endpoint,
  entity: {
    ref: MoRef;
    name: () => string;
    parent: () => MoRef | undefined;
    status?: () => string;
    properties: Properties;
  },
): ManagedObject {
  const { ref } = entity;
  const status = entity.status ?? (() => 'green');
  return endpoint.objects.add({
    ref,
    label: entity.name,
    entity: () => ref,
    parent: entity.parent,
    properties: {
      parent: entity.parent,
      name: () => encodeName(entity.name()),
      overallStatus: status,
      configStatus: status,
      configIssue: () => [],
      permission: () => describePermissions(endpoint, ref),
      effectiveRole: () => [],
      disabledMethod: () => [],
      recentTask: () => endpoint.tasks.recentOf(ref),
      declaredAlarmState: () => [],
      triggeredAlarmState: () => [],
      alarmActionsEnabled: () => true,
      tag: () => [],
      value: () => [],
      availableField: () => [],
      customValue: () => [],
      ...entity.properties,
    },
  });
}

export function describePermissions(endpoint: Endpoint, ref: MoRef): VimObject[] {
  return endpoint.authorization.at(ref).map((permission) => ({
    $type: 'Permission',
    entity: permission.entity,
    principal: permission.principal,
    group: permission.isGroup,
    roleId: permission.roleId,
    propagate: permission.propagate,
  }));
}

/** Adds a service that belongs to an entity and shares its permissions. */
export function addService(
  endpoint: Endpoint,
  service: { ref: MoRef; label: () => string; entity?: MoRef; properties?: Properties },
): ManagedObject {
  return endpoint.objects.add({
    ref: service.ref,
    label: service.label,
    entity: () => service.entity,
    parent: () => undefined,
    properties: service.properties ?? {},
  });
}

/** `/`, `\` and `%` are escaped in the names of inventory objects. */
export function encodeName(name: string): string {
  return name
    .replace(/%(?!2f|5c|25)/gi, '%25')
    .replaceAll('/', '%2f')
    .replaceAll('\\', '%5c');
}
