import { parentPort, workerData } from 'node:worker_threads';
import { Driver } from './driver.ts';
import { openEndpoint } from './endpoint.ts';
import { SimpleEngine } from './engine.ts';
import { resolveSettings } from './settings.ts';

/** The thread of the embedded endpoint: says where it listens, and closes when told anything. */
const endpoint = await openEndpoint(new Driver(new SimpleEngine(resolveSettings(workerData))));
parentPort?.once('message', () => {
  void endpoint.close();
});
parentPort?.postMessage(endpoint.url);
