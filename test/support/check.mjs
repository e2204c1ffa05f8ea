// `npm test`: every check that needs Node alone, in one go. Runs all of them even where one fails, since a
// contributor wants the whole list at once, and ends with one summary.

import { spawnSync } from 'node:child_process';

const npm = process.env['npm_execpath'];
if (npm === undefined) throw new Error('run this as: npm test');

const steps = ['build', 'format:check', 'lint', 'types', 'test:unit'];
const results = steps.map((step) => {
  process.stdout.write(`\n> ${step}\n`);
  const startedMs = performance.now();
  const { status } = spawnSync(process.execPath, [npm, 'run', '--silent', step], { stdio: 'inherit' });
  return { step, isOk: status === 0, seconds: (performance.now() - startedMs) / 1000 };
});

process.stdout.write('\n');
for (const { step, isOk, seconds } of results) {
  process.stdout.write(
    `${isOk ? 'ok    ' : 'FAILED'} ${step.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s\n`,
  );
}
process.exitCode = results.every((result) => result.isOk) ? 0 : 1;
