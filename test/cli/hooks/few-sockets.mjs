// Loaded with --import into every thread of a goodput process: a load worker has six connections and no more, as with few file descriptors.
import { Socket } from 'node:net';
import { isMainThread, workerData } from 'node:worker_threads';

if (!isMainThread && workerData?.scenario !== undefined) {
  const { connect } = Socket.prototype;
  let open = 0;
  Socket.prototype.connect = function (...args) {
    if (open >= 6) {
      const error = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE', syscall: 'connect' });
      process.nextTick(() => this.destroy(error));
      return this;
    }
    open++;
    this.once('close', () => open--);
    return connect.apply(this, args);
  };
}
