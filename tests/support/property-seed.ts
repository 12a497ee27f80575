import fc from 'fast-check';

/**
 * Properties draw the same cases in each run of the tests, so that a failure is of the change at hand.
 * `npm run test:explore` draws others; `PROPERTY_SEED` repeats those of a run.
 */
const { PROPERTY_SEED = '1' } = process.env;

fc.configureGlobal({ seed: Number(PROPERTY_SEED) });
