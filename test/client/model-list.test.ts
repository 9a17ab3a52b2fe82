import type { Socket } from 'node:net';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { listModels, type ModelList } from '../../src/client/model-list.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

const open: RawServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** Lists the models of a server that answers every request with these bytes. */
async function listFrom(
  body: Buffer,
  encoding: string | null = null,
): Promise<{ list: ModelList; server: RawServer }> {
  const server = await startRawServer((_, socket) => respond(socket, body, encoding));
  open.push(server);
  return {
    list: await listModels({ url: server.url, api: 'chat', apiKey: null, headers: {} }, 20_000),
    server,
  };
}

function respond(socket: Socket, body: Buffer, encoding: string | null): void {
  const coding = encoding === null ? '' : `content-encoding: ${encoding}\r\n`;
  socket.write(
    `HTTP/1.1 200 OK\r\nserver: a-server\r\ncontent-type: application/json\r\n${coding}content-length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
}

const DOCUMENT = Buffer.from(
  JSON.stringify({ data: [{ id: 'größe-7b', owned_by: 'vllm', max_model_len: 4096 }, { id: 'b' }] }),
);
const LISTED = {
  first: 'größe-7b',
  models: ['größe-7b', 'b'],
  owners: ['vllm'],
  context: 4096,
  server: 'a-server',
  problem: null,
};
const MB = 1_000_000;

describe('the list of models', () => {
  test.each<[string, Buffer]>([
    ['gzip', gzipSync(DOCUMENT)],
    ['GZIP', gzipSync(DOCUMENT)],
    ['x-gzip', gzipSync(DOCUMENT)],
    ['deflate', deflateSync(DOCUMENT)],
    ['deflate', deflateRawSync(DOCUMENT)],
    ['br', brotliCompressSync(DOCUMENT)],
    ['zstd', zstdCompressSync(DOCUMENT)],
    ['identity', DOCUMENT],
  ])('is decoded from %s', async (encoding, body) => {
    expect((await listFrom(body, encoding)).list).toEqual(LISTED);
  });

  test('requests no content-encoding, and is read after a byte order mark', async () => {
    const { list, server } = await listFrom(Buffer.concat([Buffer.from('\uFEFF'), DOCUMENT]));
    expect(list).toEqual(LISTED);
    expect(server.requests[0]!.head).toMatch(/^accept-encoding: identity$/m);
  });

  test.each<[string, Buffer, string]>([
    ['an unknown encoding', DOCUMENT, 'compress'],
    ['bytes that are not so encoded', DOCUMENT, 'gzip'],
  ])('%s is reported', async (_, body, encoding) => {
    expect((await listFrom(body, encoding)).list).toMatchObject({
      models: [],
      server: 'a-server',
      problem: expect.stringContaining('content-encoding'),
    });
  });

  test('text that is not JSON, and JSON of another shape', async () => {
    expect((await listFrom(Buffer.from('<html>'))).list.problem).toBe('the response is not JSON');
    expect((await listFrom(gzipSync('<html>'), 'gzip')).list.problem).toBe('the response is not JSON');
    expect((await listFrom(Buffer.from('[1]'))).list).toMatchObject({ models: [], problem: null });
  });

  test(
    'a list longer than the limit is refused, also one that is small as sent',
    { timeout: 60_000 },
    async () => {
      const plain = JSON.stringify({ data: [{ id: 'm', description: ' '.repeat(MB) }] });
      expect((await listFrom(Buffer.from(plain))).list.problem).toContain('longer than 1 MB');
      // 700 MB in less than 1 MB: decoding all of it would fail, because a string cannot hold it.
      const bomb = Buffer.concat(Array<Buffer>(7).fill(gzipSync(Buffer.alloc(100 * MB, ' '))));
      expect(bomb.length).toBeLessThan(MB);
      expect(gunzipSync(bomb.subarray(0, bomb.length / 7)).length).toBe(100 * MB);
      const { list } = await listFrom(bomb, 'gzip');
      expect(list).toMatchObject({ models: [], problem: expect.stringContaining('longer than 1 MB') });
    },
  );
});
