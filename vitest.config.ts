import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests start some hundred processes: Node compiles the same code once. The worker processes of vitest inherit the variable.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled');

/** Tests that measure on the real clock, or wait for something that does. */
const TIMED = [
  'test/{action,examples,scenarios}.test.ts',
  'test/library/**/*.test.ts',
  'test/{load,run}/**/*.test.ts',
  'test/bench/measure.test.ts',
  'test/cli/{audit,calibrate,capacity,durability,outputs,providers,rounds,run,secrets,serve}.test.ts',
  'test/cli/{several-runs,named-endpoint,streams,sweep,tokenizer,transport,truth,unusable}.test.ts',
  'test/client/**/{cases,endings,event-times,limits,preconnect,stamps,timer,transport}.test.ts',
  'test/docs/ci-run.test.ts',
  'test/probe/probe.test.ts',
  'test/simulator/**/{driver,endpoint,limits,start,wire}.test.ts',
];
const INTEROP = ['test/interop/**'];

/** Tests that replace modules: what they load is of no use to other tests. */
const MOCKING = globSync('test/**/*.test.ts', { cwd: import.meta.dirname }).filter((path) =>
  readFileSync(join(import.meta.dirname, path), 'utf8').includes('vi.mock('),
);

export default defineConfig({
  // The examples import the package by its name.
  resolve: { alias: { goodput: join(import.meta.dirname, 'src', 'index.ts') } },
  test: {
    // A limit for tests that hang: a busy machine can make any test ten times slower.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of the timed tests wait most of the time, so more than one of them fits on a core.
    maxWorkers: 4,
    reporters: ['default', './test/busy-machine-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'timed',
          include: TIMED,
          exclude: [...INTEROP, ...MOCKING],
          // A machine that stalls for seconds can invalidate what a timed test assumes. What is wrong in goodput fails again.
          retry: 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'untimed',
          include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: [...INTEROP, ...TIMED, ...MOCKING],
          // These share nothing but code, so a worker process loads that once for several files.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'mocking', include: MOCKING, exclude: INTEROP } },
    ],
  },
});
