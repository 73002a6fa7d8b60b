// Lets `node` run the TypeScript sources: `node --import ./tools/source.mjs gateway/src/cli.ts`.
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register({ tsconfig: fileURLToPath(new URL('../tsconfig.run.json', import.meta.url)) });
