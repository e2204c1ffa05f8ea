// Prints "N passed, N failed" over both test reports and fails where anything did. Arguments: names of commands that
// failed; one whose report shows no failed test (a lint error, a crashed runner) counts as one failure.

import { existsSync, readFileSync } from 'node:fs';

const failedCommands = process.argv.slice(2);
const counts = ['install', 'unit', 'system', 'swarm'].map((name) =>
  countOf(name, failedCommands.includes(name)),
);
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);

process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;

function countOf(name, isCommandFailed) {
  const path = `test/reports/${name}.json`;
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  // A file that could not be loaded has failed without a single test of its own.
  const unloaded = report?.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failedTests = (report?.numFailedTests ?? 0) + (unloaded?.length ?? 0);
  return { passed: report?.numPassedTests ?? 0, failed: Math.max(failedTests, isCommandFailed ? 1 : 0) };
}
