// Loaded with --import into every thread of a goodput process: stops each load worker for 200 ms of every second.
import { isMainThread, workerData } from 'node:worker_threads';

if (!isMainThread && workerData?.scenario !== undefined) {
  setInterval(() => {
    const until = performance.now() + 200;
    while (performance.now() < until);
  }, 1000).unref();
}
