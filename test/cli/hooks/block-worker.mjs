// Loaded with --import into every thread of a goodput process: blocks each load worker for BLOCK_MS of every BLOCK_EVERY_MS.
import { isMainThread, workerData } from 'node:worker_threads';

const { BLOCK_MS = '200', BLOCK_EVERY_MS = '1000' } = process.env;

if (!isMainThread && workerData?.scenario !== undefined) {
  setInterval(() => {
    const until = performance.now() + Number(BLOCK_MS);
    while (performance.now() < until);
  }, Number(BLOCK_EVERY_MS)).unref();
}
