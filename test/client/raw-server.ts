import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { StreamCase, Write } from './cases.ts';

export interface RawRequest {
  /** Request line and headers as received. */
  head: string;
  body: string;
  /** Number of the connection, from 0. */
  connection: number;
}

export type RawHandler = (request: RawRequest, socket: Socket) => Promise<void> | void;

/** Starts a server that writes given bytes without an HTTP library. */
export interface RawServer {
  url: string;
  requests: RawRequest[];
  connections: number;
  close(): Promise<void>;
}

export async function startRawServer(handler: RawHandler): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = raw.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const split = received.indexOf('\r\n\r\n');
        if (split === -1) return;
        const head = received.toString('latin1', 0, split);
        const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        const end = split + 4 + length;
        if (received.length < end) return;
        const request = { head, body: received.toString('utf8', split + 4, end), connection };
        received = received.subarray(end);
        raw.requests.push(request);
        void handler(request, socket);
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const raw: RawServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: [],
    connections: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return raw;
}

/**
 * Lets the event loop poll its sockets several times. After a pause of the machine the timers of server and client
 * fire together, before either has read: a test that continues after a delay must first let both read.
 */
export async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await turn();
}

export function head(status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`;
}

export function chunked(bytes: Buffer | string): Buffer {
  const body = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}

export const LAST_CHUNK = '0\r\n\r\n';

/** Returns an event stream with these payloads, each an event in its own chunk. */
export function eventStream(payloads: readonly (object | string)[]): string {
  const events = payloads.map((payload) =>
    chunked(`data: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n\n`).toString(),
  );
  return head(200, { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked' }) + events.join('');
}

export function writeBytes(write: Write): Buffer {
  return write.utf8 === undefined ? Buffer.from(write.base64 ?? '', 'base64') : Buffer.from(write.utf8);
}

/** Replays one case; `slower` stretches its pauses, `writes` may split its bytes differently. */
export async function playCase(
  streamCase: StreamCase,
  socket: Socket,
  { slower = 1, writes = streamCase.writes }: { slower?: number; writes?: readonly Write[] } = {},
): Promise<void> {
  const isChunked = !('content-length' in streamCase.headers) && ![204, 304].includes(streamCase.status);
  const headers = isChunked ? { ...streamCase.headers, 'transfer-encoding': 'chunked' } : streamCase.headers;
  socket.write(head(streamCase.status, { date: new Date().toUTCString(), ...headers }));
  for (const write of writes) {
    if (write.after_ms > 0) await sleep(write.after_ms * slower);
    const bytes = writeBytes(write);
    if (bytes.length > 0) socket.write(isChunked ? chunked(bytes) : bytes);
  }
  if (streamCase.end === 'close' && isChunked) socket.write(LAST_CHUNK);
  if (streamCase.end === 'reset') {
    // A reset may discard what the client has not read yet.
    await sleep(30);
    await turns();
    socket.resetAndDestroy();
  }
}
