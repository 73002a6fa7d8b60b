import { spawn } from 'node:child_process';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sources = join(root, 'lab/vcsim');
const programs = join(root, '.cache/vcsim');

/** The programs of `lab/vcsim`. */
export interface VcsimPrograms {
  vcsimx: string;
  govcx: string;
}

let building: Promise<VcsimPrograms> | undefined;

/** Builds both programs when they are missing or older than their sources. About two minutes with empty Go caches. */
export function buildVcsim(): Promise<VcsimPrograms> {
  building ??= buildBoth();
  return building;
}

async function buildBoth(): Promise<VcsimPrograms> {
  const made = { vcsimx: join(programs, 'vcsimx'), govcx: join(programs, 'govcx') };
  if ((await modifiedAt(join(sources, 'go.mod'))) === 0) {
    throw new Error('vcsim is built from lab/vcsim of the repository, which an installed package does not bring.');
  }
  const changed = await newest(sources);
  const stale = await Promise.all(Object.values(made).map(async (file) => (await modifiedAt(file)) < changed));
  if (!stale.includes(true)) return made;

  process.stdout.write('Building vcsimx and govcx with Go (two minutes with empty caches) ...\n');
  await mkdir(programs, { recursive: true });
  for (const [name, file] of Object.entries(made)) {
    // Test files build in processes of their own: each builds aside and renames, so that nobody runs half a program.
    const aside = `${file}.${process.pid}`;
    // Without -buildvcs=false, a checkout that belongs to another user does not build.
    await go(['build', '-buildvcs=false', '-o', aside, `./cmd/${name}`]);
    await rename(aside, file);
  }
  return made;
}

async function go(args: string[]): Promise<void> {
  const child = spawn('go', args, { cwd: sources, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`vcsim needs Go 1.25 or later on the PATH: ${error.message}`, { cause: error })),
    );
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`go ${args.join(' ')} ended with ${code}:\n${complaint}`)),
    );
  });
}

async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.(go|mod|sum)$/.test(entry.name));
  const times = await Promise.all(files.map((entry) => modifiedAt(join(entry.parentPath, entry.name))));
  return Math.max(...times);
}

async function modifiedAt(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return 0;
  }
}
