import { readFileSync } from 'node:fs';
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants, createSecureServer, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { listModels } from '../../src/client/model-list.ts';
import { DIRECT } from '../../src/client/connection/network-route.ts';
import { eventStream, LAST_CHUNK, startRawServer } from './raw-server.ts';
import { ask, askOnce, clientOf, delta, proven } from './support.ts';

const pem = (name: string): string => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), 'utf8');
const BY_HTTP2 = { route: { ...DIRECT, tls: { ...DIRECT.tls, ca: pem('ca') }, http2: true } };

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => unknown;

/** Starts a server; returns its base URL and its number of connections. */
async function listen(handler: Handler, tls = true): Promise<{ url: string; sessions: () => number }> {
  const server: Http2Server = tls
    ? createSecureServer({ cert: pem('server'), key: pem('server-key') })
    : createServer();
  let sessions = 0;
  server.on('session', (session) => {
    sessions++;
    open.push(() => session.destroy());
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.resume();
    void handler(stream, headers);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://localhost:${port}/v1`, sessions: () => sessions };
}

const event = (payload: object | string): string =>
  `data: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n\n`;

const answer: Handler = (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'text/event-stream', 'x-request-id': 'r1' });
  stream.write(event(delta('a')));
  setTimeout(() => stream.end(event(delta('b', 'stop')) + event('[DONE]')), 20);
};

describe('HTTP/2', () => {
  test('over TLS by ALPN: events, stamps, headers, and the connection is reused', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const { url, sessions } = await listen((stream, headers) => {
      seen.push(headers);
      return answer(stream, headers);
    });
    const client = clientOf(url, { ...BY_HTTP2, apiKey: 'sk-1234' });
    const first = await ask(client);
    expect(first).toMatchObject({ outcome: 'ok', http: '2', reused: false, text: 'ab', finish: 'stop' });
    expect(first.headers).toMatchObject({ 'x-request-id': 'r1' });
    const [from, gap] = first.events_us as unknown as [number, number];
    expect(from).toBeGreaterThanOrEqual(first.headers_us!);
    expect(first.headers_us).toBeGreaterThanOrEqual(first.sent_us!);
    expect(gap).toBeGreaterThan(0);
    await proven();
    expect(await ask(client)).toMatchObject({ outcome: 'ok', http: '2', reused: true, connect_us: null });
    expect(sessions()).toBe(1);
    expect(seen[0]).toMatchObject({
      ':method': 'POST',
      ':path': '/v1/chat/completions',
      authorization: 'Bearer sk-1234',
      'accept-encoding': 'identity',
    });
    await client.close();
  });

  test('over http without asking (prior knowledge)', async () => {
    const { url } = await listen(answer, false);
    expect(await askOnce(url, BY_HTTP2)).toMatchObject({ outcome: 'ok', http: '2', text: 'ab' });
  });

  test('each request in flight has its own connection', async () => {
    const { url, sessions } = await listen(answer);
    const client = clientOf(url, BY_HTTP2);
    const all = await Promise.all(Array.from({ length: 4 }, () => ask(client)));
    expect(all.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(sessions()).toBe(4);
    await client.close();
  });

  test('is used only if requested', async () => {
    const { url } = await listen(answer);
    const { route } = BY_HTTP2;
    const exchange = await askOnce(url, { route: { ...route, http2: false } });
    expect(exchange.outcome).not.toBe('ok');
    expect(exchange.http).toBeUndefined();
  });

  test('a server that supports only HTTP/1.1 gets that', async () => {
    const tls = await import('node:tls');
    const server = tls.createServer(
      { cert: pem('server'), key: pem('server-key'), ALPNProtocols: ['http/1.1'] },
      (socket) => {
        socket.on('error', () => {});
        socket.on('data', () => socket.write(eventStream([delta('a', 'stop'), '[DONE]']) + LAST_CHUNK));
      },
    );
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    open.push(() => server.close());
    const exchange = await askOnce(
      `https://localhost:${(server.address() as AddressInfo).port}/v1`,
      BY_HTTP2,
    );
    expect(exchange).toMatchObject({ outcome: 'ok', text: 'a' });
    expect(exchange.http).toBeUndefined();
    expect(exchange.events_us[0]).toBeGreaterThanOrEqual(exchange.sent_us!);
  });

  test('a server of HTTP/1.1 over http, although HTTP/2 was requested', async () => {
    const server = await startRawServer((_, socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    open.push(() => void server.close());
    const exchange = await askOnce(server.url, { ...BY_HTTP2, timeouts: { headers: 1000 } });
    expect(exchange).toMatchObject({
      outcome: 'protocol_error',
      headers_us: null,
      error: { code: 'ERR_HTTP2_ERROR', message: expect.stringMatching(/does not answer in HTTP\/2/) },
    });
  });

  test('a reset stream is cut off and keeps the events so far', async () => {
    const { url } = await listen(async (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
      stream.write(event(delta('a')));
      await sleep(30);
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    });
    expect(await askOnce(url, BY_HTTP2)).toMatchObject({
      outcome: 'stream_truncated',
      text: 'a',
      status: 200,
    });
  });

  test('a lost connection cuts the stream off too', async () => {
    const { url } = await listen(async (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
      stream.write(event(delta('a')));
      await sleep(30);
      stream.session?.destroy();
    });
    expect(await askOnce(url, BY_HTTP2)).toMatchObject({ outcome: 'stream_truncated', text: 'a' });
  });

  test('a connection that the server closes between two requests fails none', async () => {
    const { url, sessions } = await listen((stream, headers) => {
      const { session } = stream;
      stream.on('close', () => setTimeout(() => session?.close(), 5));
      return answer(stream, headers);
    });
    const client = clientOf(url, BY_HTTP2);
    for (let i = 0; i < 3; i++) {
      expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: false });
      await sleep(60);
    }
    expect(sessions()).toBe(3);
    await client.close();
  });

  test('an error response is recorded', async () => {
    const { url } = await listen((stream) => {
      stream.respond({ ':status': 429, 'retry-after': '7' });
      stream.end('{"error":{"message":"slow down","code":"rate_limit_exceeded"}}');
    });
    expect(await askOnce(url, BY_HTTP2)).toMatchObject({
      outcome: 'rate_limited',
      error: { message: 'slow down', code: 'rate_limit_exceeded', retry_after_ms: 7000 },
    });
  });

  test.each([true, false])(
    'lists the models of a server that supports only HTTP/2 (TLS: %s)',
    async (tls) => {
      const { url } = await listen((stream, headers) => {
        stream.respond({ ':status': headers[':path'] === '/v1/models' ? 200 : 404 });
        stream.end('{"data":[{"id":"m"}]}');
      }, tls);
      const options = { url, api: 'chat', apiKey: null, headers: {} } as const;
      expect(await listModels({ ...options, ...BY_HTTP2 }, 10_000)).toMatchObject({
        models: ['m'],
        problem: null,
      });
    },
  );

  test.each(['headers', 'firstToken', 'idle'] as const)('the timeout for %s', async (name) => {
    const { url } = await listen((stream) => {
      if (name === 'headers') return;
      stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
      if (name === 'idle') stream.write(event(delta('a')));
    });
    const kind = name === 'firstToken' ? 'first_token' : name;
    const exchange = await askOnce(url, { ...BY_HTTP2, timeouts: { [name]: 200 } });
    expect(exchange).toMatchObject({ outcome: 'timeout', error: { kind } });
  });
});
