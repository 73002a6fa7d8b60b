import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const oldest = 17;
const installed = '/usr/lib/jvm';

/** A Java that Keycloak runs on. */
export interface Java {
  program: string;
  /** The first line of `java -version`. */
  version: string;
}

/** @throws Error when there is none of version 17 or later, neither at JAVA_HOME nor on the PATH nor where Debian puts it. */
export async function findJava(): Promise<Java> {
  const home = process.env['JAVA_HOME'];
  const folders = (await readdir(installed).catch(() => [])).sort();
  const programs = [
    ...(home ? [join(home, 'bin/java')] : []),
    'java',
    ...folders.map((folder) => join(installed, folder, 'bin/java')),
  ];
  for (const program of programs) {
    // It is said on the error stream: `openjdk version "17.0.15" 2025-04-15`.
    const said = await run(program, ['-version']).then(
      ({ stderr }) => stderr,
      () => '',
    );
    const [, major] = /version "(\d+)/.exec(said) ?? [];
    if (Number(major) >= oldest) return { program, version: said.split('\n')[0]?.trim() ?? '' };
  }
  throw new Error(`Keycloak needs Java ${oldest} or later: apt-get install openjdk-17-jre-headless, or set JAVA_HOME.`);
}
