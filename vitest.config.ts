import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { NO_REHEARSAL } from './test/environment.ts';

// Tests start some hundred processes: Node compiles the same code once. The worker processes of vitest inherit the variable.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled');

/** Tests with a configuration and a script of their own. */
const ELSEWHERE = ['test/interop/**', 'test/browser/**'];

const filesWith = (...texts: readonly string[]): string[] =>
  globSync('test/**/*.test.ts', { cwd: import.meta.dirname }).filter((path) => {
    const content = readFileSync(join(import.meta.dirname, path), 'utf8');
    return texts.some((text) => content.includes(text));
  });

const TIMED = filesWith('@module-tag timed');

/** Tests that replace modules: their loaded code is of no use to others. */
const REPLACING = filesWith('vi.mock(');

/** They compare timestamps with those of the endpoint, so their load workers rehearse. */
const COMPARING = ['test/cli/streams.test.ts'];

/** Tests of whole runs on the real clock. Load and endpoint have processes or threads of their own; the worker process mostly waits. */
const RUNS = [
  ...filesWith("/goodput.ts'"),
  'test/library/library.test.ts',
  'test/run/faults.test.ts',
  'test/run/pacing.test.ts',
  'test/run/run.test.ts',
  'test/run/sessions.test.ts',
  'test/run/trace.test.ts',
].filter((path) => TIMED.includes(path) && !REPLACING.includes(path) && !COMPARING.includes(path));

/** The others that measure time need a process in which nothing has run before. */
const OWN_PROCESS = [...new Set([...TIMED, ...REPLACING])].filter((path) => !RUNS.includes(path));

/** Node imports the source files itself, as in the product: its compiled code is cached, and calls between modules are faster than Vite's. */
const NATIVE = { viteModuleRunner: false, nodeLoader: false };

export default defineConfig({
  // The examples import the package by its name.
  resolve: { alias: { goodput: join(import.meta.dirname, 'src', 'index.ts') } },
  test: {
    // A limit for tests that hang: a busy machine can make any test ten times slower.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // For the two cores of a small machine: tests on the real clock mostly wait. With more, those that compare timestamps disturb each other.
    maxWorkers: 4,
    reporters: ['default', './test/busy-machine-reporter.ts'],
    tags: [
      {
        name: 'study',
        description:
          'decides by many seeds, requests, mutations or damaged files, calibrates a machine, repeats the runs of a page, runs what is shipped (examples, scenarios, the GitHub action), or tests the bench (`npm run test:studies`)',
      },
      {
        name: 'timed',
        description: 'measures on the real clock, or waits for something that does',
        // A machine that stalls for seconds can invalidate what such a test assumes. What is wrong in goodput fails again.
        retry: 1,
      },
    ],
    // In the order of their names; in each, what took longest comes first.
    projects: [
      {
        extends: true,
        test: {
          name: 'runs',
          include: RUNS,
          exclude: ELSEWHERE,
          isolate: false,
          execArgv: [...NO_REHEARSAL],
          experimental: NATIVE,
        },
      },
      {
        extends: true,
        test: {
          name: 'own-process',
          include: OWN_PROCESS,
          exclude: ELSEWHERE,
        },
      },
      {
        extends: true,
        test: {
          name: 'shared-process',
          include: ['test/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...RUNS, ...OWN_PROCESS],
          // A worker process loads the code once for several files.
          isolate: false,
          experimental: NATIVE,
        },
      },
    ],
  },
});
