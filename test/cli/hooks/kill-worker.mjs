// Loaded with --import into every thread of a goodput process: load worker 1 dies of an error that nobody catches, when it has sent for a while.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

if (!isMainThread && workerData?.worker === 1) {
  parentPort.once('message', () => {
    setTimeout(() => {
      throw new Error('died on purpose');
    }, 1000);
  });
}
