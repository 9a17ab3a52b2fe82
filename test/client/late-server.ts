import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * A server in its own thread that writes on request and reports each write: `written[0]` counts its writes. With it a
 * test determines what arrives between two reads of one event-loop iteration. Streams are numbered by the bodies of
 * their requests.
 */
export interface Order {
  stream: number;
  bytes: string;
}

const written = workerData as Int32Array;
const sockets: Socket[] = [];

parentPort!.on('message', (orders: Order[]) => {
  for (const { stream, bytes } of orders) sockets[stream]!.write(bytes);
  Atomics.add(written, 0, 1);
  Atomics.notify(written, 0);
});

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', (bytes) => {
    sockets[Number(/\r\n\r\n(\d+)$/.exec(bytes.toString())![1])] = socket;
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
    if (Object.keys(sockets).length === 2) parentPort!.postMessage('ready');
  });
});
server.listen(0, '127.0.0.1', () =>
  parentPort!.postMessage({ port: (server.address() as AddressInfo).port }),
);
