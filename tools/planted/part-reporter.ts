import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export interface TestOutcome {
  name: string;
  /** None when it passed; each with the name of its kind, and with the difference that it saw. */
  errors: { name: string; message: string }[];
}

/** One file of the part. */
export interface FileOutcome {
  file: string;
  /** What went wrong outside its tests: it could not be loaded, or a hook of it threw. */
  broken: string[];
  /** Those that ran. */
  tests: TestOutcome[];
}

/** Writes what became of a part. The ordinary JSON report leaves out what an assertion saw. */
export class PartReporter implements Reporter {
  constructor(private readonly path: string) {}

  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module): FileOutcome => {
      const suites = [module, ...module.children.allSuites()];
      return {
        file: module.relativeModuleId,
        broken: suites.flatMap((suite) => suite.errors().map(({ message }) => message)),
        tests: [...module.children.allTests()].flatMap(outcomeOf),
      };
    });
    writeFileSync(this.path, JSON.stringify(files));
  }
}

function outcomeOf(test: TestCase): TestOutcome[] {
  const { state, errors = [] } = test.result();
  if (state !== 'passed' && state !== 'failed') return [];
  const failures = errors.map(({ name, message, diff }) => ({
    name: name ?? 'Error',
    message: stripVTControlCharacters(`${message}\n${diff ?? ''}`),
  }));
  // Whatever failed counts as failed, with or without an error to show.
  if (state === 'failed' && failures.length === 0) failures.push({ name: 'Error', message: 'It gave no reason.' });
  return [{ name: nameOf(test), errors: state === 'failed' ? failures : [] }];
}

/** As the filter by names has it. */
function nameOf({ name, parent }: TestCase): string {
  const above = parent.type === 'suite' ? suiteNames(parent) : [];
  return [...above, name].join(' ');
}

function suiteNames(suite: Extract<TestCase['parent'], { type: 'suite' }>): string[] {
  return suite.parent.type === 'suite' ? [...suiteNames(suite.parent), suite.name] : [suite.name];
}
