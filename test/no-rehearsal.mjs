// Loaded with --import into every thread of a process: its load workers do not rehearse. The rehearsal of a worker costs 0.3 s of CPU time,
// more than the short run of most tests; test/run/rehearsal.test.ts covers it, and the tests that compare timestamps have it.
import { registerHooks } from 'node:module';
import { isMainThread, workerData } from 'node:worker_threads';

if (!isMainThread && workerData?.scenario !== undefined)
  registerHooks({
    load: (url, context, next) =>
      url.endsWith('/src/run/rehearsal.ts')
        ? { format: 'module', source: 'export function rehearse() {}', shortCircuit: true }
        : next(url, context),
  });
