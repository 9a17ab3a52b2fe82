import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { randomStream } from '../../src/random.ts';

/**
 * A server in its own thread that records the instant before each write of an event. Its streams are numbered by the
 * bodies of their requests; when all have ended, it posts the instants of each.
 */
const { streams, events, rounds } = workerData as {
  streams: number;
  events: number;
  /** Counts the rounds in which each stream got one event, if a message requests each. */
  rounds: Int32Array | null;
};

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const chunked = (data: string): string => `${data.length.toString(16)}\r\n${data}\r\n`;
const event = (i: number, finish: string | null): string =>
  chunked(
    `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: `${i}` }, finish_reason: finish }] })}\n\n`,
  );

const random = randomStream(1, 'truth');
const sockets: Socket[] = [];
const instants: bigint[][] = [];

function writeNext(stream: number, count: number): void {
  const socket = sockets[stream]!;
  const noted = instants[stream]!;
  let bytes = '';
  for (let k = 0; k < count && noted.length < events; k++) {
    bytes += event(noted.length, noted.length === events - 1 ? 'stop' : null);
    noted.push(0n);
  }
  if (noted.length === events) bytes += chunked('data: [DONE]\n\n') + chunked('').slice(0, 3) + '\r\n';
  const now = process.hrtime.bigint();
  noted.fill(now, noted.length - count);
  socket.write(bytes);
}

/**
 * Writes to groups of streams at a time, as an engine does at the end of a step; some get two events, in one write or
 * in two.
 */
function step(): void {
  const open = sockets.flatMap((_, stream) => (instants[stream]!.length < events ? [stream] : []));
  for (const stream of open) {
    const kind = random.below(10);
    if (kind === 0) continue;
    writeNext(stream, kind === 1 ? Math.min(2, events - instants[stream]!.length) : 1);
    if (kind === 2 && instants[stream]!.length < events) writeNext(stream, 1);
  }
  if (open.length > 0) setTimeout(step, 1 + random.below(3));
  else parentPort!.postMessage({ instants });
}

function begin(): void {
  if (rounds === null) {
    step();
    return;
  }
  parentPort!.postMessage('ready');
  parentPort!.on('message', () => {
    for (let stream = 0; stream < streams; stream++) writeNext(stream, 1);
    Atomics.add(rounds, 0, 1);
    Atomics.notify(rounds, 0);
    if (rounds[0] === events) parentPort!.postMessage({ instants });
  });
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', (bytes) => {
    const stream = Number(/\r\n\r\n(\d+)$/.exec(bytes.toString())![1]);
    sockets[stream] = socket;
    instants[stream] = [];
    socket.write(HEAD);
    if (Object.keys(sockets).length === streams) setTimeout(begin, 5);
  });
});
server.listen(0, '127.0.0.1', () =>
  parentPort!.postMessage({ port: (server.address() as AddressInfo).port }),
);
