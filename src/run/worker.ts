import { parentPort, workerData } from 'node:worker_threads';
import { LoadThread } from './load-thread.ts';
import { rehearse } from './rehearsal.ts';
import { buffersOf } from './sample-batch.ts';
import type { FromWorker, ToWorker, WorkerTask } from './worker-messages.ts';

/** The entry of a load worker. `LoadThread` does the work. */
const port = parentPort!;
const task = workerData as WorkerTask;
const thread = new LoadThread(task, (message: FromWorker) =>
  port.postMessage(message, 'samples' in message ? buffersOf(message.samples) : []),
);
port.on('message', (message: ToWorker) => {
  if (message.kind === 'start') void thread.run(BigInt(message.origin_ns)).then(() => port.close());
  else if (message.kind === 'drain') thread.drain(message.from_us);
  else if (message.kind === 'stop') thread.stop(message.at_us);
  else if (message.kind === 'conclude') thread.conclude(message.end_us);
  else thread.cut();
});
// Also called for rejected promises. The thread is in an unknown state, so it ends.
process.on('uncaughtException', (error) => {
  thread.fail(error);
  process.exit(1);
});
await rehearse(task);
await thread.prepare();
