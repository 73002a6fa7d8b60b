// The foreign witnesses of `pnpm test:real`: what each needs from the machine, how it gets that, and what it used.
// Modules of Go come through `go build` and are no business of this file; Debian packages are installed when we are root.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const run = (command, args, options = {}) => spawnSync(command, args, { encoding: 'utf8', ...options });
const firstLine = (command, args) => run(command, args).stdout?.split('\n')[0]?.trim() || undefined;

/** Debian keeps the server's programs beside the PATH; 15 is the oldest version that we support. */
const postgresqlPrograms = '/usr/lib/postgresql/15/bin';

export const witnesses = [
  {
    name: 'vcsim',
    what: 'VMware vCenter and ESXi by govmomi, and its client govc',
    // lab/src/vcsim/build.ts builds the programs; only the compiler must be there.
    isPresent: () => goVersion() !== undefined,
    packages: [],
    missing: 'Go 1.25 or later (https://go.dev/dl/, or golang-go of Debian backports)',
    used: () => `govmomi v0.56.0 built by ${goVersion()}`,
  },
  {
    name: 'pyvmomi',
    what: "VMware's own Python client of vSphere",
    // lab/src/pyvmomi/pyvmomi.ts installs the client itself, into an environment of its own.
    isPresent: () => run('python3', ['-c', 'import ensurepip, venv']).status === 0,
    packages: ['python3', 'python3-venv'],
    used: () => `pyVmomi 9.1.1.0 from PyPI, ${firstLine('python3', ['--version'])}`,
  },
  {
    name: 'postgresql',
    what: 'PostgreSQL as Debian packages it',
    isPresent: () => existsSync(join(postgresqlPrograms, 'initdb')),
    packages: ['postgresql-15'],
    used: () => firstLine(join(postgresqlPrograms, 'postgres'), ['--version']),
  },
  {
    name: 'ovn',
    what: 'OVN northbound database, northd and controller over Open vSwitch',
    isPresent: () => ['ovn-nbctl', 'ovn-northd', 'ovn-controller', 'ovs-vswitchd'].every(isOnPath),
    packages: ['ovn-central', 'ovn-host', 'openvswitch-switch'],
    used: () => `${firstLine('ovn-nbctl', ['--version'])}, ${firstLine('ovs-vsctl', ['--version'])}`,
  },
  {
    name: 'keycloak',
    what: 'Keycloak with our realm file',
    // lab/src/keycloak/distribution.ts fetches and builds the server itself; only a Java must be there.
    isPresent: () => javaVersion() !== undefined,
    packages: ['openjdk-17-jre-headless'],
    missing: 'Java 17 or later (Debian package openjdk-17-jre-headless, or JAVA_HOME)',
    used: () => `Keycloak 26.7.3 from Maven Central, ${javaVersion()}`,
  },
];

/** Brings everything that the witness needs, or says what is missing. Returns what the run will use. */
export function prepareWitness(witness) {
  if (!witness.isPresent()) install(witness);
  if (!witness.isPresent()) {
    const wanted = witness.missing ?? `Debian packages ${witness.packages.join(', ')}`;
    throw new Error(`Witness ${witness.name} (${witness.what}) cannot start: missing ${wanted}.`);
  }
  return witness.used();
}

function install(witness) {
  if (witness.packages.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${witness.packages.join(' ')}`;
  if (process.getuid?.() !== 0) {
    throw new Error(
      `Witness ${witness.name} (${witness.what}) is not installed and this user may not install it: ${command}`,
    );
  }
  console.log(`Installing ${witness.packages.join(', ')} ...`);
  // No service of the distribution's is wanted: the tests start their own, in private directories.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const packages = ['install', '-y', '-qq', '--no-install-recommends', ...witness.packages];
  let done = run('apt-get', packages, { env });
  if (done.status !== 0) {
    // The usual reason: package lists older than the archive.
    run('apt-get', ['update', '-qq'], { env });
    done = run('apt-get', packages, { env });
  }
  if (done.status !== 0) {
    throw new Error(`Witness ${witness.name}: ${command} ended with ${done.status}:\n${done.stderr ?? done.error}`);
  }
}

function goVersion() {
  const version = /go version (go(\d+)\.(\d+)\S*)/.exec(firstLine('go', ['version']) ?? '');
  if (!version) return undefined;
  const [, name, major, minor] = version;
  return Number(major) > 1 || Number(minor) >= 25 ? name : undefined;
}

/** Looks where lab/src/keycloak/java.ts looks, in the same order. */
function javaVersion() {
  const { JAVA_HOME } = process.env;
  const folder = '/usr/lib/jvm';
  const installed = existsSync(folder) ? readdirSync(folder).sort() : [];
  const programs = installed.map((name) => join(folder, name, 'bin/java'));
  for (const program of [...(JAVA_HOME ? [join(JAVA_HOME, 'bin/java')] : []), 'java', ...programs]) {
    // Said on the error stream: `openjdk version "17.0.15" 2025-04-15`.
    const line = run(program, ['-version']).stderr?.split('\n')[0]?.trim() ?? '';
    if (Number(/version "(\d+)/.exec(line)?.[1]) >= 17) return line;
  }
  return undefined;
}

function isOnPath(program) {
  // Debian keeps servers where an ordinary user's path does not lead; the tests look there too.
  return [...(process.env.PATH ?? '').split(':'), '/usr/sbin'].some((folder) => existsSync(join(folder, program)));
}
