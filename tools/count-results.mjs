// Adds up the runner's JSON reports and prints the closing line that CI reads: `N passed, N failed`.
// A report that was expected and is missing counts as one failure: a suite that did not run has not passed.
import { existsSync, readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.log(`No report ${file}: its suite did not run.`);
    failed += 1;
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // Schedules of chaos count as one test each; one that was asked for and not played has not passed.
  if ('violated' in report) {
    passed += report.played - report.violated;
    failed += report.violated + report.runs - report.played;
    continue;
  }
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  // A file that fails to load has no test of its own to fail.
  for (const suite of report.testResults) {
    if (suite.status === 'failed' && suite.assertionResults.length === 0) failed += 1;
  }
  if (!report.success && report.numFailedTests === 0 && report.testResults.every((s) => s.status !== 'failed'))
    failed += 1;
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
