import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const version = '9.1.1.0';
const folder = fileURLToPath(new URL('../../../.cache/pyvmomi/', import.meta.url));

/** Where a survey signs in. Only this certificate is trusted. */
export interface SurveyEndpoint {
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
export async function survey(endpoint: SurveyEndpoint, machine?: string): Promise<Survey> {
  const python = await preparePyvmomi();
  const env = {
    PATH: process.env['PATH'],
    SURVEY_ADDRESS: endpoint.address,
    SURVEY_PORT: String(endpoint.port),
    SURVEY_CERTIFICATE: endpoint.certificateFile,
    SURVEY_USER: endpoint.credentials.userName,
    SURVEY_PASSWORD: endpoint.credentials.password,
    ...(machine === undefined ? {} : { SURVEY_MACHINE: machine }),
  };
  const script = fileURLToPath(new URL('./survey.py', import.meta.url));
  const { stdout } = await run(python, [script], { env, timeout: 120_000, maxBuffer: 16 * 2 ** 20 });
  // The script's own output, written a few lines above in the same shape.
  return JSON.parse(stdout) as Survey;
}
