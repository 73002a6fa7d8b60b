import type { LabState, NfsFile } from '@bulkhead/lab';
import { markFiles } from './files.ts';
import { rowsOf } from './northbound-rows.ts';
import { leftOut, put, type Plain, type PlainObject, type Shape } from './plain.ts';
import { markSecret } from './secret-mark.ts';

export type House = LabState['vcenter'];
type Ref = House['datacenter'];

/** Whose ids the walk is among. Outside of a house there are none. */
export interface Among {
  house?: House;
  labels: Map<string, string>;
}

// What the walk over the lab's state leaves out or says in other words. Whatever is not named here is compared as it is.

type S = Shape<Among>;

/** `VirtualMachine web01` instead of `vm-31`, which is dealt out anew with each registration. */
export function labelOf(ref: Pick<Ref, 'id'> & Partial<Ref>, { house, labels }: Among): string {
  let label = labels.get(ref.id);
  if (label === undefined) {
    // The inventory knows its objects by their ids alone.
    const found = house?.endpoint.objects.find({ moType: '', ...ref });
    label = found ? `${found.ref.moType} ${found.label()}` : `${ref.moType ?? 'object'} that is gone`;
    labels.set(ref.id, label);
  }
  return label;
}

const byName = (_key: string, element: { name: string }) => element.name;
const same = (what: string) => leftOut(`${what}, which is captured in its own place`);
const counter = leftOut('a counter: how often something was done is told by the journal');
const moment = leftOut('a time of day');
const machinery = leftOut('machinery of the simulation, no state of the datacentre');
const portGroup: S = {
  why: 'the id of a port group, as text',
  as: (key: string, among) => labelOf({ id: key }, among),
};
const hash: S = {
  why: 'a secret: whether it is another one is all that matters',
  as: markSecret,
};
const files: S = {
  why: 'marked, with what is volatile in them left out',
  as: (tree: ReadonlyMap<string, NfsFile>, among) => markFiles(tree, (key) => labelOf({ id: key }, among)),
};

const vmConfig: S = {
  fields: {
    uuidLocation: leftOut('names the place where the machine last ran; only registration elsewhere asks for it'),
    nics: { each: { fields: { backing: { fields: { portgroupKey: portGroup } } } } },
  },
};
const snapshot: S = {
  fields: {
    ref: leftOut('a managed object id'),
    parent: leftOut('told by being among its children'),
    config: vmConfig,
    children: { each: () => snapshot },
  },
};
const vm: S = {
  fields: {
    ref: leftOut('a managed object id'),
    changeVersion: counter,
    run: counter,
    modifiedAt: moment,
    bootTime: moment,
    config: vmConfig,
    snapshots: {
      fields: {
        roots: { each: snapshot },
        current: { why: 'one of the tree', as: (current?: { name: string }) => current?.name ?? null },
      },
    },
    question: { why: 'waits in a closure', as: (question?: object) => (question ? 'is open' : undefined) },
  },
};

const host: S = {
  fields: { bootTime: moment, ref: leftOut('a managed object id') },
};

const endpoint: S = {
  fields: {
    options: machinery,
    handlers: machinery,
    events: leftOut('the history of what happened, not what stands'),
    objects: { why: 'readers of state that is captured here; who is there counts', as: inventoryOf },
    sessions: {
      fields: {
        accounts: { each: { fields: { password: hash } } },
        open: leftOut('sessions: a killed worker cannot sign out, and they end by themselves'),
        onEnd: machinery,
      },
    },
    authorization: {
      fields: {
        objects: same('the inventory'),
        nextRole: counter,
        roles: { key: byName, each: { fields: { id: leftOut('a number that is dealt out'), privileges: {} } } },
        permissions: { why: 'by the entity’s name, with the role’s', as: permissionsOf },
      },
    },
    tasks: {
      fields: {
        objects: same('the inventory'),
        clock: machinery,
        sequence: counter,
        tasks: { why: 'what has ended is history', as: runningTasks },
        busy: { why: 'ids of what is in a task', as: busyWith },
      },
    },
  },
};

/** One inventory: of the production vCenter, or of one host. */
export const houseShape: S = {
  fields: {
    endpoint,
    clock: machinery,
    nfs: same('the appliance'),
    fabric: same('the northbound database'),
    hosts: { key: byName, each: host },
    datastores: {
      key: byName,
      each: {
        fields: {
          ref: leftOut('a managed object id'),
          hosts: { why: 'ids', as: (ids: ReadonlySet<string>, among) => namesOf(ids, among) },
          lun: { fields: { files, freeBytes: leftOut('follows from the files') } },
        },
      },
    },
    networks: {
      key: byName,
      each: {
        fields: {
          ref: leftOut('a managed object id'),
          distributed: {
            fields: { portgroupKey: portGroup, config: { fields: { key: portGroup, configVersion: counter } } },
          },
        },
      },
    },
    folders: { key: byName, each: { fields: { ref: leftOut('a managed object id') } } },
    vms: { key: byName, each: vm },
  },
};

export const applianceShape: S = {
  fields: {
    world: {
      fields: {
        lastTxg: counter,
        filesystems: { each: { fields: { files } } },
        snapshots: { each: { fields: { files } } },
      },
    },
    jobs: {
      each: {
        fields: {
          clock: machinery,
          outcomes: {
            why: 'what has ended is history',
            as: (outcomes: ReadonlyMap<string, { state: string }>) =>
              [...outcomes.values()].flatMap(({ state }) => (state === 'running' ? [state] : [])),
          },
        },
      },
    },
  },
};

export const northboundShape: S = {
  fields: {
    schema: machinery,
    lastTransactionId: counter,
    listeners: machinery,
    tables: { why: 'rows name each other by uuids', as: rowsOf },
  },
};

/** Everything that the inventory lists, by type and name; what belongs to one session, and tasks, come and go with them. */
function inventoryOf(objects: House['endpoint']['objects']): Plain {
  const listed: Record<string, Record<string, number>> = {};
  for (const object of objects.all()) {
    const { moType } = object.ref;
    if (object.sessionKey !== undefined || moType === 'Task') continue;
    const ofType = (listed[moType] ??= {});
    ofType[object.label()] = (ofType[object.label()] ?? 0) + 1;
  }
  return listed;
}

interface Permission {
  entity: Ref;
  principal: string;
  isGroup: boolean;
  roleId: number;
  propagate: boolean;
}

function permissionsOf(permissions: ReadonlyMap<string, Permission[]>, among: Among): Plain {
  const held: PlainObject = {};
  for (const list of permissions.values()) {
    for (const { entity, roleId, ...rest } of list) {
      const role = among.house?.endpoint.authorization.roles.get(roleId)?.name ?? 'a role that is gone';
      put(held, `${rest.principal} on ${labelOf(entity, among)}`, { ...rest, role });
    }
  }
  return held;
}

interface Task {
  state: string;
  options: { name: string; entityName: string };
}

function runningTasks(tasks: ReadonlyMap<string, Task>): Plain {
  return [...tasks.values()]
    .filter(({ state }) => state === 'queued' || state === 'running')
    .map(({ options }) => `${options.name} of ${options.entityName}`)
    .sort();
}

function busyWith(busy: ReadonlyMap<string, Ref>, among: Among): Plain {
  return [...busy.keys()].map((id) => labelOf({ id }, among)).sort();
}

function namesOf(ids: ReadonlySet<string>, { house }: Among): string[] {
  return [...ids].map((id) => house?.hosts.get(id)?.name ?? 'a host that is gone').sort();
}
