import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const source = new URL('../../tools/source.mjs', import.meta.url).href;

/** Runs the demo, and interrupts it once it has written `until`. */
function demo(args: string[], env: Record<string, string> = {}, until?: string) {
  const child = spawn(process.execPath, ['--import', source, main, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let isInterrupted = false;
  const take = (chunk: Buffer) => {
    text += chunk.toString();
    if (until === undefined || isInterrupted || !text.includes(until)) return;
    isInterrupted = true;
    child.kill('SIGINT');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise<{ code: number | null; text: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, text })),
  );
}

test.each([
  ['--nonce', 'Unknown option'],
  ['--port=http', '--port: http is not a port'],
])('%s is refused in a sentence', async (option, why) => {
  const { code, text } = await demo([option]);
  expect(code).toBe(1);
  expect(text).toContain(why);
  expect(text).not.toContain('    at ');
});

test('broken off in the middle of the story, it leaves nothing behind', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-demo-test-'));
  // As root the embedded server runs as another user, who has to get in.
  await chmod(folder, 0o755);
  try {
    const { code, text } = await demo(['--port', '0'], { TMPDIR: folder }, 'Create the datastore.');
    expect(text).toContain('Stopping.');
    expect(code).toBe(130);
    const left = await readdir(folder);
    expect(left.filter((name) => name.startsWith('bulkhead-'))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
