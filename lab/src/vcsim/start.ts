import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificate } from '../certificate.ts';
import { buildVcsim } from './build.ts';

export interface VcsimOptions {
  /** A vCenter with production hosts, or one standalone nested host. */
  mode: 'vpx' | 'esx';
  address: string;
  /** Default: a free one. */
  port?: number;
  /** Working directory of this simulator: LUNs, links to exports, its certificate. */
  directory: string;
  /** Folder of NFS exports, shared between simulators: `remotePath` is looked up below it. */
  exports?: string;
  userName?: string;
  password?: string;
  /** Further accounts, `name` or `name:password`. */
  users?: readonly string[];
  /** Further flags of vcsimx, e.g. `['-relocation-time', '2s']`. */
  flags?: readonly string[];
}

/** A running simulator. */
export interface Vcsim {
  /** `https://127.20.0.10:8989/sdk` */
  url: string;
  address: string;
  port: number;
  certificateSha256: string;
  certificateFile: string;
  credentials: { userName: string; password: string };
  stop(): Promise<void>;
}

const startTimeoutMs = 20_000;

/** Starts one simulator with a certificate of its own. It ends with this process, however that ends. */
export async function startVcsim(options: VcsimOptions): Promise<Vcsim> {
  const { vcsimx } = await buildVcsim();
  await mkdir(options.directory, { recursive: true });
  const credentials = {
    userName: options.userName ?? (options.mode === 'esx' ? 'root' : 'administrator@vsphere.local'),
    password: options.password ?? 'vcsim-password-1',
  };
  const certificate = await makeCertificate(options.address);
  const certificateFile = join(options.directory, 'certificate.pem');
  await writeFile(certificateFile, certificate.cert);
  await writeFile(join(options.directory, 'key.pem'), certificate.key, { mode: 0o600 });
  const args = [
    '-until-eof',
    `-l=${options.address}:${options.port ?? 0}`,
    `-directory=${options.directory}`,
    `-username=${credentials.userName}`,
    `-tlscert=${certificateFile}`,
    `-tlskey=${join(options.directory, 'key.pem')}`,
  ];
  if (options.mode === 'esx') args.push('-esx', `-address=${options.address}`);
  if (options.exports !== undefined) args.push(`-exports=${options.exports}`);
  if (options.users !== undefined) args.push(`-users=${options.users.join(',')}`);
  args.push(...(options.flags ?? []));
  const child = spawn(vcsimx, args, {
    env: { ...process.env, VCSIMX_PASSWORD: credentials.password },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const url = await ready(child);
  return {
    url,
    address: options.address,
    port: Number(new URL(url).port),
    certificateSha256: certificate.sha256,
    certificateFile,
    credentials,
    stop: () => stop(child),
  };
}

function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`vcsimx was not ready after ${startTimeoutMs / 1000} s:\n${said}`));
    }, startTimeoutMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-8000);
      const url = /vcsimx ready (\S+)/.exec(said)?.[1];
      if (url !== undefined) settle(() => resolve(url));
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code) => settle(() => reject(new Error(`vcsimx ended with ${code}:\n${said}`))));
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin?.end();
  });
}
