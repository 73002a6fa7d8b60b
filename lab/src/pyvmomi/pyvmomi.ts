import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const version = '9.1.1.0';
const folder = fileURLToPath(new URL('../../../.cache/pyvmomi/', import.meta.url));

/** Where pyVmomi signs in. Only this certificate is trusted. */
export interface PyvmomiEndpoint {
  address: string;
  port: number;
  certificateFile: string;
  credentials: { userName: string; password: string };
}

export interface Survey {
  api: string;
  /** By managed type: how many there are, and the properties that were read of them. */
  seen: Record<string, { count: number; properties: string[] }>;
  /** What was done to the machine, with the state of each task. */
  steps: string[];
}

/** Makes a Python environment with VMware's own client when there is none, and returns its interpreter. */
export async function preparePyvmomi(): Promise<string> {
  const python = join(folder, 'bin/python');
  const mark = join(folder, 'pyvmomi-version');
  if ((await readFile(mark, 'utf8').catch(() => '')) === version) return python;
  process.stdout.write(`Installing pyVmomi ${version} ...\n`);
  await mkdir(folder, { recursive: true });
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `pyvmomi==${version}`]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`pyVmomi needs Python 3 with venv and pip: ${reason}`, { cause: error });
  }
  await writeFile(mark, version);
  return python;
}

/** Reads everything with pyVmomi, and works the named machine through its tasks. Throws with Python's own complaint. */
export async function survey(endpoint: PyvmomiEndpoint, machine?: string): Promise<Survey> {
  // The script's own output, in the shape that it is written in.
  return (await script('survey.py', endpoint, machine === undefined ? [] : [machine])) as Survey;
}

/** One action of `actions.py`: what it prints. Throws with Python's own complaint. */
export function act(endpoint: PyvmomiEndpoint, action: string, parameters: object = {}): Promise<unknown> {
  return script('actions.py', endpoint, [action, JSON.stringify(parameters)]);
}

async function script(name: string, endpoint: PyvmomiEndpoint, args: readonly string[]): Promise<unknown> {
  const python = await preparePyvmomi();
  const env = {
    PATH: process.env['PATH'],
    // Compiled modules would land in the sources.
    PYTHONDONTWRITEBYTECODE: '1',
    PYVMOMI_ADDRESS: endpoint.address,
    PYVMOMI_PORT: String(endpoint.port),
    PYVMOMI_CERTIFICATE: endpoint.certificateFile,
    PYVMOMI_USER: endpoint.credentials.userName,
    PYVMOMI_PASSWORD: endpoint.credentials.password,
  };
  const path = fileURLToPath(new URL(name, import.meta.url));
  const { stdout } = await run(python, [path, ...args], { env, timeout: 120_000, maxBuffer: 16 * 2 ** 20 });
  return JSON.parse(stdout) as unknown;
}
