/** @module-tag timed */
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { type GivenSettings, resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { call } from './http.ts';

/** One token every 10 ms. */
const COST = {
  kind: 'linear',
  base: 10_000,
  prefillToken: 0,
  decodeSequence: 0,
  contextToken: 0,
  prefillPair: 0,
} as const;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

async function serving(given: GivenSettings): Promise<{ url: string; port: number; endpoint: Endpoint }> {
  const endpoint = new Endpoint(resolveSettings({ cost: COST, engine: { kvBlocks: 100_000 }, ...given }));
  const url = await endpoint.listen();
  cleanUps.push(() => endpoint.close());
  return { url, port: Number(new URL(url).port), endpoint };
}

/** A client that writes given bytes and keeps what it receives. */
class Raw {
  readonly socket: Socket;
  got = '';
  error: Error | null = null;
  /** The server closed the connection, or it broke. */
  readonly over: Promise<void>;
  readonly opened: Promise<void>;
  isOver = false;

  constructor(port: number) {
    // Writes continue after the server has closed, as by a client that does not listen.
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (bytes) => (this.got += bytes.toString()));
    this.socket.on('error', (error) => (this.error = error));
    this.opened = new Promise((resolve) => this.socket.once('connect', resolve));
    this.over = new Promise((resolve) => {
      const end = (): void => {
        this.isOver = true;
        resolve();
      };
      this.socket.once('end', end).once('close', end);
    });
    cleanUps.push(() => this.socket.destroy());
  }

  /** Waits until the client received this text. */
  async gets(text: string): Promise<void> {
    while (!this.got.includes(text) && !this.isOver) await sleep(5);
    if (!this.got.includes(text)) throw new Error(`the connection ended after ${this.got}`);
  }

  /** Writes one byte at a time until the server rejects the request. */
  async trickle(text: string): Promise<void> {
    for (const each of text) {
      if (this.isOver) return;
      this.socket.write(each);
      await sleep(20);
    }
  }
}

const head = (more: string, path = '/v1/completions'): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${more}\r\n`;
const bodyOf = (prompt: string, tokens = 1): string =>
  JSON.stringify({ model: 'm', prompt, max_tokens: tokens, stream: true });
const whole = (body: string): string => head(`content-length: ${Buffer.byteLength(body)}\r\n`) + body;
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

describe('slow clients', () => {
  const LIMITS = { headersTimeout: 300, requestTimeout: 600 };

  it.each<[string, (raw: Raw) => Promise<void>]>([
    ['say nothing', () => Promise.resolve()],
    ['send their headers byte by byte', (raw) => raw.trickle(head('x-a: b\r\n'.repeat(1000)))],
    [
      'send their body byte by byte',
      (raw) => raw.trickle(head('content-length: 100000\r\n') + ' '.repeat(100_000)),
    ],
    [
      'stop in the middle of a chunk',
      async (raw) => void raw.socket.write(`${head('transfer-encoding: chunked\r\n')}ff\r\n{`),
    ],
  ])('%s: their connection is closed, and others are served meanwhile', async (_, send) => {
    const { url, port } = await serving(LIMITS);
    const raw = new Raw(port);
    await raw.opened;
    const sending = send(raw);
    const reply = await call(`${url}/completions`, { body: JSON.parse(bodyOf('a', 3)) });
    expect(reply.events.at(-1)!.data).toBe('[DONE]');
    await raw.over;
    await sending;
    expect(raw.got).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('an answer that takes longer than the request timeout is not cut off', async () => {
    const { url } = await serving(LIMITS);
    const reply = await call(`${url}/completions`, { body: JSON.parse(bodyOf('a', 150)) });
    expect(reply.events.at(-1)!.data).toBe('[DONE]');
  });
});

describe('too many clients', () => {
  it('get no more connections than the limit, until one closes', async () => {
    const most = 100;
    const { url, port, endpoint } = await serving({ maxConnections: most });
    const raws: Raw[] = [];
    while (raws.length < 1200) {
      const some = Array.from({ length: 100 }, () => new Raw(port));
      raws.push(...some);
      await Promise.all(some.map(({ opened }) => opened));
    }
    while (raws.filter(({ isOver }) => !isOver).length > most) await sleep(10);
    const open = raws.filter(({ isOver }) => !isOver);
    expect(open).toHaveLength(most);
    await expect(call(`${url}/completions`, { body: JSON.parse(bodyOf('a')) })).rejects.toThrow(
      /socket hang up|ECONNRESET/,
    );
    // Open connections are served.
    open[0]!.socket.write(whole(bodyOf('a')));
    await open[0]!.gets('[DONE]');
    for (const { socket } of open) socket.destroy();
    for (;;) {
      const reply = await call(`${url}/completions`, { body: JSON.parse(bodyOf('a')) }).catch(() => null);
      if (reply !== null) {
        expect(reply.status).toBe(200);
        break;
      }
      await sleep(10);
    }
    expect((await endpoint.close()).dropped).toBeGreaterThanOrEqual(1200 - most);
  });
});

describe('a body over the limit', () => {
  it('is rejected by its length, before any of it is sent', async () => {
    const { port } = await serving({ maxBodyBytes: 1000 });
    const raw = new Raw(port);
    raw.socket.write(head('content-length: 1001\r\n'));
    await raw.over;
    expect(raw.got).toMatch(/^HTTP\/1\.1 413 .*\r\nconnection: close\r\n/is);
    expect(JSON.parse(raw.got.split('\r\n\r\n')[1]!).error.code).toBe('request_too_large');
  });

  it('is rejected at the byte that exceeds the limit, and not before', async () => {
    const { port } = await serving({ maxBodyBytes: 1000 });
    const raw = new Raw(port);
    raw.socket.write(
      head('transfer-encoding: chunked\r\n') + chunk('{'.repeat(400)) + chunk('x'.repeat(600)),
    );
    await sleep(100);
    expect(raw.got).toBe('');
    raw.socket.write(chunk('y'));
    await raw.over;
    expect(raw.got).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('is accepted at exactly the limit', async () => {
    const body = bodyOf('a b c');
    const { port } = await serving({ maxBodyBytes: body.length });
    const raw = new Raw(port);
    raw.socket.write(whole(body));
    await raw.gets('[DONE]');
  });

  it.each([
    ['by its length', `content-length: ${32 * 1024 * 1024}\r\n`, (text: string) => text],
    ['chunked', 'transfer-encoding: chunked\r\n', chunk],
  ])(
    '%s: a client that reads only after writing everything gets the reason, and no reset',
    async (_, header, write) => {
      const { port } = await serving({ maxBodyBytes: 1000 });
      const raw = new Raw(port);
      raw.socket.pause();
      raw.socket.write(head(header));
      const part = write('x'.repeat(64 * 1024));
      for (let k = 0; k < 512; k++)
        if (!raw.socket.write(part)) await new Promise((resolve) => raw.socket.once('drain', resolve));
      // A rejected client gets no further response on this connection.
      raw.socket.write(whole(bodyOf('a')));
      raw.socket.resume();
      await raw.over;
      expect(raw.error).toBeNull();
      expect(raw.got.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413']);
      raw.socket.end();
      await new Promise((resolve) => raw.socket.once('close', resolve));
    },
  );
});

describe('bodies over the limit together', () => {
  const body = bodyOf('a '.repeat(300), 300);
  const LIMITS = { maxBodiesBytes: body.length + 100 };

  it.each([
    ['while they come', head(`content-length: ${body.length}\r\n`) + body.slice(0, -1)],
    ['while they are answered', whole(body)],
  ])('%s: the next one is a 503, and is accepted once they are gone', async (_, first) => {
    const { port } = await serving(LIMITS);
    const holding = new Raw(port);
    holding.socket.write(first);
    if (first.endsWith(body)) await holding.gets('data: ');
    else await sleep(200);
    const refused = new Raw(port);
    refused.socket.write(whole(body));
    await refused.over;
    expect(refused.got).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: 1\r\n/is);
    holding.socket.destroy();
    for (;;) {
      const next = new Raw(port);
      next.socket.write(whole(body));
      while (next.got === '' && !next.isOver) await sleep(5);
      if (next.got.startsWith('HTTP/1.1 200')) break;
      expect(next.got).toMatch(/^HTTP\/1\.1 503/);
    }
  });
});
