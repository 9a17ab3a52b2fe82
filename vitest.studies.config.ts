import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

const { projects: _, ...test } = config.test!;
const root = import.meta.dirname;

/** Tests with the tag `study`, which `vitest.config.ts` describes. They are not part of `npm test`. */
export default defineConfig({
  ...config,
  test: {
    ...test,
    include: globSync('test/**/*.test.ts', { cwd: root }).filter((path) =>
      /@module-tag study|tags: \['study'\]/.test(readFileSync(join(root, path), 'utf8')),
    ),
  },
});
