import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAdmin, type KeycloakAdmin } from './admin.ts';
import { keycloakVersion, prepareKeycloak } from './distribution.ts';
import { findJava } from './java.ts';

export interface KeycloakOptions {
  /** Realm files, as objects: each is imported at the start, as a provider's `--import-realm` does. */
  realms: readonly object[];
  /** Where people are sent back to after signing in: `BULKHEAD_PORTAL_URL` of `deploy/keycloak`. */
  portalUrl?: string;
}

/** A private Keycloak with a database in memory. */
export interface Keycloak {
  /** `http://127.0.0.1:…` */
  url: string;
  /** `Keycloak 26.7.3 on openjdk version "17.0.15" …` */
  version: string;
  issuerOf(realm: string): string;
  /** The server's own administrator, who may do everything in every realm. */
  admin: KeycloakAdmin;
  stop(): Promise<void>;
}

// On two cores that others use as well, a first start has taken 80 seconds.
const startLimitMs = 240_000;
const stopLimitMs = 20_000;

/**
 * Starts a Keycloak on free ports of the loopback. It ends with this process, however that ends, and leaves nothing.
 * @throws Error when there is no Java 17, or Keycloak can neither be found in the cache nor downloaded.
 */
export async function startKeycloak(options: KeycloakOptions): Promise<Keycloak> {
  const java = await findJava();
  const built = await prepareKeycloak(java);
  const home = await mkdtemp(join(tmpdir(), 'keycloak-'));
  try {
    await makeHome(home, built, options.realms);
    const [port, managementPort] = await freePorts();
    const url = `http://127.0.0.1:${port}`;
    const password = randomBytes(18).toString('base64url');
    const server = launch(home, join(built, 'bin/kc.sh'), argumentsOf(home, url, managementPort), {
      ...process.env,
      JAVA: java.program,
      // Starting is most of what it does here, and the first compiler is through with that soonest.
      JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1',
      KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
      KC_BOOTSTRAP_ADMIN_PASSWORD: password,
      BULKHEAD_PORTAL_URL: options.portalUrl ?? 'http://127.0.0.1',
    });
    try {
      await waitUntilReady(server, `http://127.0.0.1:${managementPort}/health/ready`);
    } catch (error) {
      await end(server.child);
      throw error;
    }
    return {
      url,
      version: `Keycloak ${keycloakVersion} on ${java.version}`,
      issuerOf: (realm) => `${url}/realms/${realm}`,
      admin: openAdmin(url, {
        realm: 'master',
        form: { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password },
      }),
      stop: () => end(server.child),
    };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** The shared build through links, and a folder for data of its own. */
async function makeHome(home: string, built: string, realms: readonly object[]): Promise<void> {
  for (const name of await readdir(built)) {
    if (name !== 'data') await symlink(join(built, name), join(home, name));
  }
  const imports = join(home, 'data/import');
  await mkdir(imports, { recursive: true });
  for (const [index, realm] of realms.entries()) {
    await writeFile(join(imports, `realm-${index}.json`), JSON.stringify(realm), { mode: 0o600 });
  }
}

function argumentsOf(home: string, url: string, managementPort: number): string[] {
  const { hostname, port } = new URL(url);
  return [
    `-Dkc.home.dir=${home}`,
    'start',
    '--optimized',
    '--cache=local',
    '--http-enabled=true',
    `--http-host=${hostname}`,
    `--http-port=${port}`,
    `--hostname=${url}`,
    `--http-management-host=${hostname}`,
    `--http-management-port=${managementPort}`,
    '--import-realm',
    // Each time that we ask whether it is ready, it would say that it is not.
    '--log-level=info,io.smallrye.health:error',
  ];
}

interface Server {
  child: ChildProcess;
  said: () => string;
}

/**
 * The shell waits for the server, and a part of it for the end of its input, which comes when we die: then the server is
 * told to end. `kc.sh` hands on the signal to its Java and waits for it. Whoever ended it, its folder goes.
 */
function launch(home: string, script: string, args: readonly string[], env: NodeJS.ProcessEnv): Server {
  const guard = [
    'home=$1; shift; exec 3<&0',
    '"$@" </dev/null 3<&- & server=$!',
    '{ cat <&3 >/dev/null; kill -TERM $server; } & watch=$!',
    'wait $server; status=$?; kill $watch 2>/dev/null; rm -rf "$home"; exit $status',
  ].join('\n');
  const child = spawn('/bin/sh', ['-c', guard, 'sh', home, script, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  const keep = (chunk: Buffer) => (text = (text + chunk.toString()).slice(-16_000));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return { child, said: () => text };
}

async function waitUntilReady({ child, said }: Server, url: string): Promise<void> {
  const limit = Date.now() + startLimitMs;
  // The main port opens earlier, while the realm is still being imported.
  for (;;) {
    const isReady = await fetch(url).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isReady) return;
    if (Date.now() > limit || child.exitCode !== null) throw new Error(`Keycloak did not come up:\n${said()}`);
    await sleep(250);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return void child.stdin?.destroy();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Keycloak does not end.')), stopLimitMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin?.end();
  });
}

/** Two that are free together. */
async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all([listen(), listen()]);
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('No port.');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [first, second] = ports;
  if (first === undefined || second === undefined) throw new Error('No port.');
  return [first, second];
}

function listen(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
