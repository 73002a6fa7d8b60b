// A process that starts the embedded server in the folder it is given and lives until it is killed; for launcher.test.ts.
import { startEmbeddedServer } from '../database/launcher.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('Name a folder.');
const { url } = await startEmbeddedServer({ directory, unsafe: true });
process.stdout.write(`${url}\n`);
setInterval(() => undefined, 1000);
