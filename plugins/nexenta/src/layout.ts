import { PluginError } from '@bulkhead/plugin-sdk';

const key = /^[a-z0-9][a-z0-9-]{0,62}$/;
const dataset = /^[A-Za-z0-9][A-Za-z0-9_.:-]*(\/[A-Za-z0-9][A-Za-z0-9_.:-]*)*$/;
const anySnapshot = /^[A-Za-z0-9][A-Za-z0-9_.: -]*$/;
/** The datastore's own name below its container; everything else there is a clone. */
const live = 'ds0';

/** Where the plugin's datasets are, below one root: nothing else on the appliance is ever touched. */
export interface Layout {
  readonly root: string;
  /** `ROOT/KEY`: bounds what the datastore, its snapshots and its clones take together. Never shared. */
  container(datastoreKey: string): string;
  /** `ROOT/KEY/ds0` */
  datastore(datastoreKey: string): string;
  /** `ROOT/KEY/CLONE` */
  clone(datastoreKey: string, cloneName: string): string;
  /** `ROOT/KEY/ds0@NAME` */
  snapshot(datastoreKey: string, name: string): string;
  /** Whether `path` is some datastore's `ROOT/KEY/ds0`. */
  isDatastore(path: string): boolean;
  /** Whether a request may name `path`: the root only to be read, and below it nothing of another shape. */
  allows(path: string, isRead: boolean): boolean;
}

export function layoutBelow(root: string): Layout {
  if (!dataset.test(root)) throw new Error(`The root dataset ${JSON.stringify(root)} is not a dataset path.`);
  const container = (datastoreKey: string) => `${root}/${checked(datastoreKey, 'datastore key')}`;
  const datastore = (datastoreKey: string) => `${container(datastoreKey)}/${live}`;

  return {
    root,
    container,
    datastore,
    clone(datastoreKey, cloneName) {
      if (cloneName === live) throw invalid('clone name', cloneName);
      return `${container(datastoreKey)}/${checked(cloneName, 'clone name')}`;
    },
    snapshot: (datastoreKey, name) => `${datastore(datastoreKey)}@${checked(name, 'snapshot name')}`,
    isDatastore: (path) => path.startsWith(`${root}/`) && isShape(path.slice(root.length + 1), [key, live]),
    allows(path, isRead) {
      if (path === root) return isRead;
      if (!path.startsWith(`${root}/`)) return false;
      const below = path.slice(root.length + 1);
      const [filesystem = '', name, ...more] = below.split('@');
      if (name !== undefined) {
        // Others may take snapshots of a datastore, by schedule or by hand: they must be seen, and are never touched.
        const isName = isRead ? anySnapshot.test(name) : key.test(name);
        return more.length === 0 && isName && isShape(filesystem, [key, live]);
      }
      return isShape(below, [key]) || isShape(below, [key, key]);
    },
  };
}

function isShape(path: string, shape: readonly (RegExp | string)[]): boolean {
  const segments = path.split('/');
  return (
    segments.length === shape.length &&
    shape.every((part, i) => (typeof part === 'string' ? segments[i] === part : part.test(segments[i] ?? '')))
  );
}

function checked(text: string, what: string): string {
  if (!key.test(text)) throw invalid(what, text);
  return text;
}

function invalid(what: string, text: string): PluginError {
  return new PluginError(
    'invalid',
    `The ${what} is not usable.`,
    `${what} ${JSON.stringify(text)} is not [a-z0-9][a-z0-9-]{0,62}`,
  );
}
