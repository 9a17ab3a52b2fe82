import { parentPort, workerData } from 'node:worker_threads';
import { Endpoint } from './endpoint.ts';
import type { FromEndpoint, ToEndpoint } from './start-endpoint.ts';

/** The thread of the embedded endpoint. */
const port = parentPort!;
const endpoint = new Endpoint(workerData);
let logProblem: string | null = null;
const say = (message: FromEndpoint): void => port.postMessage(message);

port.on('message', (message: ToEndpoint) => {
  if (message.kind === 'begin') {
    begin(message.log, BigInt(message.origin_ns));
    return;
  }
  void endpoint.close().then((closed) => {
    say({ kind: 'closed', closed: { ...closed, logProblem: closed.logProblem ?? logProblem } });
    port.close();
  });
});
/** A log that cannot be made is no reason to let a run fail: it is told at the end. */
function begin(log: string | null, origin_ns: bigint): void {
  try {
    endpoint.begin(log, origin_ns);
  } catch (error) {
    logProblem = (error as Error).message;
    endpoint.begin(null, origin_ns);
  }
}

say({ kind: 'listening', url: await endpoint.listen() });
