// Loaded with --import into every thread of a goodput process: load worker 1 dies of an error nobody catches, a second after its start.
import { isMainThread, workerData } from 'node:worker_threads';

if (!isMainThread && workerData?.worker === 1) {
  setTimeout(() => {
    throw new Error('died on purpose');
  }, 1500).unref();
}
