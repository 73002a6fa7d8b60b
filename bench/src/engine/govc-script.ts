import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVcsim, type Vcsim } from '@bulkhead/lab';
import { vcsimNames, type VcsimDatacentre } from './vcsim-datacentre.ts';

export interface ScriptFound {
  /** Until the last machine is on. */
  liveSeconds: number;
  /** Until the last disk is moved and the share is unmounted. */
  relocatedSeconds: number;
  /** Of the shell and every govc that it ran. */
  cpuSeconds: number;
}

/**
 * Fails machines over as an operator's script does: one call of govc after the other, on one host, in its best form. Its
 * sessions are kept between calls, the share is mounted once, and every machine is on before the first disk is moved.
 */
export async function runGovcScript(
  { production, nested, share }: VcsimDatacentre,
  network: string,
  principal: string,
  machines: readonly string[],
): Promise<ScriptFound> {
  const home = await mkdtemp(join(tmpdir(), 'bulkhead-bench-govc-'));
  try {
    const { govcx } = await buildVcsim();
    const env = {
      ...process.env,
      GOVC: govcx,
      GOVC_PERSIST_SESSION: 'true',
      GOVMOMI_HOME: home,
      NESTED: urlOf(nested),
      NESTED_CERTIFICATE: nested.certificateFile,
      PRODUCTION: urlOf(production),
      PRODUCTION_CERTIFICATE: production.certificateFile,
      REMOTE_HOST: share.remoteHost,
      REMOTE_PATH: share.remotePath,
      NETWORK: network,
      PRINCIPAL: principal,
      ROLE: vcsimNames.role,
      HOST: `/${vcsimNames.datacenter}/host/${vcsimNames.cluster}/${vcsimNames.hosts[0]}`,
      FOLDER: vcsimNames.folder,
      POOL: vcsimNames.pool,
      LUN: vcsimNames.luns[0],
      MACHINES: machines.join(' '),
    };
    return await run(env);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** With its credentials, as govc takes it. */
function urlOf({ url, credentials }: Vcsim): string {
  const whole = new URL(url);
  whole.username = credentials.userName;
  whole.password = credentials.password;
  return whole.href;
}

// `times` says at the end what the shell's children have used, which nobody outside can ask for.
const script = `
set -eu
nested() { GOVC_URL=$NESTED GOVC_TLS_CA_CERTS=$NESTED_CERTIFICATE "$GOVC" "$@" > /dev/null; }
production() { GOVC_URL=$PRODUCTION GOVC_TLS_CA_CERTS=$PRODUCTION_CERTIFICATE "$GOVC" "$@" > /dev/null; }

production datastore.create -type nfs -name runbook -remote-host "$REMOTE_HOST" -remote-path "$REMOTE_PATH" "$HOST"
for vm in $MACHINES; do
  nested vm.unregister "$vm"
  production vm.register -ds runbook -host "$HOST" -pool "$POOL" -folder "$FOLDER" -name "$vm" "$vm/$vm.vmx"
  production vm.change -vm "$FOLDER/$vm" -e uuid.action=keep
  production vm.network.change -vm "$FOLDER/$vm" -net "$NETWORK" ethernet-0
  production permissions.set -principal "$PRINCIPAL" -role "$ROLE" "vm/$FOLDER/$vm"
  production vm.power -on "$FOLDER/$vm"
done
echo live
for vm in $MACHINES; do
  production vm.migrate -ds "$LUN" "$FOLDER/$vm"
done
production datastore.remove -ds runbook "$HOST"
echo relocated
times
`;

function run(env: NodeJS.ProcessEnv): Promise<ScriptFound> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn('sh', ['-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const reached = new Map<string, number>();
    let [said, complaint] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      for (const mark of ['live', 'relocated'])
        if (!reached.has(mark) && said.split('\n').includes(mark))
          reached.set(mark, (performance.now() - begun) / 1000);
    });
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      const [live, relocated] = [reached.get('live'), reached.get('relocated')];
      if (code !== 0 || live === undefined || relocated === undefined)
        return reject(new Error(`The govc script ended with ${code}: ${complaint.trim()}`));
      resolve({ liveSeconds: live, relocatedSeconds: relocated, cpuSeconds: cpuSecondsIn(said) });
    });
  });
}

/** `times` prints two lines, the shell's and its children's, each with `0m0.00s` of user and of system. */
export function cpuSecondsIn(said: string): number {
  const found = [...said.matchAll(/(\d+)m(\d+(?:\.\d+)?)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  if (found.length !== 4) throw new Error(`The shell's times are not understood: ${said.slice(-200)}`);
  return found.reduce((sum, one) => sum + one, 0);
}
