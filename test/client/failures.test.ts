import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { connectionFailure } from '../../src/client/http/failures.ts';
import type { RawHandler } from './raw-server.ts';
import { chunked, eventStream, head, LAST_CHUNK, startRawServer, turns } from './raw-server.ts';
import { ask, askOnce, clientOf, delta, proven } from './support.ts';

/** Returns a port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

async function askServer(handler: RawHandler): ReturnType<typeof askOnce> {
  const server = await startRawServer(handler);
  try {
    return await askOnce(server.url);
  } finally {
    await server.close();
  }
}

async function resetLater(socket: Socket): Promise<void> {
  await sleep(30);
  await turns();
  socket.resetAndDestroy();
}

describe('before the response', () => {
  test('a refused connection', async () => {
    const port = await freePort();
    const exchange = await askOnce(`http://127.0.0.1:${port}/v1`);
    expect(exchange).toMatchObject({
      outcome: 'connect',
      error: { code: 'ECONNREFUSED' },
      sent_us: null,
      reused: null,
      connect_us: null,
      status: null,
      output_tokens: null,
    });
    expect(exchange.error?.message).toContain(`127.0.0.1:${port}`);
  });

  test('TLS with a server that does not use it, without internals of OpenSSL', async () => {
    const answering = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => void answering.listen(0, '127.0.0.1', resolve));
    const { port } = answering.address() as AddressInfo;
    const exchange = await askOnce(`https://127.0.0.1:${port}/v1`);
    expect(exchange).toMatchObject({
      outcome: 'tls',
      error: {
        message: expect.stringMatching(
          `^no TLS with 127.0.0.1:${port}: [^:]*does not use TLS[^:]*\\(wrong version number\\)$`,
        ) as string,
      },
    });
    answering.close();
  });

  test.each([
    [
      '40AD7F6B467F0000:error:0A000438:SSL routines:ssl3_read_bytes:tlsv1 alert internal error:../deps/openssl/openssl/ssl/record/rec_layer_s3.c:916:SSL alert number 80\n',
      'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
      'tlsv1 alert internal error',
    ],
    [
      'unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'unable to verify the first certificate',
    ],
    [
      "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: ",
      'ERR_TLS_CERT_ALTNAME_INVALID',
      "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1, and it lists none",
    ],
    [
      "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: 10.0.0.1",
      'ERR_TLS_CERT_ALTNAME_INVALID',
      "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: 10.0.0.1",
    ],
  ])('failed TLS: %s', (message, code, said) => {
    const error = Object.assign(new Error(message), { code });
    const progress = { sent: false, headers: false, reused: false, address: 'a:1' };
    expect(connectionFailure(error, progress)).toEqual({
      outcome: 'tls',
      error: { code, message: `no TLS with a:1: ${said}` },
    });
  });

  test('a name with several addresses, which all refuse', async () => {
    const exchange = await askOnce(`http://localhost:${await freePort()}/v1`);
    expect(exchange).toMatchObject({ outcome: 'connect', error: { code: 'ECONNREFUSED' } });
    expect(exchange.error?.message).toContain('ECONNREFUSED');
  });

  test('a name that does not exist', async () => {
    const exchange = await askOnce('http://no-such-host.invalid/v1');
    expect(exchange).toMatchObject({ outcome: 'dns', sent_us: null });
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(exchange.error?.code);
    expect(exchange.error?.message).toContain('no-such-host.invalid');
  });

  test('TLS with a port that answers in HTTP', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const exchange = await askOnce(`https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    server.close();
    expect(exchange).toMatchObject({ outcome: 'tls', sent_us: null });
    expect(exchange.error?.code).toMatch(/^(EPROTO|ERR_SSL_)/);
  });

  test('a server that does not use HTTP', async () => {
    const exchange = await askServer((_, socket) => void socket.write('220 mail ready\r\n'));
    expect(exchange).toMatchObject({ outcome: 'protocol_error', status: null });
    expect(exchange.error?.message).toContain('does not answer in HTTP/1.1');
  });

  test.each([
    ['reset', (socket) => void socket.resetAndDestroy()],
    ['closed', (socket) => void socket.end()],
  ] as [string, (socket: Parameters<RawHandler>[1]) => void][])(
    'a new connection that is %s',
    async (_, close) => {
      const exchange = await askServer((_request, socket) => close(socket));
      expect(exchange).toMatchObject({ outcome: 'connect', reused: false, error: { code: 'ECONNRESET' } });
      expect(exchange.sent_us).not.toBeNull();
      expect(exchange.error?.message).toContain('a new connection');
    },
  );

  test.each([
    ['reset', (socket) => void socket.resetAndDestroy()],
    ['closed', (socket) => void socket.end()],
  ] as [string, (socket: Parameters<RawHandler>[1]) => void][])(
    'a reused connection that is %s, without a retry',
    async (_, close) => {
      const server = await startRawServer((_request, socket) => {
        if (server.requests.length === 2) close(socket);
        else socket.write(eventStream([delta('a', 'stop'), '[DONE]']) + LAST_CHUNK);
      });
      const client = clientOf(server.url);
      expect(await ask(client)).toMatchObject({ outcome: 'ok' });
      await proven();
      const exchange = await ask(client);
      expect(exchange).toMatchObject({ outcome: 'connect', reused: true, error: { code: 'ECONNRESET' } });
      expect(exchange.error?.message).toContain('a reused connection');
      expect(await ask(client)).toMatchObject({ outcome: 'ok', reused: false });
      expect(server.requests).toHaveLength(3);
      await client.close();
      await server.close();
    },
  );
});

describe('during the response', () => {
  test('a reset after the finish reason and before [DONE] cuts the response off', async () => {
    const exchange = await askServer((_, socket) => {
      socket.write(eventStream([delta('a', 'stop')]));
      void resetLater(socket);
    });
    expect(exchange).toMatchObject({
      outcome: 'stream_truncated',
      finish: 'stop',
      error: { code: 'ECONNRESET' },
      text: 'a',
    });
  });

  test('a chunked body without its last chunk cuts the response off', async () => {
    const exchange = await askServer((_, socket) => void socket.end(eventStream([delta('a', 'stop')])));
    expect(exchange).toMatchObject({ outcome: 'stream_truncated', finish: 'stop' });
  });

  test('a body that ends with its connection is complete if the finish reason came', async () => {
    const body = `data: ${JSON.stringify(delta('a', 'stop'))}\n\n`;
    const whole = await askServer((_, socket) => void socket.end(head(200, { connection: 'close' }) + body));
    expect(whole).toMatchObject({ outcome: 'ok', text: 'a' });
    const half = `data: ${JSON.stringify(delta('a'))}\n\n`;
    const cut = await askServer((_, socket) => void socket.end(head(200, { connection: 'close' }) + half));
    expect(cut).toMatchObject({ outcome: 'stream_truncated' });
  });

  test('an invalid chunk', async () => {
    const exchange = await askServer(
      (_, socket) => void socket.write(`${eventStream([delta('a')])}no chunk\r\n`),
    );
    expect(exchange).toMatchObject({ outcome: 'protocol_error', status: 200, text: 'a' });
  });

  test('a bad finish reason is the failure, whatever follows', async () => {
    const exchange = await askServer((_, socket) => {
      socket.write(eventStream([delta('a', 'abort')]));
      void resetLater(socket);
    });
    expect(exchange).toMatchObject({ outcome: 'stream_error', finish: 'abort' });
    expect(exchange.error?.message).toContain('abort');
  });

  test.each([
    ['a comment in an error event', 'event: error\n: backend lost\n\n', 'backend lost'],
    ['a field called error', 'error: {"message":"no space"}\n\n', 'no space'],
    ['text', 'upstream connect error', 'upstream connect error'],
  ])('%s explains a stream without a finish reason', async (_, body, wanted) => {
    const exchange = await askServer((_request, socket) => {
      socket.write(eventStream([]) + chunked(body).toString() + LAST_CHUNK);
    });
    expect(exchange).toMatchObject({ outcome: 'stream_truncated', status: 200 });
    expect(exchange.error?.message).toContain(wanted);
  });

  test('an event of type error', async () => {
    const body = 'event: error\ndata: gone\n\n';
    const exchange = await askServer(
      (_, socket) => void socket.write(eventStream([]) + chunked(body).toString() + LAST_CHUNK),
    );
    expect(exchange).toMatchObject({ outcome: 'stream_error', error: { message: 'gone' } });
  });

  test('a complete JSON answer, and newline-delimited JSON', async () => {
    const whole = JSON.stringify({ choices: [{ message: { content: 'x'.repeat(100_000) } }] });
    for (const body of [whole, '{"done":false}\n{"done":true}\n', '"text"', '[1]']) {
      const exchange = await askServer((_, socket) => {
        socket.write(head(200, { 'content-length': String(body.length) }) + body);
      });
      expect(exchange).toMatchObject({ outcome: 'protocol_error', events_us: new Float64Array() });
      expect(exchange.error!.message.length).toBeLessThanOrEqual(2048);
    }
  });

  test('an event over 16 MiB is a protocol error', async () => {
    const exchange = await askServer((_, socket) => {
      socket.write(`${head(200, { connection: 'close' })}data: `);
      for (let i = 0; i < 17; i++) socket.write('x'.repeat(1024 * 1024));
    });
    expect(exchange).toMatchObject({ outcome: 'protocol_error' });
    expect(exchange.error?.message).toContain('16 MiB');
  });

  test('an unknown encoding', async () => {
    const exchange = await askServer(
      (_, socket) => void socket.write(head(200, { 'content-encoding': 'lzma', 'content-length': '1' })),
    );
    expect(exchange).toMatchObject({ outcome: 'protocol_error', status: 200 });
    expect(exchange.error?.message).toContain('lzma');
  });
});

describe('outcomes by code', () => {
  const progress = { sent: false, headers: false, reused: false, address: 'host:1' };
  const coded = (code: string): Error => Object.assign(new Error('m'), { code });

  test.each([
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['EAI_FAIL', 'dns'],
    ['ECONNREFUSED', 'connect'],
    ['EHOSTUNREACH', 'connect'],
    ['ENETUNREACH', 'connect'],
    ['ECONNRESET', 'connect'],
    ['EMFILE', 'connect'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['EPROTO', 'tls'],
    ['ETIMEDOUT', 'timeout'],
  ])('%s before the send: %s', (code, outcome) => {
    expect(connectionFailure(coded(code), progress)).toMatchObject({ outcome, error: { code } });
  });

  test('the cause of a wrapped error counts, and the first of several attempts', () => {
    const wrapped = new TypeError('terminated', { cause: coded('ECONNRESET') });
    expect(connectionFailure(wrapped, { ...progress, sent: true }).error.code).toBe('ECONNRESET');
    const several = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]);
    expect(connectionFailure(several, progress).error).toEqual({
      code: 'ECONNREFUSED',
      message: 'cannot connect to host:1: m; m',
    });
  });

  test('an address of an unsupported family does not hide the errors of the others', () => {
    const mixed = new AggregateError([coded('EADDRNOTAVAIL'), coded('ECONNREFUSED')]);
    expect(connectionFailure(mixed, progress).error.code).toBe('ECONNREFUSED');
    const all = new AggregateError([coded('EADDRNOTAVAIL'), coded('EADDRNOTAVAIL')]);
    expect(connectionFailure(all, progress).error.code).toBe('EADDRNOTAVAIL');
  });
});
