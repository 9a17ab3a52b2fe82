import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { listModels } from '../../src/client/model-list.ts';
import type { ProxyRoute, Route, TlsRoute } from '../../src/client/connection/network-route.ts';
import { DIRECT } from '../../src/client/connection/network-route.ts';
import { eventInstants } from '../../src/sample.ts';
import type { ProxyServer } from './proxy-server.ts';
import { startProxy } from './proxy-server.ts';
import { chunked, eventStream, head, LAST_CHUNK } from './raw-server.ts';
import { ask, askOnce, clientOf, delta, proven } from './support.ts';

const pem = (name: string): string => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), 'utf8');
const TLS = { cert: pem('server'), key: pem('server-key') };
const trusting: TlsRoute = { ...DIRECT.tls, ca: pem('ca') };

const scratch = mkdtempSync(join(tmpdir(), 'goodput-socket-'));
const open: { close(): unknown }[] = [{ close: () => rmSync(scratch, { recursive: true }) }];
afterEach(() => {
  for (const one of open.splice(1).toReversed()) one.close();
});

interface Listening {
  server: Server;
  port: number;
  /** Heads of requests as received. */
  heads: string[];
}

/** Answers every request; `GET /v1/models` gets a list. */
async function listen(where: { host?: string; path?: string; tls?: true } = {}): Promise<Listening> {
  const heads: string[] = [];
  const onSocket = (socket: Socket): void => {
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      heads.push(text.split('\r\n\r\n')[0]!);
      const models = '{"data":[{"id":"m"}]}';
      socket.write(
        text.startsWith('GET')
          ? head(200, { 'content-length': String(models.length) }) + models
          : eventStream([delta('a', 'stop'), '[DONE]']) + LAST_CHUNK,
      );
    });
  };
  const server = where.tls === true ? createTlsServer(TLS, onSocket) : createServer(onSocket);
  await new Promise<void>((resolve) => {
    if (where.path !== undefined) server.listen(where.path, resolve);
    else server.listen(0, where.host ?? '127.0.0.1', resolve);
  });
  open.push(server);
  return { server, port: (server.address() as AddressInfo | null)?.port ?? 0, heads };
}

const by = (way: Partial<Route>): { route: Route } => ({ route: { ...DIRECT, ...way } });

describe('a Unix socket', () => {
  const path = join(scratch, 'server.sock');

  test('is connected to, with the host of the URL in the request', async () => {
    const { heads } = await listen({ path });
    const client = clientOf('http://llm.test/v1', by({ unixSocket: path }));
    const first = await ask(client);
    expect(first).toMatchObject({ outcome: 'ok', reused: false, text: 'a' });
    expect(first.set_up).not.toHaveProperty('dns_us');
    await proven();
    expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: true });
    expect(heads[0]).toContain('host: llm.test\r\n');
    await client.close();
  });

  test('carries TLS too, with the name of the URL', async () => {
    await listen({ path, tls: true });
    const way = { unixSocket: path, tls: trusting };
    expect(await askOnce('https://llm.test/v1', by(way))).toMatchObject({ outcome: 'ok' });
    expect(await askOnce('https://other.test/v1', by(way))).toMatchObject({
      outcome: 'tls',
      error: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  test('that does not exist is named', async () => {
    const exchange = await askOnce('http://llm.test/v1', by({ unixSocket: join(scratch, 'none.sock') }));
    expect(exchange).toMatchObject({ outcome: 'connect', error: { code: 'ENOENT' } });
    expect(exchange.error?.message).toContain('none.sock');
  });
});

describe('configured addresses', () => {
  test('replace a name; TLS still requests the name', async () => {
    const { port, heads } = await listen({ tls: true });
    const resolve = [{ host: 'llm.test', port, address: '127.0.0.1' }];
    const exchange = await askOnce(`https://LLM.test:${port}/v1`, by({ resolve, tls: trusting }));
    expect(exchange).toMatchObject({ outcome: 'ok' });
    expect(exchange.set_up).not.toHaveProperty('dns_us');
    expect(heads[0]).toContain(`host: llm.test:${port}`);
  });

  test('apply to their port only', async () => {
    const { port } = await listen();
    const resolve = [{ host: 'llm.invalid', port: port + 1, address: '127.0.0.1' }];
    expect(await askOnce(`http://llm.invalid:${port}/v1`, by({ resolve }))).toMatchObject({ outcome: 'dns' });
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
    each?.some(({ address }) => address === '::1'),
  );
  test.runIf(hasIpv6)('of IPv6, in the URL and instead of a name', async () => {
    const { port, heads } = await listen({ host: '::1' });
    expect(await askOnce(`http://[::1]:${port}/v1`)).toMatchObject({ outcome: 'ok' });
    expect(heads[0]).toContain(`host: [::1]:${port}`);
    const resolve = [{ host: 'llm.test', port, address: '::1' }];
    expect(await askOnce(`http://llm.test:${port}/v1`, by({ resolve }))).toMatchObject({ outcome: 'ok' });
  });

  test.runIf(hasIpv6)('of IPv6 on which nothing listens', async () => {
    const { port, server } = await listen({ host: '::1' });
    server.close();
    const exchange = await askOnce(`http://[::1]:${port}/v1`);
    expect(exchange).toMatchObject({ outcome: 'connect', error: { code: 'ECONNREFUSED' } });
    expect(exchange.error?.message).toContain(`[::1]:${port}`);
  });
});

describe('a proxy', () => {
  const SECRET = 'Basic bWU6cDQ1NXcwcmQ=';

  async function through(
    options: Parameters<typeof startProxy>[0] = {},
  ): Promise<{ proxy: ProxyServer; way: ProxyRoute }> {
    const proxy = await startProxy(options);
    open.push(proxy);
    const way = {
      isTls: options.tls !== undefined,
      host: options.tls === undefined ? '127.0.0.1' : 'localhost',
      port: proxy.port,
      tls: trusting,
      authorization: SECRET,
    };
    return { proxy, way };
  }

  test.each([false, true])(
    'forwards requests over http, which contain the complete URL (TLS to it: %s)',
    async (isTls) => {
      const { port, heads } = await listen();
      const { proxy, way } = await through(isTls ? { tls: TLS } : {});
      const exchange = await askOnce(`http://llm.test:${port}/v1`, {
        ...by({ proxy: way }),
        apiKey: 'sk-12345',
      });
      expect(exchange).toMatchObject({ outcome: 'ok', text: 'a' });
      expect(proxy.heads).toHaveLength(1);
      expect(heads[0]).toMatch(
        new RegExp(`^POST http://llm\\.test:${port}/v1/chat/completions HTTP/1\\.1\r\n`),
      );
      expect(heads[0]).toContain(`host: llm.test:${port}`);
      expect(heads[0]).toContain(`proxy-authorization: ${SECRET}`);
      const { dns_us = 0, tcp_us = 0, proxy_us = 0 } = exchange.set_up!;
      expect(dns_us + tcp_us + proxy_us).toBe(exchange.connect_us);
      expect('proxy_us' in exchange.set_up!).toBe(isTls);
    },
  );

  test.each([false, true])(
    'tunnels what goes over TLS, and sees none of it (TLS to it: %s)',
    async (isTls) => {
      const { port, heads } = await listen({ tls: true });
      const { proxy, way } = await through(isTls ? { tls: TLS } : {});
      const client = clientOf(`https://llm.test:${port}/v1`, {
        ...by({ proxy: way, tls: trusting }),
        apiKey: 'sk-12345',
      });
      const exchange = await ask(client);
      expect(exchange).toMatchObject({ outcome: 'ok', text: 'a', reused: false });
      await proven();
      expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: true });
      await client.close();
      expect(proxy.heads).toEqual([
        `CONNECT llm.test:${port} HTTP/1.1\r\nhost: llm.test:${port}\r\nproxy-authorization: ${SECRET}`,
      ]);
      expect(heads[0]).toMatch(/^POST \/v1\/chat\/completions HTTP/);
      expect(heads[0]).not.toContain('proxy-authorization');
      const { dns_us = 0, tcp_us = 0, proxy_us = 0, tls_us = 0 } = exchange.set_up!;
      expect(proxy_us).toBeGreaterThan(0);
      expect(dns_us + tcp_us + proxy_us + tls_us).toBe(exchange.connect_us);
    },
  );

  test.each([false, true])(
    'stamps what comes through a tunnel as it comes (TLS to it: %s)',
    async (isTls) => {
      const now = (): number => performance.now() * 1000;
      const written: number[] = [];
      const answer = async (socket: Socket): Promise<void> => {
        socket.write(eventStream([]));
        for (const finish of [null, null, null, 'stop']) {
          await sleep(15);
          written.push(now());
          socket.write(chunked(`data: ${JSON.stringify(delta('a', finish))}\n\n`));
        }
        socket.write(LAST_CHUNK);
      };
      const server = createTlsServer(TLS, (socket) => {
        socket.on('error', () => {});
        socket.once('data', () => void answer(socket));
      });
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      open.push(server);
      const { way } = await through(isTls ? { tls: TLS } : {});
      const { port } = server.address() as AddressInfo;
      const exchange = await askOnce(`https://llm.test:${port}/v1`, {
        ...by({ proxy: way, tls: trusting }),
        now,
      });
      const over = now();
      expect(exchange).toMatchObject({ outcome: 'ok', text: 'aaaa' });
      const stamps = Array.from(eventInstants(exchange));
      expect(stamps).toHaveLength(written.length);
      // Rounding may cost half a microsecond; after a pause of the machine, one read may contain several events.
      for (const [k, at] of stamps.entries()) {
        expect(at + 0.5).toBeGreaterThanOrEqual(written[k]!);
        expect(at - 0.5).toBeLessThanOrEqual(over);
      }
      expect(exchange.headers_us).toBeGreaterThan(exchange.sent_us!);
      expect(exchange.ended_us).toBeGreaterThanOrEqual(stamps.at(-1)!);
    },
  );

  test('passes on the request for the models', async () => {
    const { port } = await listen();
    const secure = await listen({ tls: true });
    const { proxy, way } = await through();
    const options = { api: 'chat', apiKey: null, headers: {}, ...by({ proxy: way, tls: trusting }) } as const;
    for (const url of [`http://llm.test:${port}/v1`, `https://llm.test:${secure.port}/v1`])
      expect(await listModels({ ...options, url }, 5000)).toMatchObject({ models: ['m'] });
    expect(proxy.heads.map((each) => each.split('\r\n')[0])).toEqual([
      `GET http://llm.test:${port}/v1/models HTTP/1.1`,
      `CONNECT llm.test:${secure.port} HTTP/1.1`,
    ]);
  });

  test.each([
    [
      'refuses',
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
      'refused a tunnel: HTTP 407 Proxy Authentication Required',
    ],
    ['is a mail server', '220 mail ready\r\n\r\n', 'does not answer in HTTP'],
    ['floods', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`, 'does not answer in HTTP'],
    ['says nothing', '', 'closed the connection'],
    ['sends data after its response', 'HTTP/1.1 200 OK\r\n\r\nhello', 'sent data after its response'],
  ])('that %s is reported as the proxy’s failure', async (_, answer, wanted) => {
    const { way } = await through({ answer });
    const exchange = await askOnce('https://llm.test/v1', by({ proxy: way }));
    expect(exchange).toMatchObject({
      outcome: 'connect',
      sent_us: null,
      error: { code: 'ERR_PROXY_TUNNEL' },
    });
    expect(exchange.error?.message).toContain(`the proxy 127.0.0.1:${way.port} ${wanted}`);
    expect(JSON.stringify(exchange)).not.toContain('bWU6cDQ1NXcwcmQ');
  });

  test('that refuses to forward: its response is recorded like a server’s', async () => {
    const answer = `${head(407, { connection: 'close', 'content-length': '60' })}you sent ${SECRET}`.padEnd(
      400,
      '.',
    );
    const { way } = await through({ answer });
    const exchange = await askOnce('http://llm.test/v1', by({ proxy: way }));
    expect(exchange).toMatchObject({ outcome: 'http_error', status: 407 });
    expect(JSON.stringify(exchange)).not.toContain('bWU6cDQ1NXcwcmQ');
  });

  test.each(['http', 'https'])('that does not exist is named (%s)', async (scheme) => {
    const { proxy, way } = await through();
    proxy.close();
    const exchange = await askOnce(`${scheme}://llm.test:1/v1`, by({ proxy: way }));
    expect(exchange).toMatchObject({ outcome: 'connect', error: { code: 'ECONNREFUSED' } });
    expect(exchange.error?.message).toContain(`through the proxy 127.0.0.1:${way.port}`);
  });

  test('that never answers: the connect timeout ends the request and closes the socket', async () => {
    const closed = Promise.withResolvers<void>();
    const silent = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('close', () => closed.resolve());
      socket.resume();
    });
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    open.push(silent);
    const { way } = await through();
    const proxy = { ...way, port: (silent.address() as AddressInfo).port };
    const exchange = await askOnce('https://llm.test/v1', { ...by({ proxy }), timeouts: { connect: 100 } });
    expect(exchange).toMatchObject({ outcome: 'timeout', error: { kind: 'connect' } });
    await closed.promise;
  });
});
