import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { SocketReads } from '../../src/client/connection/socket-reads.ts';
import { chunked, eventStream, head, LAST_CHUNK, startRawServer, turns } from './raw-server.ts';
import { ask, clientOf, delta } from './support.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Opens a connection whose client end is read through the shared buffer; returns both ends. */
async function pair(isLent: boolean): Promise<{ near: Socket; far: Socket; reads: number[] }> {
  const server: Server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reads: number[] = [];
  const through = new SocketReads({
    began: (bytes) => {
      reads.push(bytes.length);
      return isLent;
    },
    ended: () => reads.push(0),
  });
  const near = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    onread: through.onread,
  });
  through.attach(near);
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ];
  for (const socket of [near, far]) socket.on('error', () => {});
  open.push(() => {
    near.destroy();
    far.destroy();
    return new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return { near, far, reads };
}

const numbered = (bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  for (let i = 0; i + 4 <= bytes; i += 4) buffer.writeUInt32LE(i, i);
  return buffer;
};

/** Returns what a consumer gets that reads everything on every notification, as undici does. */
function collect(near: Socket): { bytes(): Buffer; ended(): Promise<unknown> } {
  const pieces: Buffer[] = [];
  near.on('readable', () => {
    for (let piece = near.read() as Buffer | null; piece !== null; piece = near.read() as Buffer | null)
      pieces.push(Buffer.from(piece));
  });
  return { bytes: () => Buffer.concat(pieces), ended: () => once(near, 'end') };
}

describe.each([true, false])('a consumer of the shared buffer: %s', (isLent) => {
  test('gets all bytes in order, and then the end', async () => {
    const { near, far, reads } = await pair(isLent);
    const { bytes, ended } = collect(near);
    const sent = numbered(1_000_000);
    far.end(sent);
    await ended();
    expect(bytes().equals(sent)).toBe(true);
    // The handler is called before and after each read.
    expect(reads.filter((_, i) => i % 2 === 0).reduce((sum, length) => sum + length, 0)).toBe(sent.length);
    expect(reads.filter((_, i) => i % 2 === 1).every((length) => length === 0)).toBe(true);
  });

  test('bytes that are not taken are kept, stop the sender, and arrive when taken', async () => {
    const { near, far } = await pair(isLent);
    const sent = numbered(32_000_000);
    let isWritten = false;
    far.end(sent, () => {
      isWritten = true;
    });
    await sleep(50);
    await turns();
    expect(near.readableLength).toBeGreaterThan(0);
    expect(near.readableLength).toBeLessThan(1_000_000);
    expect(isWritten).toBe(false);
    const { bytes, ended } = collect(near);
    await ended();
    expect(bytes().equals(sent)).toBe(true);
  });

  test('bytes that were put back come first, whatever was read since', async () => {
    const { near, far } = await pair(isLent);
    const got: string[] = [];
    near.on('readable', () => {
      if (got.length === 0) {
        const piece = near.read() as Buffer;
        got.push(piece.toString('latin1', 0, 1));
        near.unshift(piece.subarray(1));
      } else if (near.readableLength === 'irst second'.length || near.readableEnded) {
        got.push((near.read() as Buffer | null)?.toString('latin1') ?? '');
      }
    });
    far.write('first');
    while (got.length === 0) await turns();
    far.write(' second');
    while (got.length === 1) await sleep(1);
    expect(got).toEqual(['f', 'irst second']);
  });

  test('a reset is an error and a close', async () => {
    const { near, far } = await pair(isLent);
    const { bytes } = collect(near);
    const failed = new Promise((resolve) => near.once('error', resolve));
    const closed = new Promise((resolve) => near.once('close', resolve));
    far.write('x');
    await sleep(20);
    await turns();
    far.resetAndDestroy();
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
    await closed;
    expect(bytes().toString()).toBe('x');
  });
});

describe('one buffer for all sockets', () => {
  test('heads in two reads, interleaved with those of others', async () => {
    const waiting: (() => void)[] = [];
    const server = await startRawServer(async (request, socket) => {
      const name = `x-request-id: request-${request.connection}`;
      socket.write(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nvia: proxy-${request.connection}\r\n${name}`,
      );
      const all = new Promise<void>((resolve) => waiting.push(resolve));
      if (waiting.length === 20) {
        await sleep(30);
        await turns();
        for (const go of waiting) go();
      }
      await all;
      const rest = eventStream([delta('a', 'stop'), '[DONE]']);
      socket.write(`-end\r\n${rest.slice(rest.indexOf('\r\n\r\n') + 2)}${LAST_CHUNK}`);
    });
    const client = clientOf(server.url);
    open.push(
      () => client.close(),
      () => server.close(),
    );
    const exchanges = await Promise.all(Array.from({ length: 20 }, () => ask(client)));
    const ids = exchanges.map(({ headers }) => `${headers['via']} ${headers['x-request-id']}`);
    expect(ids.toSorted()).toEqual(
      Array.from({ length: 20 }, (_, i) => `proxy-${i} request-${i}-end`).toSorted(),
    );
  });

  test('compressed bodies, which are decoded after they were read', async () => {
    const server = await startRawServer(async (request, socket) => {
      const text = `of ${request.connection} `.repeat(50);
      const body = gzipSync(`data: ${JSON.stringify(delta(text, 'stop'))}\n\ndata: [DONE]\n\n`);
      socket.write(head(200, { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }));
      await sleep(30);
      socket.write(Buffer.concat([chunked(body), Buffer.from(LAST_CHUNK)]));
    });
    const client = clientOf(server.url);
    open.push(
      () => client.close(),
      () => server.close(),
    );
    const exchanges = await Promise.all(Array.from({ length: 20 }, () => ask(client)));
    expect(exchanges.map(({ text }) => String(text)).toSorted()).toEqual(
      Array.from({ length: 20 }, (_, i) => `of ${i} `.repeat(50)).toSorted(),
    );
  });
});
