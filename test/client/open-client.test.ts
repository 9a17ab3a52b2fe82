/** @module-tag timed */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import type { RawHandler, RawServer } from './raw-server.ts';
import { chunked, eventStream, head, LAST_CHUNK, startRawServer, turns } from './raw-server.ts';
import { ask, clientOf, delta, proven } from './support.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function setUp(
  handler: RawHandler,
  options: Parameters<typeof clientOf>[1] = {},
): Promise<{ server: RawServer; client: Client }> {
  const server = await startRawServer(handler);
  const client = clientOf(server.url, options);
  open.push(server, client);
  return { server, client };
}

const ANSWER = [delta('Hel'), delta('lo'), delta('', 'stop'), '[DONE]'];
const answer: RawHandler = (_, socket) => void socket.write(eventStream(ANSWER) + LAST_CHUNK);

describe('secrets', () => {
  const KEY = 'sk-51c2"d7e0';

  test('are redacted in kept texts and usage, even if split over two events', async () => {
    const events = [
      delta(`you sent ${KEY.slice(0, 6)}`),
      delta(`${KEY.slice(6)}!`, 'stop'),
      { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, note: `Bearer ${KEY}` } },
      '[DONE]',
    ];
    const { client } = await setUp((_, socket) => void socket.write(eventStream(events) + LAST_CHUNK), {
      apiKey: KEY,
    });
    expect(await ask(client)).toMatchObject({
      outcome: 'ok',
      text: 'you sent [redacted]!',
      usage: { prompt_tokens: 1, completion_tokens: 2, note: 'Bearer [redacted]' },
    });
  });

  test('in the query are redacted in an error that repeats the path', async () => {
    const server = await startRawServer((request, socket) => {
      const [, path] = request.head.split(' ');
      const body = `no route ${path}`;
      socket.write(`HTTP/1.1 404 Not Found\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
    const client = clientOf(`${server.url}?version=2024-10&api_key=a%2Fb%3Dcd`);
    open.push(server, client);
    const { error } = await ask(client);
    expect(error?.message).toContain('version=2024-10&api_key=[redacted]');
    expect(error?.message).not.toContain('a%2Fb');
  });
});

describe('the request', () => {
  test('is one POST with the unchanged body, identity, and the key as a bearer token', async () => {
    const { server, client } = await setUp(answer, { apiKey: 'sk-1234', headers: { 'X-Tenant': 'bench' } });
    await ask(client);
    const [request] = server.requests;
    const lines = request!.head.split('\r\n');
    expect(lines[0]).toBe('POST /v1/chat/completions HTTP/1.1');
    expect(lines).toEqual(
      expect.arrayContaining([
        `host: ${new URL(server.url).host}`,
        'authorization: Bearer sk-1234',
        'accept-encoding: identity',
        'content-type: application/json',
        'x-tenant: bench',
      ]),
    );
    expect(request!.body).toBe('{"model":"m","stream":true}');
  });

  test('keeps the query of the base URL after the path', async () => {
    const server = await startRawServer(answer);
    const client = clientOf(`${server.url}/?api-version=1`, { api: 'completions' });
    open.push(server, client);
    await ask(client);
    expect(server.requests[0]!.head).toMatch(/^POST \/v1\/completions\?api-version=1 /);
  });

  test('is not redirected, and the redirect’s query is not recorded', async () => {
    const { server, client } = await setUp((_, socket) => {
      const location = `${server.url}/elsewhere?token=abc`;
      socket.write(head(307, { location, 'content-length': '0' }));
    });
    const exchange = await ask(client);
    expect(exchange).toMatchObject({ outcome: 'http_error', status: 307 });
    expect(exchange.error?.message).toContain(`${server.url}/elsewhere`);
    expect(exchange.error?.message).not.toContain('token');
    expect(server.requests).toHaveLength(1);
  });

  test.each(['ftp://127.0.0.1/v1', 'nonsense'])('rejects the URL %s', (url) => {
    expect(() => clientOf(url)).toThrow(TypeError);
  });
});

describe('instants', () => {
  test('are whole microseconds in ascending order', async () => {
    const { client } = await setUp(async (_, socket) => {
      socket.write(eventStream([delta('a')]));
      await pauseAfter(1);
      socket.write(chunked(`data: ${JSON.stringify(delta('b', 'stop'))}\n\n`));
      await pauseAfter(2);
      socket.write(chunked('data: [DONE]\n\n'));
      socket.write(LAST_CHUNK);
    });
    const pauseAfter = async (events: number): Promise<void> => {
      while (client.counters.outputEvents < events) await sleep(1);
      await sleep(20);
    };
    const before = performance.now() * 1000;
    const exchange = await ask(client);
    const after = performance.now() * 1000;
    const [first, gap] = exchange.events_us;
    const instants = [exchange.sent_us!, exchange.headers_us!, first!, first! + gap!, exchange.ended_us];
    for (const instant of instants) expect(Number.isInteger(instant)).toBe(true);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(instants[0]).toBeGreaterThanOrEqual(Math.floor(before));
    expect(instants[4]).toBeLessThanOrEqual(Math.ceil(after));
    // The server waits 20 ms after each was read, and a timer fires at most 1 ms early.
    expect(gap).toBeGreaterThan(15_000);
    expect(exchange.ended_us - (first! + gap!)).toBeGreaterThan(15_000);
  });

  test('all events of one read share its stamp, as do the headers and the end', async () => {
    const many = Array.from({ length: 50 }, (_, i) => delta(`${i}`));
    const { client } = await setUp((_, socket) => {
      // Each event is a separate HTTP chunk, and all are in one write.
      socket.write(eventStream([...many, delta('', 'stop'), '[DONE]']) + LAST_CHUNK);
    });
    const exchange = await ask(client);
    expect(Array.from(exchange.events_us)).toEqual([
      exchange.headers_us,
      ...Array.from({ length: 49 }, () => 0),
    ]);
    expect(exchange.ended_us).toBe(exchange.headers_us);
  });

  test('an event is stamped by the read that completes it', async () => {
    const { client } = await setUp(async (_, socket) => {
      socket.write(eventStream([]) + chunked('data: {"choices":[{"index":0,').toString());
      await proven();
      socket.write(chunked('"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'));
      socket.write(LAST_CHUNK);
    });
    const exchange = await ask(client);
    expect(exchange.events_us[0]! - exchange.sent_us!).toBeGreaterThan(40_000);
  });

  test('an interim response is not the headers', async () => {
    const { client } = await setUp(async (_, socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
      await proven();
      socket.write(eventStream(ANSWER) + LAST_CHUNK);
    });
    const exchange = await ask(client);
    expect(exchange).toMatchObject({ outcome: 'ok', status: 200 });
    expect(exchange.headers_us! - exchange.sent_us!).toBeGreaterThan(40_000);
  });

  test('the bytes of the body are counted up to its end', async () => {
    const { client } = await setUp((_, socket) => {
      socket.write(head(200, { 'content-length': '47' }));
      socket.write('data: {"choices":[{"finish_reason":"stop"}]}\n\n');
      socket.write('\n');
    });
    expect(await ask(client)).toMatchObject({
      outcome: 'ok',
      bytes_in: 47,
      output_tokens: 0,
      events_us: new Float64Array(),
    });
  });
});

describe('connections', () => {
  test('the first request opens one, the next reuses it and records that', async () => {
    const { server, client } = await setUp(answer);
    const first = await ask(client);
    await proven();
    const second = await ask(client);
    const atOnce = await ask(client);
    expect(atOnce.reused).toBe(true);
    expect(first.reused).toBe(false);
    expect(first.connect_us).toBeGreaterThan(0);
    expect(first.connect_us).toBeLessThanOrEqual(first.sent_us!);
    expect(second).toMatchObject({ outcome: 'ok', reused: true, connect_us: null });
    expect(server.connections).toBe(1);
    expect(client.counters).toEqual({ outputEvents: 6, connectionsOpened: 1 });
  });

  test('concurrent requests have a connection each, without a limit', async () => {
    const { server, client } = await setUp(async (request, socket) => {
      while (server.requests.length < 300) await sleep(5);
      await answer(request, socket);
    });
    const exchanges = await Promise.all(Array.from({ length: 300 }, () => ask(client)));
    expect(exchanges.every(({ outcome, reused }) => outcome === 'ok' && reused === false)).toBe(true);
    expect(server.connections).toBe(300);
    expect(client.counters.connectionsOpened).toBe(300);
  });

  test('the one freed last is taken first', async () => {
    const second = Promise.withResolvers<void>();
    const { server, client } = await setUp(async (request, socket) => {
      if (request.connection === 0 && server.requests.length < 3) await second.promise;
      await answer(request, socket);
    });
    const slow = ask(client);
    await ask(client);
    await proven();
    second.resolve();
    await slow;
    const third = await ask(client);
    expect(third.reused).toBe(true);
    expect(server.requests.map(({ connection }) => connection)).toEqual([0, 1, 0]);
  });

  test('"connection: close" is obeyed: the next request opens its own', async () => {
    const { server, client } = await setUp((_, socket) => {
      socket.end(eventStream(ANSWER).replace('\r\n', '\r\nconnection: close\r\n') + LAST_CHUNK);
    });
    const exchanges = [await ask(client), await ask(client), await ask(client)];
    expect(exchanges.map(({ outcome, reused }) => [outcome, reused])).toEqual([
      ['ok', false],
      ['ok', false],
      ['ok', false],
    ]);
    expect(exchanges.every(({ connect_us }) => connect_us !== null)).toBe(true);
    expect(server.connections).toBe(3);
  });

  test('a server that closes after every response, against its announcement, fails no request', async () => {
    const { server, client } = await setUp(async (request, socket) => {
      await answer(request, socket);
      await sleep(2);
      socket.end();
    });
    for (let i = 0; i < 40; i++) expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: false });
    expect(server.connections).toBe(40);
  });

  test('a server that stops keeping connections fails one request', async () => {
    let keeps = true;
    const { client } = await setUp(async (request, socket) => {
      await answer(request, socket);
      if (!keeps) setTimeout(() => socket.end(), 1);
    });
    await ask(client);
    await proven();
    expect(await ask(client)).toMatchObject({ reused: true });
    keeps = false;
    const outcomes: string[] = [];
    for (let i = 0; i < 20; i++) outcomes.push((await ask(client)).outcome);
    expect(outcomes.filter((outcome) => outcome !== 'ok').length).toBeLessThanOrEqual(1);
  });

  test('servers behind one address, of which some keep connections, fail one request in all', async () => {
    let keeps = true;
    const { client } = await setUp(async (request, socket) => {
      await answer(request, socket);
      if (!keeps) setTimeout(() => socket.end(), 1);
    });
    const outcomes: string[] = [];
    for (let round = 0; round < 5; round++) {
      keeps = true;
      outcomes.push((await ask(client)).outcome);
      await proven();
      keeps = false;
      outcomes.push((await ask(client)).outcome, (await ask(client)).outcome);
      await proven();
    }
    expect(outcomes.filter((outcome) => outcome !== 'ok').length).toBeLessThanOrEqual(1);
  });

  test('one that the server closed while idle is not reused', async () => {
    const { server, client } = await setUp(async (request, socket) => {
      await answer(request, socket);
      if (server.requests.length === 1) socket.end();
    });
    await ask(client);
    await sleep(50);
    expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: false });
  });

  test('an answer ends at [DONE]; the rest is read so that the connection can be reused', async () => {
    const finished = Promise.withResolvers<void>();
    let written = Promise.withResolvers<void>();
    const { server, client } = await setUp(async (request, socket) => {
      socket.write(eventStream(ANSWER));
      if (request.connection === 0 && server.requests.length === 1) {
        await finished.promise;
        socket.write(chunked('data: {"error":"too late"}\n\n'));
      }
      socket.write(LAST_CHUNK, () => written.resolve());
    });
    const first = await ask(client);
    expect(first).toMatchObject({ outcome: 'ok', text: 'Hello' });
    // The body is still open, so this one cannot have the connection.
    expect(await ask(client)).toMatchObject({ reused: false });
    written = Promise.withResolvers<void>();
    await proven();
    finished.resolve();
    await written.promise;
    await turns();
    expect(await Promise.all([ask(client), ask(client)])).toMatchObject([{ reused: true }, { reused: true }]);
    expect(server.connections).toBe(2);
  });

  test('a body that stays open after [DONE] is abandoned together with its connection', async () => {
    const closed = Promise.withResolvers<void>();
    const { server, client } = await setUp((_, socket) => {
      socket.write(eventStream(ANSWER));
      socket.on('close', () => closed.resolve());
    });
    expect(await ask(client)).toMatchObject({ outcome: 'ok' });
    await closed.promise;
    expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: false });
    expect(server.connections).toBe(2);
  });
});

describe('abort and close', () => {
  test('abort ends a request immediately and keeps the events so far', async () => {
    const { client } = await setUp((_, socket) => void socket.write(eventStream([delta('Hel')])));
    const flight = client.send(Buffer.from('{}'));
    while (client.counters.outputEvents === 0) await sleep(5);
    flight.abort('the run was over');
    flight.abort('again');
    expect(await flight.done).toMatchObject({
      outcome: 'aborted',
      error: { message: 'the run was over' },
      status: 200,
      text: 'Hel',
      output_tokens: 1,
    });
  });

  test('abort before the send', async () => {
    const { server, client } = await setUp(answer);
    const flight = client.send(Buffer.from('{}'));
    flight.abort('too late');
    expect(await flight.done).toMatchObject({
      outcome: 'aborted',
      sent_us: null,
      headers_us: null,
      reused: null,
      connect_us: null,
    });
    await sleep(50);
    expect(server.requests).toHaveLength(0);
  });

  test('abort after the end changes nothing', async () => {
    const { client } = await setUp(answer);
    const flight = client.send(Buffer.from('{}'));
    expect(await flight.done).toMatchObject({ outcome: 'ok' });
    flight.abort('late');
    expect(await flight.done).toMatchObject({ outcome: 'ok' });
  });

  test('close ends requests in flight and later ones', async () => {
    const { client } = await setUp((_, socket) => void socket.write(eventStream([delta('Hel')])));
    const flights = [client.send(Buffer.from('{}')), client.send(Buffer.from('{}'))];
    while (client.counters.outputEvents < 2) await sleep(5);
    await client.close();
    expect(await Promise.all(flights.map(({ done }) => done))).toMatchObject([
      { outcome: 'aborted' },
      { outcome: 'aborted' },
    ]);
    expect(await ask(client)).toMatchObject({ outcome: 'aborted', sent_us: null });
  });
});

describe('secrets', () => {
  const KEY = 'sk-very-secret-1234';
  const echo = `you sent Bearer ${KEY} and tenant-password-9`;
  const handlers: [where: string, handler: RawHandler][] = [
    [
      'an error body',
      (_, socket) => void socket.write(`${head(401, { 'content-length': String(echo.length) })}${echo}`),
    ],
    [
      'an error code',
      (_, socket) => {
        const body = JSON.stringify({ error: { message: echo, code: KEY } });
        socket.write(head(400, { 'content-length': String(body.length) }) + body);
      },
    ],
    ['a header', (_, socket) => void socket.write(head(200, { 'x-request-id': KEY, 'content-length': '0' }))],
    ['a page', (_, socket) => void socket.end(`${head(200, { connection: 'close' })}<html>${echo}</html>`)],
    ['an event', (_, socket) => void socket.write(eventStream([{ error: { message: echo } }]) + LAST_CHUNK)],
    ['an event that is no JSON', (_, socket) => void socket.write(eventStream([echo]) + LAST_CHUNK)],
    [
      'a comment',
      (_, socket) => void socket.end(`${head(200, { connection: 'close' })}event: error\n: ${echo}\n\n`),
    ],
    [
      'a redirect',
      (_, socket) =>
        void socket.write(head(302, { location: `http://127.0.0.1/${KEY}`, 'content-length': '0' })),
    ],
  ];
  test.each(handlers)('never leave `%s`', async (_, handler) => {
    const { client } = await setUp(handler, { apiKey: KEY, headers: { 'x-password': 'tenant-password-9' } });
    const exchange = await ask(client);
    expect(exchange.outcome).not.toBe('ok');
    expect(JSON.stringify(exchange)).not.toContain(KEY);
    expect(JSON.stringify(exchange)).not.toContain('tenant-password-9');
    expect(JSON.stringify(exchange)).toContain('[redacted]');
  });
});
