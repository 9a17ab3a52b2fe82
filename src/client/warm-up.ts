import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { openClient } from './transport.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n';
const ANSWER = [EVENT, 'data: [DONE]\n\n', ''].map((bytes) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`);

const REQUESTS = 3;
const LIMIT_MS = 2000;

/**
 * Sends a few requests of this thread to a server of this thread, on the loopback interface. The first request of a
 * thread compiles the HTTP parser and everything behind it: it is sent about 4 ms late and read 1 ms late, which would
 * be counted as the generator's lag and as the server's TTFT. Best effort: where it cannot be done, nothing is lost.
 */
export async function warmUp(): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write(HEAD + ANSWER.join('')));
  });
  const port = await new Promise<number | null>((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  if (port === null) return;
  const client = openClient({
    url: `http://127.0.0.1:${port}`,
    api: 'chat',
    apiKey: null,
    headers: {},
    timeouts: { connect: LIMIT_MS, headers: LIMIT_MS, firstToken: LIMIT_MS, idle: LIMIT_MS, total: LIMIT_MS },
    keepText: false,
    now: () => performance.now() * 1000,
  });
  const body = Buffer.from('{}');
  for (let i = 0; i < REQUESTS; i++) await client.send(body).done;
  await client.close();
  for (const socket of sockets) socket.destroy();
  server.close();
}
