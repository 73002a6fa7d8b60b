import type { TestProject } from 'vitest/node';
import { copyWorkspace, removeCopy } from './workspace-copy.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of gateway/src/test-support/global-setup.ts. */
    databaseUrl: string;
    /** Where the bugs are planted. */
    workspaceCopy: string;
  }
}

/** One copy for all plants: each is taken out again before the next. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const copy = await copyWorkspace();
  project.provide('workspaceCopy', copy);
  return () => removeCopy(copy);
}
