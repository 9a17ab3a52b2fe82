/** @module-tag timed */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { EndpointProfile } from '../../src/probe/endpoint-profile.ts';
import { fakeConsole } from '../cli/console.ts';
import { assertDocument } from '../schemas/validator.ts';
import { type Habits, type KnownServer, knownServer } from './known-server.ts';

const open: KnownServer[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function start(habits: Habits): Promise<KnownServer> {
  const server = await knownServer(habits);
  open.push(server);
  return server;
}

interface Ended {
  code: number;
  out: string;
  err: string;
}

async function probe(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const io = fakeConsole({ LANG: 'C.UTF-8', ...env });
  const code = await main(['probe', ...args], io);
  return { code, out: io.out(), err: io.err() };
}

async function profileOf(habits: Habits): Promise<{ profile: EndpointProfile; server: KnownServer }> {
  const server = await start(habits);
  const { code, out, err } = await probe(['--url', server.url, '--json']);
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('connecting') as string });
  assertDocument('probe', JSON.parse(out));
  return { profile: JSON.parse(out) as EndpointProfile, server };
}

describe('the profile of an endpoint', { timeout: 60_000 }, () => {
  test('a server like vLLM: models, APIs, fields, tokens per event, its cache', async () => {
    const { profile, server } = await profileOf({
      owner: 'vllm',
      models: ['big', 'adapter'],
      context: 4096,
      paths: ['/completions'],
      tokenIds: true,
      each: 3,
      cache: true,
    });
    expect(profile).toMatchObject({
      schemaVersion: 1,
      endpoint: { url: server.url, api: 'chat', model: 'big', simulated: false },
      server: { name: 'vLLM', because: ['its models are owned by "vllm"'] },
      models: { ids: ['big', 'adapter'], context: 4096, problem: null },
      apis: {
        chat: { spoken: true },
        completions: { spoken: true },
        responses: { spoken: false, status: 404 },
        messages: { spoken: false, status: 404 },
      },
      connection: { ip: '127.0.0.1', http: '1.1', http2: null, tls: null, dns_ms: null, attempts: 3 },
      // 64 tokens, three an event: 22 events, the last with one.
      streaming: { events: 22 },
      tokens: { output: 64, choices: 1, from: 'usage', mean: 64 / 22, most: 3, exact: true },
      options: {
        include_usage: { state: 'works' },
        return_token_ids: { state: 'works' },
        continuous_usage_stats: { state: 'ignored' },
        include_obfuscation: { state: 'not needed' },
        ignore_eos: { state: 'taken' },
        min_tokens: { state: 'taken' },
      },
      limit: 'max_tokens',
      limit_effect: { name: 'max_tokens', state: 'obeyed', asked: 64, came: 64, obeyed: 64 },
      refused: {},
      prefix_cache: { words: 1500, faster: true, cached_tokens: 1500 },
      failed: null,
    });
    expect(profile.connection.connect_ms).toBeGreaterThan(0);
    expect(profile.connection.answer_ms).toBeGreaterThan(0);
    expect(profile.cost.requests).toBe(server.bodies.length + 2);
    expect(profile.cost.requests).toBeLessThanOrEqual(30);
    // The keys that docs/endpoints.md names.
    const page = readFileSync(new URL('../../docs/endpoints.md', import.meta.url), 'utf8');
    const named = /document of `--json` has ([^;]*);/.exec(page)![1]!.matchAll(/`(\w+)`/g);
    expect(new Set(Object.keys(profile))).toEqual(new Set([...named].map(([, key]) => key)));
    // Its own limits: no request asks for more than the longest.
    expect(Math.max(...server.bodies.map((body) => Number(body['max_tokens'])))).toBe(64);
  });

  test('how a stream arrives: single events, in bursts, or all at the end', async () => {
    const [real, bursts, once] = await Promise.all(
      (['real', 'bursts', 'once'] as const).map((streaming) => profileOf({ streaming })),
    );
    expect(once!.profile.streaming).toMatchObject({ verdict: 'once', events: 64 });
    expect(bursts!.profile.streaming).toMatchObject({ verdict: 'bursts', events: 64 });
    expect(bursts!.profile.streaming!.arrivals).toBeLessThanOrEqual(9);
    // A machine that stalls may bring some together, never all.
    expect(real!.profile.streaming!.verdict).toMatch(/^(streams|bursts)$/);
    expect(real!.profile.streaming!.arrivals).toBeGreaterThan(9);
  });

  test('a clock offset, to within two seconds', async () => {
    for (const ahead_ms of [-90_000, 0, 3_600_000]) {
      const { profile } = await profileOf({ ahead_ms });
      const { low_ms, high_ms } = profile.clock!;
      expect(low_ms).toBeLessThanOrEqual(ahead_ms);
      expect(high_ms).toBeGreaterThanOrEqual(ahead_ms);
      expect(high_ms - low_ms).toBeLessThan(5000);
    }
  });

  test('refused fields have the server’s message', async () => {
    const { profile, server } = await profileOf({
      refuses: ['max_tokens', 'min_tokens', 'return_token_ids'],
    });
    expect(profile.limit).toBe('max_completion_tokens');
    expect(Object.keys(profile.refused).toSorted()).toEqual(['max_tokens', 'min_tokens', 'return_token_ids']);
    expect(profile.options).toMatchObject({
      min_tokens: { state: 'refused', said: 'Unrecognized request argument supplied: min_tokens' },
      ignore_eos: { state: 'taken' },
      include_usage: { state: 'works' },
    });
    expect(server.bodies.length).toBeLessThanOrEqual(30);
  });

  test('a total in an event with an empty delta is not continuous usage', async () => {
    const { profile } = await profileOf({ usageWithChoice: true });
    expect(profile.options).toMatchObject({
      include_usage: { state: 'works' },
      continuous_usage_stats: { state: 'ignored' },
    });
    expect(profile.tokens).toMatchObject({ from: 'usage', exact: false });
  });

  test('an ignored limit, and responses shorter than requested', async () => {
    const long = await start({ length: 40 });
    const { out } = await probe(['--url', long.url, '--quiet']);
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(
      /not obeyed: max_tokens \(.*40 tokens came where 1 was the limit\)/,
    );
    const { profile } = await profileOf({ length: 12, refuses: ['max_tokens'] });
    // 12 tokens for a limit of 16 with min_tokens, and for one of 64 with ignore_eos; the first request's limit was 1.
    expect(profile).toMatchObject({
      limit: 'max_completion_tokens',
      limit_effect: { name: 'max_completion_tokens', state: 'ignored', asked: 1, came: 12 },
      options: { ignore_eos: { state: 'ignored' }, min_tokens: { state: 'ignored' } },
    });
  });

  test('several choices, though one was requested', async () => {
    const server = await start({ choices: 2 });
    const { out } = await probe(['--url', server.url, '--quiet']);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('in 2 choices ("index" values)');
  });

  test('times are whole microseconds', async () => {
    const { connection, cost } = (await profileOf({})).profile;
    for (const ms of [connection.connect_ms, connection.answer_ms!, cost.took_s * 1000])
      expect(String(ms * 1000)).toBe(String(Number((ms * 1000).toFixed(6))));
    expect(JSON.stringify({ connection, cost })).not.toMatch(/\.\d{4}/);
  });

  test('HTTP/2 requested at an http:// URL that supports HTTP/1.1', async () => {
    const server = await start({});
    const { code, out, err } = await probe(['--url', server.url, '--http2', '--quiet']);
    expect(code).toBe(1);
    expect(out).toMatch(/^Connection +HTTP\/1\.1 \(HTTP\/2 is not supported\), no TLS/m);
    expect(out).toMatch(/^Models +none listed: the server does not answer in HTTP\/2$/m);
    expect(err).toMatch(/does not answer in HTTP\/2/);
    expect(err).toMatch(/hint: omit --http2/);
    const asked = await probe(['--url', server.url, '--http2', '--json']);
    expect(JSON.parse(asked.out)).toMatchObject({ connection: { http: '1.1', http2: false, tls: null } });
  });

  test('a server without a cache and with a short context, recognised by its headers', async () => {
    const { profile } = await profileOf({ longest: 800, headers: { 'x-litellm-call-id': 'c' } });
    expect(profile.server.name).toBe('LiteLLM');
    expect(profile.prefix_cache).toMatchObject({ words: 400, cached_tokens: null });
    const none = await profileOf({ longest: 80 });
    expect(none.profile.prefix_cache).toBeNull();
    expect(none.profile.server).toMatchObject({ name: null, because: [] });
  });

  test('TLS and HTTP/2', async () => {
    const read = (name: string): string =>
      readFileSync(new URL(`../client/tls/${name}.pem`, import.meta.url), 'utf8');
    const trusted = getCACertificates('default');
    const tls = { cert: read('cert'), key: read('key') };
    const both = await start({ tls: { ...tls, http2: true } });
    const untrusted = await probe(['--url', both.url]);
    expect(untrusted).toMatchObject({ code: 1, out: '' });
    expect(untrusted.err).toMatch(/no TLS with localhost:\d+: self-signed certificate/);
    expect(untrusted.err).toContain('hint: ');
    const asked = await probe(['--url', both.url, '--insecure', '--http2', '--json']);
    expect(JSON.parse(asked.out)).toMatchObject({
      connection: { http: '2', http2: true },
      models: { problem: null },
      failed: null,
    });
    setDefaultCACertificates([...trusted, tls.cert]);
    try {
      const one = await start({ tls: { ...tls, http2: false } });
      const found = await Promise.all([both, one].map(({ url }) => probe(['--url', url, '--json'])));
      const [two, old] = found.map(({ out }) => JSON.parse(out) as EndpointProfile);
      expect(two!.connection).toMatchObject({
        http: '1.1',
        http2: true,
        tls: { version: 'TLSv1.3', alpn: 'http/1.1' },
      });
      expect(old!.connection).toMatchObject({ http: '1.1', http2: false });
      expect(two!.connection.dns_ms).toBeGreaterThanOrEqual(0);
      expect(two!.failed).toBeNull();
    } finally {
      setDefaultCACertificates(trusted);
    }
  });
});

describe('the command', { timeout: 60_000 }, () => {
  test('one screen', async () => {
    const server = await start({ owner: 'sglang' });
    const { code, out } = await probe(['--url', server.url, '--quiet']);
    expect(code).toBe(0);
    expect(out.split('\n').length).toBeLessThanOrEqual(36);
    for (const label of [
      'Endpoint',
      'Server',
      'Models',
      'APIs',
      'Connection',
      'Clock',
      'Streaming',
      'Tokens',
      'Fields',
      'Cache',
      'Cost',
    ])
      expect(out).toMatch(new RegExp(`^${label} `, 'm'));
    expect(out).toContain('SGLang');
  });

  test('a key is never shown; without a key the hint says what to do', async () => {
    const key = 'sk-very-secret-1234';
    // It repeats the key wherever it can.
    const server = await start({ key, models: [`m-${key}`], owner: key, headers: { server: key } });
    const wrong = 'sk-another-secret-99';
    const refused = await probe(['--url', server.url, '--api-key-env', 'K'], { K: wrong });
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('HTTP 401');
    expect(refused.err).toContain('--api-key-env NAME');
    expect(refused.out + refused.err).not.toContain(wrong);
    // Nobody asks on where the key is wrong.
    expect(server.paths.filter((path) => path.startsWith('POST'))).toHaveLength(1);
    const right = await probe(['--url', `${server.url}?token=${key}`, '--api-key-env', 'K', '--json'], {
      K: key,
    });
    expect(right.code).toBe(0);
    expect(right.out + right.err).not.toContain(key);
  });

  test('a dead endpoint, one that hangs, and one without HTTP', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    await new Promise((resolve) => silent.close(resolve));
    const dead = await probe(['--url', `http://127.0.0.1:${port}/v1`]);
    expect(dead).toMatchObject({ code: 1, out: '' });
    expect(dead.err).toContain(`error: cannot connect to 127.0.0.1:${port}: connect ECONNREFUSED`);
    expect(dead.err).toContain('hint: is the server up, and is this its port?');
    const unknown = await probe(['--url', 'http://no-such-host.invalid/v1', '--timeout-connect', '5s']);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toMatch(
      /cannot resolve no-such-host\.invalid|no connection to no-such-host\.invalid/,
    );
    const other = createServer((socket) => socket.on('error', () => {}).end('220 mail ready\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const mail = await probe(['--url', `http://127.0.0.1:${(other.address() as AddressInfo).port}/v1`]);
    other.close();
    expect(mail.code).toBe(1);
    expect(mail.out).toContain('no HTTP response');
    expect(mail.err).toContain('the endpoint does not answer a plain request');
  });

  test('bad usage', async () => {
    expect(await probe(['--url', 'localhost:8000'])).toMatchObject({ code: 104, out: '' });
    expect(await probe(['--rate', '5/s'])).toMatchObject({ code: 104 });
  });
});
