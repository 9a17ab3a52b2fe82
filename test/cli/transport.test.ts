/** @module-tag timed */
import { readFile } from 'node:fs/promises';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeSample } from '../../src/record/samples-jsonl.ts';
import { startProxy } from '../client/proxy-server.ts';
import { goodput, scratchFolder, serve } from './goodput.ts';

const scratch = await scratchFolder();
let count = 0;
const folder = (): string => join(scratch, `run-${count++}`);

const pemFile = (name: string): string => join(import.meta.dirname, '..', 'client', 'tls', `${name}.pem`);
const pem = (name: string): Promise<string> => readFile(pemFile(name), 'utf8');

const ANSWER = [
  'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}',
  'data: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":1}}',
  'data: [DONE]',
  '',
].join('\n\n');

/** An endpoint over TLS: its list of models, and one answer. */
async function serveTls(options: ServerOptions = {}): Promise<string> {
  const server = createServer(
    { cert: await pem('server'), key: await pem('server-key'), ...options },
    (request, response) => {
      request.resume();
      if (request.method === 'GET') response.end('{"data":[{"id":"m"}]}');
      else {
        response.setHeader('content-type', 'text/event-stream');
        request.on('end', () => response.end(ANSWER));
      }
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://localhost:${(server.address() as AddressInfo).port}/v1`;
}

const FEW = [
  '--concurrency',
  '2',
  '--requests',
  '6',
  '--warmup',
  '0',
  '--input-tokens',
  '4',
  '--output-tokens',
  '1',
];

describe('TLS from the command line', () => {
  it('trusts an authority, shows a certificate, and keeps the private key to itself', async () => {
    const url = await serveTls({ ca: await pem('ca'), requestCert: true, rejectUnauthorized: true });
    const out = folder();
    const { stderr } = await goodput([
      'run',
      '--url',
      url,
      ...FEW,
      '--cacert',
      pemFile('ca'),
      '--cert',
      pemFile('client'),
      '--key',
      pemFile('client-key'),
      '--out',
      out,
    ]);
    expect(stderr).not.toContain('certificate');
    const lines = (await readFile(join(out, 'samples.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => decodeSample(line).outcome)).toEqual(Array(6).fill('ok'));
    const header = await readFile(join(out, 'run.json'), 'utf8');
    expect(JSON.parse(header)).toMatchObject({ endpoint: { model: 'm' } });
    const secret = (await pem('client-key')).split('\n')[1]!;
    for (const text of [header, stderr]) expect(text).not.toContain(secret);
  });

  it('says loudly that nothing was checked', async () => {
    const url = await serveTls();
    const out = folder();
    const { stdout, stderr } = await goodput([
      'run',
      '--url',
      url,
      ...FEW,
      '--insecure',
      '--quiet',
      '--out',
      out,
    ]);
    const said = 'not verified (--insecure)';
    expect(stderr).toContain(said);
    expect(stdout).toContain(said);
    expect((await goodput(['report', out])).stdout).toContain(said);
  });

  it('names the file that is none of what it has to be', async () => {
    const args = ['run', '--url', 'https://localhost:1/v1', '--cacert', join(scratch, 'none.pem')];
    const { code, stderr } = await goodput(args);
    expect(code).toBe(104);
    expect(stderr).toContain('none.pem: it does not exist');
  });
});

describe('a proxy from the environment', () => {
  it('is gone through, named without its password, and not asked for this machine', async () => {
    const proxy = await startProxy();
    afterAll(() => proxy.close());
    const { url } = await serve((request, response) => {
      request.resume();
      if (request.method === 'GET') response.end('{"data":[{"id":"m"}]}');
      else request.on('end', () => response.setHeader('content-type', 'text/event-stream').end(ANSWER));
    });
    const { port } = new URL(url);
    const env = { HTTP_PROXY: `http://me:p4ssw0rd@127.0.0.1:${proxy.port}` };
    const out = folder();
    const args = [
      'run',
      '--url',
      `http://llm.test:${port}/v1`,
      ...FEW,
      '--no-probe',
      '--quiet',
      '--out',
      out,
    ];
    const { stdout, stderr } = await goodput(args, { env });
    expect(stdout).toContain(`through the proxy 127.0.0.1:${proxy.port}`);
    const recorded = await Promise.all(
      ['run.json', 'samples.jsonl'].map((file) => readFile(join(out, file), 'utf8')),
    );
    expect(recorded[0]).toContain(`http://***@127.0.0.1:${proxy.port}`);
    for (const text of [stdout, stderr, ...recorded]) {
      expect(text).not.toContain('p4ssw0rd');
      expect(text).not.toContain(btoa('me:p4ssw0rd'));
    }
    const sent = proxy.heads.length;
    expect(sent).toBeGreaterThan(0);
    for (const head of proxy.heads)
      expect(head).toContain(`proxy-authorization: Basic ${btoa('me:p4ssw0rd')}`);
    await goodput(['run', '--url', `${url}/v1`, ...FEW, '--no-probe', '--quiet', '--out', folder()], { env });
    expect(proxy.heads).toHaveLength(sent);
  });
});

describe('--preconnect', () => {
  it('opens connections before the first request, and says what that took', async () => {
    const url = await serveTls();
    const out = folder();
    const args = [
      'run',
      '--url',
      url,
      ...FEW,
      '--cacert',
      pemFile('ca'),
      '--no-probe',
      '--model',
      'm',
      '--out',
      out,
    ];
    const { stdout } = await goodput([...args, '--quiet', '--preconnect', '2']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      '2 connections were opened before the first request, p50',
    );
    const lines = (await readFile(join(out, 'samples.jsonl'), 'utf8')).trim().split('\n');
    const samples = lines.map((line) => decodeSample(line)).toSorted((a, b) => a.i - b.i);
    expect(samples.map(({ outcome }) => outcome)).toEqual(Array(6).fill('ok'));
    for (const { reused, connect_us } of samples.slice(0, 2)) {
      expect(reused).toBe(true);
      expect(connect_us).toBeNull();
    }
  });
});

describe('replicas', () => {
  it('take turns by the number in the plan, and each is reported', async () => {
    const got: number[] = [0, 0];
    const urls = await Promise.all(
      [0, 1].map(async (at) => {
        const { url } = await serve((request, response) => {
          request.resume();
          got[at]!++;
          // One of the two refuses everything.
          if (at === 1) request.on('end', () => response.writeHead(503).end('loading'));
          else request.on('end', () => response.setHeader('content-type', 'text/event-stream').end(ANSWER));
        });
        return `${url}/v1`;
      }),
    );
    const out = folder();
    const args = [
      'run',
      '--url',
      urls[0]!,
      '--url',
      urls[1]!,
      ...FEW,
      '--model',
      'm',
      '--no-probe',
      '--out',
      out,
    ];
    const { stdout } = await goodput([...args, '--quiet', '--workers', '2', '--json']);
    const lines = (await readFile(join(out, 'samples.jsonl'), 'utf8')).trim().split('\n');
    for (const { i, replica, outcome } of lines.map((line) => decodeSample(line))) {
      expect(replica).toBe(i % 2);
      expect(outcome).toBe(replica === 0 ? 'ok' : 'http_error');
    }
    expect(got[1]).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      replicas: [
        { url: urls[0], requests: 3, ok: 3, failed: 0 },
        { url: urls[1], requests: 3, ok: 0, failed: 3, ttft_p50_ms: null },
      ],
    });
    expect((await goodput(['report', out])).stdout.replaceAll(/\s+/g, ' ')).toContain(
      '3 requests, 3 failed, TTFT p50 –',
    );
  });
});

describe('--http2', () => {
  const sent = [
    '--rate',
    '20/s',
    '--warmup',
    '0',
    '--duration',
    '1s',
    '--no-probe',
    '--model',
    'm',
    '--quiet',
  ];

  it('to a server of HTTP/1.1 over http: the note names the protocol', async () => {
    const { url } = await serve((request, response) => {
      request.resume();
      request.on('end', () => response.setHeader('content-type', 'text/event-stream').end(ANSWER));
    });
    const args = ['run', '--url', `${url}/v1`, '--http2', ...sent, '--out', folder()];
    const { code, stdout } = await goodput(args);
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(code).toBe(98);
    expect(text).toContain('does not answer in HTTP/2');
    expect(text).toContain(`${url}/v1 does not support HTTP/2: omit --http2`);
    expect(text).not.toContain('is the server listening');
    expect(text).not.toContain('The run used HTTP/2');
  });

  it('to nobody: nothing is said of what was chosen', async () => {
    const args = ['run', '--url', 'http://127.0.0.1:9/v1', '--http2', ...sent, '--out', folder()];
    const text = (await goodput(args)).stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain('is the server listening at http://127.0.0.1:9/v1?');
    expect(text).not.toContain('HTTP/1.1');
  });
});

describe('goodput probe', () => {
  it('goes the same way', async () => {
    const url = (
      await serveTls({ ca: await pem('ca'), requestCert: true, rejectUnauthorized: true })
    ).replace('localhost', 'llm.test');
    const { port } = new URL(url);
    const files = ['--cacert', pemFile('ca'), '--cert', pemFile('client'), '--key', pemFile('client-key')];
    const way = [...files, '--resolve', `llm.test:${port}:127.0.0.1`];
    const { stdout, stderr, code } = await goodput(['probe', '--url', url, ...way, '--quiet', '--json']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      connection: { ip: '127.0.0.1', tls: { subject: 'goodput test server' } },
      models: { ids: ['m'] },
    });
    const without = await goodput(['probe', '--url', url, ...way.slice(0, 2), ...way.slice(6), '--quiet']);
    expect(without.code).not.toBe(0);
  });
});
