import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { syncBuiltinESMExports } from 'node:module';
import { createServer as createTcpServer } from 'node:net';
import tls, { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Server } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listModels } from '../../src/client/model-list.ts';
import type { TlsRoute } from '../../src/client/connection/network-route.ts';
import { DIRECT } from '../../src/client/connection/network-route.ts';
import { eventStream, LAST_CHUNK } from './raw-server.ts';
import { ask, askOnce, clientOf, delta, proven } from './support.ts';

const read = (name: string): string => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), 'utf8');

let server: Server;
const seen: { protocol: string | false | null; resumed: boolean; name: string | false | null }[] = [];

beforeAll(async () => {
  const options = { cert: read('cert'), key: read('key'), ALPNProtocols: ['h2', 'http/1.1'] };
  server = createServer(options, (socket) => {
    seen.push({ protocol: socket.alpnProtocol, resumed: socket.isSessionReused(), name: socket.servername });
    socket.on('error', () => {});
    socket.on('data', () => socket.write(eventStream([delta('a', 'stop'), '[DONE]']) + LAST_CHUNK));
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(() => void server.close());

const url = (host: string): string => `https://${host}:${(server.address() as AddressInfo).port}/v1`;

test('a certificate of an unknown authority', async () => {
  const exchange = await askOnce(url('127.0.0.1'));
  expect(exchange).toMatchObject({
    outcome: 'tls',
    error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    sent_us: null,
  });
});

test('HTTP/1.1 over TLS, with the handshake as part of the set-up, resumed by the next connection', async () => {
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, read('cert')]);
  try {
    const client = clientOf(url('localhost'));
    const first = await ask(client);
    expect(first).toMatchObject({ outcome: 'ok', reused: false, text: 'a' });
    expect(first.connect_us).toBeGreaterThan(0);
    await proven();
    const both = await Promise.all([ask(client), ask(client)]);
    expect(both.filter(({ reused }) => reused === true)).toHaveLength(1);
    await client.close();
    expect(seen.slice(-2)).toEqual([
      { protocol: 'http/1.1', resumed: false, name: 'localhost' },
      { protocol: 'http/1.1', resumed: true, name: 'localhost' },
    ]);
    expect(await askOnce(url('127.0.0.1'))).toMatchObject({ outcome: 'ok' });
  } finally {
    setDefaultCACertificates(trusted);
  }
});

test('the TLS context is built before the first request: no step of a connection contains it', async () => {
  // Node's own connect() would build one.
  const built = vi.spyOn(tls, 'createSecureContext');
  syncBuiltinESMExports();
  try {
    for (const given of [DIRECT.tls, { ...DIRECT.tls, ca: read('cert') }]) {
      const before = built.mock.calls.length;
      const client = clientOf(url('localhost'), { route: { ...DIRECT, tls: { ...given, insecure: true } } });
      expect(built.mock.calls.length).toBe(before + 1);
      expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: false });
      expect(await ask(client)).toMatchObject({ outcome: 'ok' });
      expect(built.mock.calls.length).toBe(before + 1);
      await client.close();
    }
  } finally {
    built.mockRestore();
    syncBuiltinESMExports();
  }
});

describe('certificates and names', () => {
  let strict: Server;
  const shown: { client: string | undefined; name: string | false | null }[] = [];
  const urlOf = (host: string): string => `https://${host}:${(strict.address() as AddressInfo).port}/v1`;
  const route = (tls: Partial<TlsRoute>) => ({ route: { ...DIRECT, tls: { ...DIRECT.tls, ...tls } } });
  const ca = read('ca');
  const own = { cert: read('client'), key: read('client-key') };

  beforeAll(async () => {
    // It requests a certificate, and also answers without one: then the client's part is visible.
    const options = { cert: read('server'), key: read('server-key'), ca, requestCert: true };
    strict = createServer({ ...options, rejectUnauthorized: false }, (socket) => {
      const { subject } = socket.getPeerCertificate();
      shown.push({ client: subject === undefined ? undefined : String(subject.CN), name: socket.servername });
      socket.on('error', () => {});
      socket.on('data', () => socket.write(eventStream([delta('a', 'stop'), '[DONE]']) + LAST_CHUNK));
    });
    strict.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => {
      strict.listen(0, '127.0.0.1', resolve);
    });
  });
  afterAll(() => void strict.close());

  test('an additional authority is trusted, as are the default ones', async () => {
    expect(await askOnce(urlOf('localhost'))).toMatchObject({ outcome: 'tls' });
    expect(await askOnce(urlOf('localhost'), route({ ca }))).toMatchObject({ outcome: 'ok', text: 'a' });
    expect(shown.at(-1)).toEqual({ client: undefined, name: 'localhost' });
  });

  test('a certificate for another name is refused, and the error contains the expected name', async () => {
    const exchange = await askOnce(urlOf('127.0.0.1'), route({ ca }));
    expect(exchange).toMatchObject({ outcome: 'tls', error: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
    expect(exchange.error?.message).toContain('127.0.0.1');
  });

  test('the configured name is sent to the server and expected in its certificate', async () => {
    const right = await askOnce(urlOf('127.0.0.1'), route({ ca, servername: 'llm.test' }));
    expect(right).toMatchObject({ outcome: 'ok' });
    expect(shown.at(-1)).toMatchObject({ name: 'llm.test' });
    const wrong = await askOnce(urlOf('localhost'), route({ ca, servername: 'other.test' }));
    expect(wrong).toMatchObject({ outcome: 'tls', error: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
  });

  test('a client certificate is sent', async () => {
    expect(await askOnce(urlOf('localhost'), route({ ca, ...own }))).toMatchObject({ outcome: 'ok' });
    expect(shown.at(-1)).toMatchObject({ client: 'goodput test client' });
  });

  test('a server that requires a client certificate', async () => {
    const options = { cert: read('server'), key: read('server-key'), ca, requestCert: true };
    // In TLS 1.3 the server rejects the client after the handshake, and the alert may be lost in a reset.
    const server = createServer({ ...options, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write(eventStream([delta('a', 'stop'), '[DONE]']) + LAST_CHUNK));
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const url = `https://localhost:${(server.address() as AddressInfo).port}/v1`;
    const refused = await askOnce(url, route({ ca }));
    expect(refused).toMatchObject({ outcome: 'tls', sent_us: null });
    expect(refused.error?.code).toMatch(/ALERT_HANDSHAKE_FAILURE/);
    expect(await askOnce(url, route({ ca, ...own }))).toMatchObject({ outcome: 'ok' });
    server.close();
  });

  // Node's own server closes the connection without an alert.
  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  test.skipIf(!hasOpenssl)('an alert of TLS 1.3 after the handshake', async () => {
    const file = (name: string): string => fileURLToPath(new URL(`tls/${name}.pem`, import.meta.url));
    const free = createTcpServer();
    await new Promise<void>((resolve) => void free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const args = ['-accept', `127.0.0.1:${port}`, '-cert', file('server'), '-key', file('server-key')];
    const wants = ['-CAfile', file('ca'), '-Verify', '1', '-verify_return_error', '-tls1_3', '-www'];
    const server = spawn('openssl', ['s_server', ...args, ...wants], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(server.stdout, 'data');
    const refused = await askOnce(`https://localhost:${port}/v1`, route({ ca }));
    server.kill();
    expect(refused).toMatchObject({
      outcome: 'tls',
      error: {
        code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
        message: expect.stringMatching(
          `^no TLS with localhost:${port}: .*client certificate.*--cert.*--key`,
        ) as string,
      },
    });
  });

  test('insecure accepts any certificate', async () => {
    expect(await askOnce(url('127.0.0.1'), route({ insecure: true }))).toMatchObject({ outcome: 'ok' });
  });

  test('the request for the models takes the same route', async () => {
    const options = { url: urlOf('localhost'), api: 'chat', apiKey: null, headers: {} } as const;
    expect(await listModels(options, 5000)).toMatchObject({
      problem: expect.stringMatching(/VERIFY|SIGNED/),
    });
    // The server answers every request with an event stream: any response will do here.
    expect(await listModels({ ...options, ...route({ ca }) }, 5000)).toMatchObject({
      problem: 'the response is not JSON',
    });
  });

  test('the steps of the set-up add up', async () => {
    const { connect_us, set_up } = await askOnce(urlOf('localhost'), route({ ca }));
    const { dns_us, tcp_us, tls_us } = set_up!;
    expect(dns_us! + tcp_us! + tls_us!).toBe(connect_us);
    expect(tls_us).toBeGreaterThan(0);
    const plain = await askOnce(`http://127.0.0.1:${(strict.address() as AddressInfo).port}/v1`);
    expect(plain.set_up).toEqual({ tcp_us: plain.connect_us });
  });
});
