/** @module-tag timed */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { eventStream, LAST_CHUNK, startRawServer } from './raw-server.ts';
import { ask, clientOf, delta, proven } from './support.ts';

const ANSWER = eventStream([delta('a', 'stop'), '[DONE]']) + LAST_CHUNK;

test('connections are opened before requests, and each serves several requests', async () => {
  const server = await startRawServer((_, socket) => void socket.write(ANSWER));
  const client = clientOf(server.url);
  const prepared = await client.prepare(3);
  expect(prepared).toMatchObject({ failed: 0, problem: null });
  expect(prepared.opened_us).toHaveLength(3);
  for (const took of prepared.opened_us) expect(took).toBeGreaterThan(0);
  expect(server.requests).toHaveLength(0);
  const first = await Promise.all([ask(client), ask(client), ask(client)]);
  for (const exchange of first)
    expect(exchange).toMatchObject({ outcome: 'ok', text: 'a', reused: true, connect_us: null });
  expect(server.connections).toBe(3);
  await proven();
  expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: true });
  expect(server.connections).toBe(3);
  await client.close();
  await server.close();
});

test('a connection that the server closed before its use fails no request', async () => {
  const raw = createServer((socket) => {
    socket.on('error', () => {});
    // When the client has closed its side too, it has noticed.
    socket.on('close', () => closed++);
    if (connections++ < 2) setTimeout(() => socket.end(), 5);
    else socket.on('data', () => socket.write(ANSWER));
  });
  let connections = 0;
  let closed = 0;
  await new Promise<void>((resolve) => {
    raw.listen(0, '127.0.0.1', resolve);
  });
  const client = clientOf(`http://127.0.0.1:${(raw.address() as AddressInfo).port}/v1`);
  await client.prepare(2);
  await expect.poll(() => closed, { timeout: 20_000 }).toBe(2);
  expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: false });
  await client.close();
  raw.close();
});

test('if no server listens, the failure is reported, and a request still tries to connect', async () => {
  const server = await startRawServer(() => undefined);
  await server.close();
  const client = clientOf(server.url);
  expect(await client.prepare(2)).toMatchObject({
    opened_us: [],
    failed: 2,
    problem: expect.stringContaining('ECONNREFUSED'),
  });
  expect(await ask(client)).toMatchObject({ outcome: 'connect', error: { code: 'ECONNREFUSED' } });
  await client.close();
});
