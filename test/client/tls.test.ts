import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Server } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

test('a certificate that nobody vouches for', async () => {
  const exchange = await askOnce(url('127.0.0.1'));
  expect(exchange).toMatchObject({
    outcome: 'tls',
    error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    sent_us: null,
  });
});

test('HTTP/1.1 over TLS, its handshake part of the set-up, resumed by the next connection', async () => {
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
