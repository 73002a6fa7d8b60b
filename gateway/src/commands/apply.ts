import { createInterface } from 'node:readline/promises';
import { applyCatalogue } from '../apply.ts';
import { readConfiguration } from '../configuration.ts';
import { gatewayLog, openConfiguredDatabase } from '../gateway.ts';

/** Shows what the catalogue would change, asks, and applies it. */
export async function apply(
  configFile: string,
  file: string,
  { yes, dryRun }: { yes: boolean; dryRun: boolean },
): Promise<number> {
  const configuration = await readConfiguration(configFile);
  const opened = await openConfiguredDatabase(configuration, gatewayLog(configuration));
  try {
    const { isApplied } = await applyCatalogue(opened.database, configuration, file, {
      dryRun,
      log: (line) => process.stdout.write(`${line}\n`),
      ...(yes ? {} : { confirm }),
    });
    return isApplied || dryRun ? 0 : 1;
  } finally {
    await opened.close();
  }
}

async function confirm(): Promise<boolean> {
  // Nobody is there to answer: nothing is changed, and the exit code says so.
  if (!process.stdin.isTTY) {
    process.stderr.write('There is no terminal to ask at; --yes applies it without asking.\n');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Apply this? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
