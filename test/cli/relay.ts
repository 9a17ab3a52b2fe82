import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { createGzip } from 'node:zlib';

/** How a relay changes a response: sent at once, in pieces of a size, compressed with zlib's buffer, or as events without counts. */
export type Relaying = 'whole' | number | 'gzip' | 'uncounted';

/** A server on the loopback interface that hands everything to `target` and its responses back. */
export async function startRelay(
  target: string,
  relaying: Relaying,
): Promise<{ url: string; close(): Promise<void> }> {
  const { origin, pathname } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { method, url = '/' } = incoming;
    const headers = { ...incoming.headers, host: new URL(target).host };
    const forwarded = request(origin + url, { method, headers }, (response) => {
      const { 'content-length': _, 'transfer-encoding': __, ...kept } = response.headers;
      const isStream = String(kept['content-type']).startsWith('text/event-stream');
      const gzip = relaying === 'gzip' && isStream ? { 'content-encoding': 'gzip' } : {};
      outgoing.writeHead(response.statusCode ?? 502, { ...kept, ...gzip });
      if (!isStream) response.pipe(outgoing);
      else if (relaying === 'gzip') response.pipe(createGzip()).pipe(outgoing);
      else response.pipe(relaying === 'uncounted' ? withoutCounts() : inPieces(relaying)).pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function inPieces(size: number | 'whole'): Transform {
  let held = Buffer.alloc(0);
  return new Transform({
    transform(bytes: Buffer, _, done) {
      held = Buffer.concat([held, bytes]);
      const each = size === 'whole' ? held.length + 1 : size;
      const whole = held.length - (held.length % each);
      for (let at = 0; at < whole; at += each) this.push(held.subarray(at, at + each));
      held = held.subarray(whole);
      done();
    },
    flush(done) {
      done(null, held);
    },
  });
}

const COUNTS = new Set(['usage', 'token_ids', 'logprobs']);

/** Each event as soon as it is whole. */
function withoutCounts(): Transform {
  let held = '';
  const read = (line: string): string =>
    line.startsWith('data: {')
      ? `data: ${JSON.stringify(JSON.parse(line.slice(6)), (key, value: unknown) => (COUNTS.has(key) ? undefined : value))}`
      : line;
  return new Transform({
    transform(bytes: Buffer, _, done) {
      const lines = (held + bytes.toString('utf8')).split('\n');
      held = lines.pop() ?? '';
      done(null, lines.map((line) => `${read(line)}\n`).join(''));
    },
  });
}
