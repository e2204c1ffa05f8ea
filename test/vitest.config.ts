// Two projects: `unit` needs Node alone; `system` needs Debian tools and a build in dist/.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const systemTests = ['test/smoke/**/*.test.ts', 'test/e2e/**/*.test.ts'];

// XState reports ignored events and missing actions under this condition only (STYLE §4.6).
const execArgv = ['--conditions=development'];

export default defineConfig({
  root,
  test: {
    projects: [
      {
        root,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...systemTests, 'test/bench/**'],
          execArgv,
          testTimeout: 20_000,
        },
      },
      {
        root,
        test: {
          name: 'system',
          include: systemTests,
          globalSetup: ['test/support/require-tools.ts'],
          execArgv,
          // Ports, ptys and browsers: one file at a time, lest a slow one starve another's deadlines.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
