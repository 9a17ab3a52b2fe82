import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

const { projects: _, ...test } = config.test!;

/** Tests that open pages in Chromium. They are not part of `npm test`: they take minutes. */
export default defineConfig({
  ...config,
  test: { ...test, include: ['test/browser/**/*.test.ts'], maxWorkers: 2 },
});
