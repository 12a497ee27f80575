import { defineConfig } from 'vitest/config';

/** Outside the worker the library registers no function, and says so for each. */
const TEST_MODE = /"@azure\/functions" package|^HTTP streaming enabled/;

const PROPERTY_SEED = 'tests/support/property-seed.ts';

export default defineConfig({
  test: {
    onConsoleLog: (log) => !TEST_MODE.test(log),
    // Most tests wait for an emulator, a queue or a clock, so more of them than cores can run at once.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          setupFiles: PROPERTY_SEED,
          environment: 'node',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: 'tests/integration/support/global-setup.ts',
          setupFiles: PROPERTY_SEED,
          environment: 'node',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
