import { readFile } from 'node:fs/promises';

/** The commands that the README tells the provider to run, exactly as printed. */
export async function readmeCommands(): Promise<string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const block = /```sh\n([\s\S]*?)```/.exec(readme)?.[1];
  if (block === undefined) throw new Error('The README has no block of set-up commands.');
  return block.split('\n').filter((line) => line.startsWith('ovn-nbctl'));
}
