import { parentPort, workerData } from 'node:worker_threads';
import { ScrapingThread } from './scraping-thread.ts';
import type { ThreadTask, ToThread } from './thread-messages.ts';

/** The entry of the scraping thread. `ScrapingThread` does the work. */
const port = parentPort!;
const thread = new ScrapingThread(workerData as ThreadTask, (message) => port.postMessage(message));
port.on('message', (message: ToThread) => {
  if (message.kind === 'begin') thread.begin(BigInt(message.origin_ns));
  else void thread.end().then(() => port.close());
});
