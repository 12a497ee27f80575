import { defineConfig } from 'vitest/config';

/** Outside the worker the library registers no function, and says so for each. */
const TEST_MODE = /"@azure\/functions" package|^HTTP streaming enabled/;

export default defineConfig({
  test: {
    onConsoleLog: (log) => !TEST_MODE.test(log),
    projects: [
      {
        test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], environment: 'node' },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: 'tests/integration/support/global-setup.ts',
          environment: 'node',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
