import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One change of one file: the text as it stands there, once, and what a careless hand would have written instead. */
export interface Patch {
  file: string;
  old: string;
  new: string;
}

/**
 * Plants the bug for as long as `act` runs.
 * @throws Error when the text is not there once: the code has moved on, and the plant has to move with it.
 */
export async function planted<T>(copy: string, patch: Patch, act: () => Promise<T>): Promise<T> {
  const path = join(copy, patch.file);
  const sound = await readFile(path, 'utf8');
  const found = sound.split(patch.old).length - 1;
  if (found !== 1) {
    throw new Error(
      `The plant does not apply: ${patch.file} has its old text ${found} times and not once. Adapt the plant:\n${patch.old}`,
    );
  }
  await writeFile(
    path,
    sound.replace(patch.old, () => patch.new),
  );
  try {
    return await act();
  } finally {
    await writeFile(path, sound);
  }
}
