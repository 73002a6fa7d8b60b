// `node --import ./tools/source.mjs gateway/src/server/print-schema.ts [--check]`
import { readFile, writeFile } from 'node:fs/promises';
import { printGatewaySchema } from './schema-text.ts';
import { gatewaySchema } from './schema.ts';

const file = new URL('../../../schema/schema.graphql', import.meta.url);
const printed = printGatewaySchema(await gatewaySchema());

if (process.argv.includes('--check')) {
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed !== printed) {
    const [before, after] = [committed.split('\n'), printed.split('\n')];
    const at = after.findIndex((line, index) => line !== before[index]);
    process.stderr.write(
      `schema/schema.graphql is not what the resolvers print, from line ${at + 1}:\n- ${before[at] ?? ''}\n+ ${after[at] ?? ''}\nRun \`npx -y pnpm@12 run generate\` and review the difference.\n`,
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(file, printed);
}
