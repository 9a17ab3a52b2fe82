// Loaded with --import into every thread of a goodput process: its main thread throws after a while, where nobody catches.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.argv.includes('run'))
  setTimeout(() => {
    throw new TypeError('broken on purpose');
  }, 4000);
