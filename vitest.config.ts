import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**'],
    testTimeout: 30_000,
    // Timing tests share two cores with the rest: few workers keep a stalled machine rare.
    maxWorkers: 2,
    // A machine that stands still for seconds can take a timing test its premise, not its meaning: once more, and it is told.
    // What is wrong in goodput fails again.
    retry: 1,
    reporters: ['default', './test/second-tries.ts'],
  },
});
