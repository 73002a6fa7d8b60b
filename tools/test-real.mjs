// `pnpm test:real [--witness vcsim,postgresql] [file…]`: the tests that need a foreign witness. Without --witness all are
// asked for, and one that cannot start fails the run: nothing is skipped without a word. Writes test-results/real.json.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { prepareWitness, witnesses } from './witnesses.mjs';

const report = 'test-results/real.json';
const args = process.argv.slice(2);
const at = args.indexOf('--witness');
const asked = at < 0 ? witnesses.map((witness) => witness.name) : (args.splice(at, 2)[1] ?? '').split(',');
const unknown = asked.filter((name) => !witnesses.some((witness) => witness.name === name));
if (unknown.length > 0) {
  console.error(
    `No such witness: ${unknown.join(', ')}. There are ${witnesses.map((witness) => witness.name).join(', ')}.`,
  );
  process.exit(2);
}

mkdirSync('test-results', { recursive: true });
rmSync(report, { force: true });
const stages = [];
let failed = false;

for (const witness of witnesses.filter((one) => asked.includes(one.name))) {
  await stage(`witness ${witness.name}`, () => {
    console.log(`${witness.name}: ${prepareWitness(witness)}`);
  });
}
if (asked.includes('vcsim') && !failed) {
  await stage('build vcsimx and govcx', () => {
    const build = "await (await import('./lab/src/vcsim/build.ts')).buildVcsim()";
    const node = ['--import', './tools/source.mjs', '--input-type=module', '--eval', build];
    const built = spawnSync(process.execPath, node, { stdio: 'inherit' });
    if (built.status !== 0) throw new Error('lab/vcsim does not build.');
  });
}
if (asked.includes('vcsim') && args.length === 0) {
  await stage('vcsim additions: gofmt, vet, test', () => {
    const go = (command, rest) => spawnSync(command, rest, { cwd: 'lab/vcsim', encoding: 'utf8' });
    const checks = [
      go('gofmt', ['-l', '.']),
      go('go', ['vet', '-buildvcs=false', './...']),
      go('go', ['test', '-buildvcs=false', './...']),
    ];
    for (const { status, stdout, stderr } of checks) {
      if (status !== 0) throw new Error(`${stdout}${stderr}`);
    }
    if (checks[0].stdout !== '') throw new Error(`not formatted by gofmt: ${checks[0].stdout}`);
  });
}
if (asked.includes('keycloak') && !failed) {
  await stage('fetch and build Keycloak', () => {
    const prepare =
      "const { findJava } = await import('./lab/src/keycloak/java.ts'); await (await import('./lab/src/keycloak/distribution.ts')).prepareKeycloak(await findJava())";
    const node = ['--import', './tools/source.mjs', '--input-type=module', '--eval', prepare];
    const prepared = spawnSync(process.execPath, node, { stdio: 'inherit' });
    if (prepared.status !== 0) throw new Error('Keycloak cannot be had.');
  });
}
await stage('tests', () => {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const run = spawnSync('npx', ['vitest', 'run', '--config', 'tools/vitest.real.config.ts', ...reporters, ...args], {
    stdio: 'inherit',
  });
  if (run.status !== 0) throw new Error(`vitest ended with ${run.status}.`);
  const skipped = JSON.parse(readFileSync(report, 'utf8')).numPendingTests;
  if (skipped > 0 && at < 0) throw new Error(`${skipped} tests were skipped although every witness was asked for.`);
});

console.log(`\nReal tests used: ${asked.join(', ')}`);
for (const { name, minutes, isOk } of stages)
  console.log(`${minutes.toFixed(1)} min  ${isOk ? 'ok    ' : 'FAILED'}  ${name}`);
process.exit(failed ? 1 : 0);

async function stage(name, work) {
  const started = Date.now();
  let isOk = true;
  try {
    await work();
  } catch (error) {
    isOk = false;
    failed = true;
    console.error(`${name}: ${error.message}`);
  }
  stages.push({ name, minutes: (Date.now() - started) / 60_000, isOk });
}
