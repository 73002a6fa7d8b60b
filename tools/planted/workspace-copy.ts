import { cp, lstat, mkdir, mkdtemp, readdir, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspace = fileURLToPath(new URL('../..', import.meta.url));

/** Where `pnpm-workspace.yaml` has its packages, `''` being the workspace itself. */
const packageFolders = [
  '',
  'schema',
  'sdk/client',
  'sdk/plugin',
  'gateway',
  'plugins/vsphere',
  'plugins/nexenta',
  'plugins/network',
  'lab',
  'demo',
];

/** What is made from the sources, and what is not ours. */
const leftOut = new Set(['.git', 'node_modules', 'dist', 'test-results', '.cache', '.bulkhead']);

/** A private copy of the sources as they are now. What they need of others is linked; what they need of ours is in the copy. */
export async function copyWorkspace(): Promise<string> {
  // Without links on the way, since that is how loaded files are named.
  const copy = await mkdtemp(join(await realpath(tmpdir()), 'bulkhead-planted-'));
  try {
    await cp(workspace, copy, { recursive: true, filter: (source) => !leftOut.has(basename(source)) });
    for (const folder of packageFolders) await linkModules(join(workspace, folder), join(copy, folder));
    return copy;
  } catch (error) {
    await removeCopy(copy);
    throw error;
  }
}

export async function removeCopy(copy: string): Promise<void> {
  await rm(copy, { recursive: true, force: true });
}

/**
 * Makes a folder of modules whose links say the same as in the original. Links to our own packages are relative and end in
 * the copy; pnpm's store is linked as a whole.
 */
async function linkModules(from: string, to: string): Promise<void> {
  const [modules, copied] = [join(from, 'node_modules'), join(to, 'node_modules')];
  // A package that needs nothing has none.
  const entries = await readdir(modules, { withFileTypes: true }).catch(() => []);
  if (entries.length > 0) await mkdir(copied, { recursive: true });
  for (const entry of entries) {
    // Vite's caches are written to.
    if (entry.name.startsWith('.vite')) continue;
    const [source, target] = [join(modules, entry.name), join(copied, entry.name)];
    if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.name.startsWith('@')) await copyLinks(source, target);
    else await symlink(source, target);
  }
}

async function copyLinks(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) await symlink(await readlink(join(from, name)), join(to, name));
}

/** Every link to a package of ours in the copy, with where it ends. */
export async function ownPackages(copy: string): Promise<{ link: string; end: string }[]> {
  const found: { link: string; end: string }[] = [];
  for (const folder of packageFolders) {
    const scope = join(copy, folder, 'node_modules', '@bulkhead');
    if (!(await lstat(scope).catch(() => undefined))) continue;
    for (const name of await readdir(scope)) {
      const end = relative(copy, await realpath(join(scope, name)));
      found.push({ link: relative(copy, join(scope, name)).split(sep).join('/'), end });
    }
  }
  return found;
}
