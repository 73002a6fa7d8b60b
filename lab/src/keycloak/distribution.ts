import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Java } from './java.ts';

const run = promisify(execFile);

export const keycloakVersion = '26.7.3';
const archiveSha256 = '77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47';
const archiveName = `keycloak-quarkus-dist-${keycloakVersion}.tar.gz`;
const central = 'https://repo.maven.apache.org/maven2';
const folder = fileURLToPath(new URL('../../../.cache/keycloak/', import.meta.url));
/** Options of the build are part of what is kept: another set needs another name. */
const built = join(folder, `${keycloakVersion}-dev-mem`);

let preparing: Promise<string> | undefined;

/**
 * The folder of a Keycloak that is built and ready to start, shared and never written to. Where there is none, it is
 * downloaded (176 MB), compared with the checksum that this file names, and built, which takes a minute.
 */
export function prepareKeycloak(java: Java): Promise<string> {
  preparing ??= prepare(java).catch((error: unknown) => {
    preparing = undefined;
    throw error;
  });
  return preparing;
}

async function prepare(java: Java): Promise<string> {
  if (await isThere(built)) return built;
  await mkdir(folder, { recursive: true });
  // Test files are processes of their own: each prepares aside and renames, so that nobody starts half a server.
  const aside = await mkdtemp(join(folder, 'preparing-'));
  try {
    const archive = join(folder, archiveName);
    if (!(await isGood(archive))) await fetchArchive(aside, archive);
    await run('tar', ['xzf', archive, '-C', aside, '--no-same-owner']);
    const home = join(aside, `keycloak-${keycloakVersion}`);
    process.stdout.write(`Building Keycloak ${keycloakVersion} ...\n`);
    await run(join(home, 'bin/kc.sh'), ['build', '--db=dev-mem', '--health-enabled=true'], {
      env: { ...process.env, JAVA: java.program },
      maxBuffer: 16 * 2 ** 20,
    });
    await rename(home, built).catch(async (error: unknown) => {
      if (!(await isThere(built))) throw error;
    });
    return built;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function fetchArchive(aside: string, archive: string): Promise<void> {
  process.stdout.write(`Downloading Keycloak ${keycloakVersion} (176 MB) ...\n`);
  const fetched = join(aside, archiveName);
  // Maven knows this machine's mirror and proxy; without it, the public repository is asked.
  const copy = `-Dartifact=org.keycloak:keycloak-quarkus-dist:${keycloakVersion}:tar.gz`;
  await run('mvn', ['-q', '-B', 'dependency:copy', copy, `-DoutputDirectory=${aside}`], { cwd: aside }).catch(
    async () => {
      const url = `${central}/org/keycloak/keycloak-quarkus-dist/${keycloakVersion}/${archiveName}`;
      const response = await fetch(url);
      if (!response.ok || !response.body) throw new Error(`Keycloak cannot be had: ${url} answers ${response.status}.`);
      await pipeline(Readable.fromWeb(response.body), createWriteStream(fetched));
    },
  );
  const sha256 = await sha256Of(fetched);
  if (sha256 !== archiveSha256) {
    throw new Error(`What was downloaded as ${archiveName} has the SHA-256 ${sha256}, not ${archiveSha256}.`);
  }
  await rename(fetched, archive);
}

async function isGood(archive: string): Promise<boolean> {
  return (await isThere(archive)) && (await sha256Of(archive)) === archiveSha256;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
