import { parentPort, workerData } from 'node:worker_threads';
import { Endpoint } from './endpoint.ts';
import type { FromEndpoint, ToEndpoint } from './start-endpoint.ts';

/** Entry of the embedded endpoint's thread. */
const port = parentPort!;
const endpoint = new Endpoint(workerData);
let logProblem: string | null = null;
const send = (message: FromEndpoint): void => port.postMessage(message);

port.on('message', (message: ToEndpoint) => {
  if (message.kind === 'begin') {
    begin(message.log, BigInt(message.origin_ns));
    return;
  }
  void endpoint.close().then((closed) => {
    send({ kind: 'closed', closed: { ...closed, logProblem: closed.logProblem ?? logProblem } });
    port.close();
  });
});
/** Starts the endpoint. A log that cannot be created does not fail the run; the error is reported at the end. */
function begin(log: string | null, origin_ns: bigint): void {
  try {
    endpoint.begin(log, origin_ns);
  } catch (error) {
    logProblem = (error as Error).message;
    endpoint.begin(null, origin_ns);
  }
}

send({ kind: 'listening', url: await endpoint.listen() });
