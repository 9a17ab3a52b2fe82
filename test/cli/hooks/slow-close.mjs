// Loaded with --import into every thread of a goodput process: in load workers a socket takes 20 ms to close.
import { Socket } from 'node:net';
import { isMainThread, workerData } from 'node:worker_threads';

if (!isMainThread && workerData?.scenario !== undefined) {
  const { destroy } = Socket.prototype;
  Socket.prototype.destroy = function (...args) {
    const until = performance.now() + 20;
    while (!this.destroyed && performance.now() < until);
    return destroy.apply(this, args);
  };
}
