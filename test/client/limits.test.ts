/** @module-tag timed */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/client/client.ts';
import { LIMITS } from '../../src/client/http/limits.ts';
import type { RawHandler } from './raw-server.ts';
import { chunked, eventStream, head, LAST_CHUNK, startRawServer } from './raw-server.ts';
import { askOnce, delta } from './support.ts';

const MIB = 1024 * 1024;

/**
 * Sends one request and returns the maximum increase of memory, of server and client together, which share this
 * process.
 */
async function watched(
  handler: RawHandler,
  options: Parameters<typeof askOnce>[1] = {},
): Promise<{ exchange: Exchange; grown: number }> {
  const server = await startRawServer(handler);
  const used = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, used());
  }, 10);
  try {
    const exchange = await askOnce(server.url, options);
    return { exchange, grown: Math.max(most, used()) - before };
  } finally {
    clearInterval(timer);
    await server.close();
  }
}

/** Writes the same bytes repeatedly, as fast as the socket accepts them, until the other side closes. */
async function flood(socket: Socket, bytes: Buffer | string): Promise<void> {
  while (!socket.destroyed) {
    socket.write(bytes);
    do await sleep(0);
    while (socket.writableNeedDrain && !socket.destroyed);
  }
}

const streaming = (headers: Record<string, string> = {}): string =>
  head(200, { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked', ...headers });

/** Far above what a bounded client needs (about 40 MiB, most of it used by this test), and far below what is sent. */
const BOUND = 144 * MIB;
/** The time for which a server floods the client with what no other limit ends. */
const FLOOD_MS = 400;

describe('heads', () => {
  test.each([
    ['one header without end', (socket) => flood(socket, 'y'.repeat(64 * 1024))],
    ['headers without end', (socket) => flood(socket, 'x-more: yes\r\n'.repeat(500))],
  ] as [string, (socket: Socket) => Promise<void>][])('%s', async (_, write) => {
    const { exchange, grown } = await watched((_request, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ');
      return write(socket);
    });
    expect(exchange).toMatchObject({
      outcome: 'protocol_error',
      error: { code: 'UND_ERR_HEADERS_OVERFLOW' },
    });
    expect(grown).toBeLessThan(BOUND);
  });

  test('endless informational responses end by the headers timeout', async () => {
    const { exchange, grown } = await watched(
      (_, socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n'),
      {
        timeouts: { headers: 500 },
      },
    );
    expect(exchange).toMatchObject({ outcome: 'timeout', error: { kind: 'headers' }, headers_us: null });
    expect(grown).toBeLessThan(BOUND);
  });

  test('an endless reason phrase', async () => {
    const { exchange, grown } = await watched(
      (_, socket) => {
        socket.write('HTTP/1.1 200 ');
        return flood(socket, 'O'.repeat(64 * 1024));
      },
      { timeouts: { headers: FLOOD_MS } },
    );
    expect(['protocol_error', 'timeout']).toContain(exchange.outcome);
    expect(grown).toBeLessThan(BOUND);
  });

  test('endless trailers after a complete answer', async () => {
    const { exchange, grown } = await watched((_, socket) => {
      socket.write(`${eventStream([delta('a', 'stop'), '[DONE]'])}0\r\n`);
      return flood(socket, 'x-more: yes\r\n'.repeat(500));
    });
    expect(exchange).toMatchObject({ outcome: 'ok', text: 'a' });
    expect(grown).toBeLessThan(BOUND);
  });
});

describe('endless streams', () => {
  test.each([
    ['output', `data: ${JSON.stringify(delta('a'))}\n\n`, 'total'],
    ['comments', ': keep-alive\n\n', 'first_token'],
    ['blank lines', '\n', 'first_token'],
    ['events without output', 'data: {"choices":[]}\n\n', 'first_token'],
    ['unknown fields', 'x: y\n\n', 'first_token'],
    ['ids', 'id: 1\n', 'first_token'],
  ])('%s', async (_, event, kind) => {
    const { exchange, grown } = await watched(
      (_request, socket) => {
        socket.write(streaming());
        return flood(socket, chunked(event.repeat(Math.ceil(16_384 / event.length))));
      },
      { timeouts: kind === 'total' ? { total: FLOOD_MS } : { firstToken: FLOOD_MS }, keepText: false },
    );
    expect(exchange).toMatchObject({ outcome: 'timeout', error: { kind } });
    expect(grown).toBeLessThan(BOUND);
  });

  test('an endless field of an event', async () => {
    const { exchange, grown } = await watched((_, socket) => {
      socket.write(streaming());
      return flood(socket, chunked('data: x\n'.repeat(2048)));
    });
    expect(exchange).toMatchObject({ outcome: 'protocol_error' });
    expect(exchange.error?.message).toContain('65536 lines');
    expect(grown).toBeLessThan(BOUND);
  });

  test.each([200, 503])('an endless document (%i)', async (status) => {
    const { exchange, grown } = await watched((_, socket) => {
      socket.write(head(status, { 'transfer-encoding': 'chunked' }));
      return flood(socket, chunked(`<html>${'x'.repeat(16_384)}`));
    });
    expect(exchange).toMatchObject({ outcome: status === 200 ? 'protocol_error' : 'http_error', status });
    expect(grown).toBeLessThan(BOUND);
  });
});

const ENCODINGS: [string, (bytes: Buffer) => Buffer][] = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
];

describe('compression', () => {
  const whole = `data: ${JSON.stringify(delta('a'))}\n\ndata: ${JSON.stringify(delta('b', 'stop'))}\n\ndata: [DONE]\n\n`;

  test.each(ENCODINGS)('%s is decoded although it was not requested', async (name, compress) => {
    const heads: string[] = [];
    const { exchange } = await watched((request, socket) => {
      heads.push(request.head);
      socket.write(streaming({ 'content-encoding': name }));
      socket.write(chunked(compress(Buffer.from(whole))));
      socket.write(LAST_CHUNK);
    });
    expect(heads[0]).toContain('accept-encoding: identity');
    expect(exchange).toMatchObject({ outcome: 'ok', text: 'ab', headers: { 'content-encoding': name } });
    expect(exchange.events_us).toHaveLength(2);
  });

  /** 24 MiB compressed to a thousandth, sent repeatedly: each member or block follows the previous one. */
  const bombs: [string, Buffer][] = [
    ['one line', Buffer.alloc(24 * MIB, 'x')],
    ['comments', Buffer.alloc(24 * MIB, ': keep-alive\n\n')],
    ['blank lines', Buffer.alloc(24 * MIB, '\n')],
  ];
  test.each(bombs)('a bomb of %s, by gzip', { timeout: 60_000 }, async (_, bytes) => {
    const compressed = gzipSync(bytes);
    expect(compressed.length).toBeLessThan(bytes.length / 500);
    const { exchange, grown } = await watched(
      (_request, socket) => {
        socket.write(streaming({ 'content-encoding': 'gzip' }));
        return flood(socket, chunked(compressed));
      },
      { timeouts: { firstToken: 2 * FLOOD_MS } },
    );
    // It depends on the machine which limit comes first.
    expect(exchange.error?.message).toMatch(/16 MiB|more than 536870912 bytes|no first token/);
    expect(grown).toBeLessThan(BOUND);
  });

  test.each([
    ['br', brotliCompressSync(Buffer.alloc(24 * MIB, 'x'))],
    ['zstd', zstdCompressSync(Buffer.alloc(24 * MIB, 'x'))],
    ['deflate', deflateSync(Buffer.alloc(24 * MIB, 'x'))],
  ])('a bomb by %s', { timeout: 60_000 }, async (name, compressed) => {
    const { exchange, grown } = await watched((_, socket) => {
      socket.write(streaming({ 'content-encoding': name }));
      socket.write(chunked(compressed));
    });
    expect(exchange).toMatchObject({ outcome: 'protocol_error' });
    expect(exchange.error?.message).toContain('16 MiB');
    expect(grown).toBeLessThan(BOUND);
  });

  test('a bomb in an error', async () => {
    const { exchange, grown } = await watched((_, socket) => {
      socket.write(head(500, { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }));
      socket.write(chunked(gzipSync(Buffer.alloc(24 * MIB, 'x'))));
    });
    expect(exchange).toMatchObject({ outcome: 'http_error', status: 500 });
    expect(exchange.error!.message.length).toBeLessThanOrEqual(2048);
    expect(grown).toBeLessThan(BOUND);
  });

  test(
    'what comes faster than it is undone waits at the server, and is cut by the limits',
    { timeout: 60_000 },
    async () => {
      // Stored without compression: as many bytes are read as written.
      const block = gzipSync(Buffer.alloc(MIB, ': keep-alive\n\n'), { level: 0 });
      const { exchange, grown } = await watched(
        (_, socket) => {
          socket.write(streaming({ 'content-encoding': 'gzip' }));
          return flood(socket, chunked(block));
        },
        { timeouts: { total: 2 * FLOOD_MS } },
      );
      expect(['timeout', 'protocol_error']).toContain(exchange.outcome);
      expect(grown).toBeLessThan(BOUND);
    },
  );
});

describe('payloads', () => {
  const sent =
    (...events: string[]): RawHandler =>
    (_, socket) => {
      socket.write(streaming());
      for (const event of events) socket.write(chunked(`data: ${event}\n\n`));
      socket.write(LAST_CHUNK);
    };
  const many = (count: number, each: (k: number) => string): string =>
    Array.from({ length: count }, (_, k) => each(k)).join(',');

  test('too many choices', async () => {
    const { exchange } = await watched(
      sent(`{"choices":[${many(LIMITS.choices + 1, (k) => `{"index":${k},"delta":{"content":"a"}}`)}]}`),
    );
    expect(exchange).toMatchObject({ outcome: 'protocol_error' });
    expect(exchange.error?.message).toContain('1024 choices');
  });

  test('too many tool calls', async () => {
    const calls = many(LIMITS.calls + 1, (k) => `{"index":${k},"function":{"name":"f"}}`);
    const { exchange } = await watched(sent(`{"choices":[{"index":0,"delta":{"tool_calls":[${calls}]}}]}`));
    expect(exchange).toMatchObject({ outcome: 'protocol_error' });
    expect(exchange.error?.message).toContain('1024 tool calls');
  });

  const deep = '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000);

  test('deep nesting in an error, a usage and a body', async () => {
    const error = await watched(sent(`{"error":${deep}}`));
    expect(error.exchange).toMatchObject({ outcome: 'stream_error' });
    const usage = await watched(
      sent(
        JSON.stringify(delta('a', 'stop')),
        `{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"more":${deep}}}`,
        '[DONE]',
      ),
    );
    expect(usage.exchange).toMatchObject({ outcome: 'ok', output_tokens: 1 });
    expect(usage.exchange.usage).toBeUndefined();
    const body = `{"detail":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
    for (const status of [200, 422]) {
      const { exchange } = await watched((_, socket) => {
        socket.write(head(status, { 'content-length': String(body.length) }) + body);
      });
      expect(exchange.outcome).toBe(status === 200 ? 'protocol_error' : 'http_error');
    }
  });

  test('very long finish reasons and error codes', async () => {
    const novel = 'x'.repeat(MIB);
    const finish = await watched(sent(JSON.stringify(delta('a', novel)), '[DONE]'));
    expect(finish.exchange.finish!.length).toBeLessThanOrEqual(256);
    const error = await watched(sent(JSON.stringify({ error: { message: novel, code: novel } })));
    expect(JSON.stringify(error.exchange).length).toBeLessThan(8192);
    const stray = await watched((_, socket) => {
      socket.write(streaming() + chunked(`error: ${novel}\n\n`).toString() + LAST_CHUNK);
    });
    expect(stray.exchange).toMatchObject({ outcome: 'stream_truncated' });
    expect(JSON.stringify(stray.exchange).length).toBeLessThan(8192);
  });

  test('bytes that are not UTF-8 become one replacement character each', async () => {
    const noise = Buffer.concat([
      Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"'),
      Buffer.alloc(4 * MIB, 0xff),
      Buffer.from('"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'),
    ]);
    const { exchange, grown } = await watched((_, socket) => {
      socket.write(streaming());
      socket.write(chunked(noise));
      socket.write(LAST_CHUNK);
    });
    expect(exchange).toMatchObject({ outcome: 'ok' });
    expect(exchange.text).toHaveLength(4 * MIB);
    expect(exchange.text!.replaceAll('\uFFFD', '')).toBe('');
    expect(grown).toBeLessThan(BOUND);
  });
});
