import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**', 'test/real/**'],
    testTimeout: 30_000,
    // Timing tests share two cores with the rest: few workers keep a stalled machine rare.
    maxWorkers: 2,
  },
});
