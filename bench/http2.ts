import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { DIRECT } from '../src/client/connection/network-route.ts';
import { openClient } from '../src/client/open-client.ts';

/**
 * Measures how much later than its write an event is stamped over TLS, with HTTP/1.1 and HTTP/2, interleaved: 50
 * streams of 50 events/s from a Node server in another thread, which writes the instant into each event. `node
 * bench/http2.ts`
 */
const STREAMS = 50;
const EVENTS = 100;
const EVERY_MS = 20;
const ROUNDS = 3;
const LIMIT_MS = 60_000;

const pem = (name: string): string =>
  readFileSync(new URL(`../test/client/tls/${name}.pem`, import.meta.url), 'utf8');
/** Returns the host's monotonic clock in µs, which all threads share. */
const now = (): number => Number(process.hrtime.bigint()) / 1000;

function serve(): void {
  const options = { cert: pem('server'), key: pem('server-key'), allowHTTP1: true };
  const server = createSecureServer(options, (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const timer = setInterval(() => {
      sent++;
      const choice = { index: 0, delta: { content: `${Math.round(now())} ` } };
      const finish_reason = sent === EVENTS ? 'stop' : null;
      response.write(`data: ${JSON.stringify({ choices: [{ ...choice, finish_reason }] })}\n\n`);
      if (sent < EVENTS) return;
      clearInterval(timer);
      response.end('data: [DONE]\n\n');
    }, EVERY_MS);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') parentPort!.postMessage(address!.port);
  });
}

async function measure(port: number, http2: boolean): Promise<string> {
  const [connect, headers, firstToken, idle, total] = Array<number>(5).fill(LIMIT_MS) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const client = openClient({
    url: `https://localhost:${port}/v1`,
    api: 'chat',
    apiKey: null,
    headers: {},
    keepText: true,
    now,
    timeouts: { connect, headers, firstToken, idle, total },
    route: { ...DIRECT, tls: { ...DIRECT.tls, ca: pem('ca') }, http2 },
  });
  const all = await Promise.all(Array.from({ length: STREAMS }, () => client.send(Buffer.from('{}')).done));
  await client.close();
  const late = all.flatMap(({ text = '', events_us }) => {
    let at = 0;
    const written = text.trim().split(' ').map(Number);
    return Array.from(events_us, (gap, k) => (at += gap) - written[k]!);
  });
  late.sort((a, b) => a - b);
  const rank = (share: number): string => String(Math.round(late[Math.ceil(share * late.length) - 1]!));
  return `${http2 ? 'HTTP/2  ' : 'HTTP/1.1'}  p50 ${rank(0.5)}  p90 ${rank(0.9)}  p99 ${rank(0.99)} µs of ${late.length} events`;
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => {
    worker.once('message', resolve);
  });
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? [false, true] : [true, false];
    for (const http2 of order) process.stdout.write(`${await measure(port, http2)}\n`);
  }
  await worker.terminate();
} else serve();
