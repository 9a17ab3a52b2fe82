import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/client/client.ts';
import { listModels } from '../../src/client/model-list.ts';
import { DIRECT } from '../../src/client/connection/network-route.ts';
import { chunked, LAST_CHUNK, startRawServer } from './raw-server.ts';
import { askOnce } from './support.ts';

const EVENTS =
  'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const LENGTH = EVENTS.length;
const CHUNKS = chunked(EVENTS).toString() + LAST_CHUNK;
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';

async function answered(bytes: string): Promise<Exchange> {
  const server = await startRawServer((_, socket) => void socket.write(bytes, 'latin1'));
  try {
    return await askOnce(server.url);
  } finally {
    await server.close();
  }
}

describe('an invalid HTTP/1.1 head', () => {
  const sized = (value: string): string => `${OK}content-length: ${value}\r\n\r\n${EVENTS}`;
  test.each([
    [
      'content-length twice, the same',
      `${OK}content-length: ${LENGTH}\r\ncontent-length: ${LENGTH}\r\n\r\n${EVENTS}`,
      /content-length/,
    ],
    [
      'content-length twice, others',
      `${OK}content-length: ${LENGTH}\r\ncontent-length: 5\r\n\r\n${EVENTS}`,
      /content-length/,
    ],
    ['content-length as a list', sized(`${LENGTH}, ${LENGTH}`), /content-length/],
    ['content-length beyond any number', sized('9'.repeat(30)), /content-length/],
    ['a negative content-length', sized('-5'), /content-length/i],
    ['content-length that is a word', sized('constructor'), /content-length/i],
    [
      'content-length before chunks',
      `${OK}content-length: ${LENGTH}\r\ntransfer-encoding: chunked\r\n\r\n${CHUNKS}`,
      /content-length/,
    ],
    [
      'content-length behind chunks',
      `${OK}transfer-encoding: chunked\r\ncontent-length: ${LENGTH}\r\n\r\n${CHUNKS}`,
      /content-length/i,
    ],
    [
      '100 Continue, unasked',
      `HTTP/1.1 100 Continue\r\n\r\n${OK}transfer-encoding: chunked\r\n\r\n${CHUNKS}`,
      /status 100/,
    ],
    [
      '101 with an upgrade',
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n${OK}\r\n`,
      /status 101/,
    ],
    [
      '101 without one',
      `HTTP/1.1 101 Switching Protocols\r\n\r\n${OK}transfer-encoding: chunked\r\n\r\n${CHUNKS}`,
      /status 101/,
    ],
    ['status 000', 'HTTP/1.1 000 X\r\n\r\n', /status 0\b/],
    ['status 099', 'HTTP/1.1 099 X\r\ncontent-length: 2\r\n\r\nab', /status 99/],
    ['a status of four digits', 'HTTP/1.1 1000 X\r\n\r\n', /status/],
    ['HTTP/0.9', EVENTS, /Expected HTTP/],
    ['bytes of no protocol', '\0\x01\x02\xff\r\n\r\n', /Expected HTTP/],
    ['a version that does not exist', `HTTP/9.9 200 OK\r\n\r\n${EVENTS}`, /version/],
    ['a header that is too long', `${OK}x: ${'a'.repeat(20_000)}\r\n\r\n`, /16 KiB/],
    ['a space in a name', `${OK}x y: z\r\n\r\n`, /header/],
    ['a control character in a value', `${OK}x: \x01\r\n\r\n`, /header/],
    ['a line without a colon', `${OK}hello\r\n\r\n`, /header/],
  ])('%s', async (_, bytes, said) => {
    const exchange = await answered(bytes);
    expect(exchange).toMatchObject({ outcome: 'protocol_error', status: null });
    expect(exchange.error!.message).toMatch(/does not answer in HTTP\/1\.1/);
    expect(exchange.error!.message).toMatch(said);
  });
});

describe('an invalid HTTP/1.1 body', () => {
  const start = `${OK}transfer-encoding: chunked\r\n\r\n`;
  test.each([
    ['a size that is none', `${start}zz\r\n`, /chunk size/],
    ['a negative size', `${start}-5\r\n`, /chunk size/],
    ['a size beyond any number', `${start}${'f'.repeat(17)}\r\n`, /Chunk size overflow/],
    ['more than the size says', `${start}5\r\n${EVENTS}\r\n`, /chunk data/],
  ])('%s', async (_, bytes, said) => {
    const exchange = await answered(bytes);
    expect(exchange).toMatchObject({ outcome: 'protocol_error', status: 200 });
    expect(exchange.error!.message).toMatch(said);
  });
});

describe('a list of models', () => {
  test.each([
    ['with a status below 100', 'HTTP/1.1 099 X\r\ncontent-length: 2\r\n\r\n{}'],
    ['with 101', 'HTTP/1.1 101 X\r\n\r\n'],
    ['with content-length twice', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}'],
    [
      'in an encoding that no one knows',
      'HTTP/1.1 200 OK\r\ncontent-encoding: constructor\r\ncontent-length: 2\r\n\r\n{}',
    ],
    [
      'of names of a prototype',
      'HTTP/1.1 200 OK\r\ncontent-length: 39\r\n\r\n{"__proto__":{"data":[{"id":"secret"}]}}',
    ],
  ])('%s is reported as the list’s problem', async (_, bytes) => {
    const server = await startRawServer((_request, socket) => void socket.write(bytes));
    const list = await listModels({ url: server.url, api: 'chat', apiKey: null, headers: {} }, 5000);
    expect(list.models).toEqual([]);
    if (!bytes.includes('__proto__')) expect(list.problem).not.toBeNull();
    await server.close();
  });
});

describe('unusual but valid', () => {
  test.each([
    [
      'announcements',
      `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}transfer-encoding: chunked\r\n\r\n${CHUNKS}`,
    ],
    ['no reason phrase', `HTTP/1.1 200\r\ncontent-length: ${LENGTH}\r\n\r\n${EVENTS}`],
    [
      'chunk extensions and trailers',
      `${OK}transfer-encoding: chunked\r\n\r\n${LENGTH.toString(16)};a=b\r\n${EVENTS}\r\n0\r\nconstructor: x\r\n__proto__: y\r\n\r\n`,
    ],
    [
      'an upgrade that is offered',
      `${OK}upgrade: h2c\r\nconnection: upgrade\r\ntransfer-encoding: chunked\r\n\r\n${CHUNKS}`,
    ],
    ['more bytes behind the answer', `${OK}transfer-encoding: chunked\r\n\r\n${CHUNKS}${OK}`],
  ])('%s', async (_, bytes) => {
    expect(await answered(bytes)).toMatchObject({ outcome: 'ok', status: 200, text: 'a' });
  });
});

/** Returns one frame (RFC 9113 §4.1). */
function frame(type: number, flags: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(type === 4 ? 0 : 1, 5);
  return Buffer.concat([head, bytes]);
}

/** Returns a HEADERS frame, each header as a literal without indexing (RFC 7541 §6.2.2). */
const heads = (...headers: (readonly [string, string])[]): Buffer =>
  frame(
    1,
    4,
    Buffer.concat(
      headers.map(([name, value]) =>
        Buffer.from(
          `\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`,
          'latin1',
        ),
      ),
    ),
  );

const STATUS = [':status', '200'] as const;
const SETTINGS = frame(4, 0, '');
const DATA = frame(0, 1, EVENTS);

/** @param again the response to a retried request */
async function answeredInFrames(
  frames: readonly Buffer[],
  after_ms = 0,
  again: readonly Buffer[] = [],
): Promise<Exchange> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(SETTINGS);
    let received = '';
    let asked = 0;
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      const now = received.split('"stream":true').length - 1;
      const next = asked === 0 ? frames : again;
      if (now > asked) setTimeout(() => socket.write(Buffer.concat(next)), asked === 0 ? after_ms : 0);
      asked = now;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await askOnce(url, { route: { ...DIRECT, http2: true } });
  } finally {
    server.close();
  }
}

describe('HTTP/2', () => {
  test.each([
    ['no status', [heads(['x', 'y']), DATA]],
    ['status 101', [heads([':status', '101']), DATA]],
    ['status 000', [heads([':status', '000']), DATA]],
    ['a status that is a word', [heads([':status', 'abc']), DATA]],
    ['content-length twice', [heads(STATUS, ['content-length', '5'], ['content-length', '5']), DATA]],
    ['content-length as a list', [heads(STATUS, ['content-length', '5, 5']), DATA]],
    ['transfer-encoding', [heads(STATUS, ['transfer-encoding', 'chunked']), DATA]],
    ['capital letters in a name', [heads(STATUS, ['X-A', 'b']), DATA]],
    ['data before any headers', [DATA]],
    ['headers twice', [heads(STATUS), heads(STATUS)]],
    ['a table that cannot be decoded', [frame(1, 5, Buffer.alloc(5, 0xff))]],
  ])('%s is a protocol error', async (_, frames) => {
    const exchange = await answeredInFrames(frames);
    expect(exchange.outcome).toBe('protocol_error');
    expect(exchange.error!.message).toMatch(/HTTP\/2/);
  });

  test('headers named like members of an object’s prototype change nothing, nor do informational responses', async () => {
    const odd = heads(
      STATUS,
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['constructor', 'c'],
      ['tostring', 'd'],
    );
    const frames = [heads([':status', '100']), heads([':status', '103']), odd, DATA];
    expect(await answeredInFrames(frames)).toMatchObject({ outcome: 'ok', text: 'a' });
  });

  test('a stream that the server cancels is not a protocol error', async () => {
    const reset = frame(3, 0, Buffer.from([0, 0, 0, 2]));
    expect((await answeredInFrames([reset])).outcome).toBe('connect');
  });

  test('a refused stream is sent again, and the first send counts', async () => {
    const refused = frame(3, 0, Buffer.from([0, 0, 0, 7]));
    // The second request is stream 3.
    const answer = [heads(STATUS), DATA].map((bytes) =>
      Buffer.concat([bytes.subarray(0, 8), Buffer.from([3]), bytes.subarray(9)]),
    );
    const exchange = await answeredInFrames([refused], 100, answer);
    expect(exchange).toMatchObject({ outcome: 'ok', text: 'a' });
    // Node's timers may fire a millisecond early.
    expect(exchange.headers_us! - exchange.sent_us!).toBeGreaterThanOrEqual(99_000);
  });
});
