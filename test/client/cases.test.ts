/** @module-tag timed */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import type { Exchange } from '../../src/client/client.ts';
import { Response } from '../../src/client/stream/response.ts';
import { randomStream } from '../../src/random.ts';
import type { SpokenCase, StreamCase, Write } from './cases.ts';
import { loadCases } from './cases.ts';
import type { RawServer } from './raw-server.ts';
import { playCase, startRawServer, writeBytes } from './raw-server.ts';
import { askOnce } from './support.ts';

const cases = loadCases();
/** Stretches the timeouts and pauses of the timed cases, so that pauses of a busy machine do not matter. */
const SLOWER = 4;

function check(streamCase: StreamCase, exchange: Exchange): void {
  const { expect: wanted } = streamCase;
  expect([wanted.outcome, ...(wanted.outcome_alt ?? [])]).toContain(exchange.outcome);
  expect(exchange.events_us).toHaveLength(wanted.content_events);
  expect(exchange.text).toBe(wanted.text);
  expect(exchange.reasoning_text).toBe(wanted.reasoning_text ?? '');
  expect(exchange.tool_calls).toEqual(wanted.tool_calls);
  expect(exchange.finish).toBe(wanted.finish_reason);
  expect(exchange.status).toBe(streamCase.status);
  if (wanted.outcome === 'ok') expect(exchange.error).toBeNull();
  else expect(exchange.error?.message).not.toBe('');
  if (wanted.error_match !== null) expect(exchange.error?.message).toContain(wanted.error_match);
  if ('error_code' in wanted)
    expect(exchange.error?.code ?? null).toBe(wanted.error_code === null ? null : String(wanted.error_code));
  expect(exchange.error?.retry_after_ms ?? null).toBe(wanted.retry_after_ms ?? null);
  expect(exchange.error?.kind ?? null).toBe(wanted.timeout_kind ?? null);
  checkUsage(streamCase, exchange);
}

function checkUsage({ expect: wanted }: StreamCase, exchange: Exchange): void {
  expect(exchange.input_tokens).toBe(wanted.usage?.['prompt_tokens'] ?? null);
  expect(exchange.cached_tokens).toBe(wanted.usage?.['cached_tokens'] ?? null);
  expect(exchange.reasoning_tokens).toBe(wanted.usage?.['reasoning_tokens'] ?? null);
  if (wanted.usage === null) expect(['events', 'logprobs', 'token_ids']).toContain(exchange.tokens_from);
  else expect(exchange.output_tokens).toBe(wanted.usage['completion_tokens']);
  expect(exchange.choices).toBe(wanted.choices?.length);
  if (wanted.usage_raw !== undefined) expect(exchange.usage).toEqual(wanted.usage_raw);
}

async function runOn(server: RawServer, streamCase: SpokenCase): Promise<Exchange> {
  const limits = streamCase.client;
  const timeouts =
    limits === undefined
      ? {}
      : {
          firstToken: limits.first_token_timeout_ms * SLOWER,
          idle: limits.idle_timeout_ms * SLOWER,
          total: limits.total_timeout_ms * SLOWER,
        };
  return askOnce(server.url, { api: streamCase.api, timeouts, headers: { 'x-case': streamCase.name } });
}

const caseOf = (head: string): StreamCase => {
  const name = /x-case: (\S+)/.exec(head)?.[1];
  return cases.find((streamCase) => streamCase.name === name)!;
};

const results = new Map<string, Promise<Exchange>>();
const tried = new Set<string>();

describe('with the writes of the server', () => {
  let server: RawServer;

  beforeAll(async () => {
    server = await startRawServer((request, socket) => {
      const streamCase = caseOf(request.head);
      return playCase(streamCase, socket, { slower: streamCase.client === undefined ? 1 : SLOWER });
    });
    for (const streamCase of cases) results.set(streamCase.name, runOn(server, streamCase));
  });
  afterAll(() => server.close());

  // A pause of the machine can cause a timeout: a failed case is repeated, alone.
  test.for(cases)('$kind: $name', { retry: 2 }, async (streamCase) => {
    if (tried.has(streamCase.name)) results.set(streamCase.name, runOn(server, streamCase));
    tried.add(streamCase.name);
    check(streamCase, await results.get(streamCase.name)!);
  });

  test('tokens per event are exact if the server sends continuous usage', async () => {
    const counted = cases.filter(({ expect: wanted }) => wanted.usage_increments !== undefined);
    expect(counted.length).toBeGreaterThan(1);
    for (const { name, expect: wanted } of counted) {
      // Events without tokens: the role, the finish reason, the total.
      const perEvent = wanted.usage_increments!.filter((tokens) => tokens > 0);
      const exchange = await results.get(name)!;
      expect(exchange.n).toEqual(perEvent);
    }
  });

  test('the cases include every kind', () => {
    expect(new Set(cases.map(({ kind }) => kind))).toEqual(
      new Set([
        'anthropic',
        'completions',
        'hosted',
        'http-error',
        'openai-chat',
        'responses',
        'self-hosted',
        'sse-framing',
        'transport',
        'vllm',
      ]),
    );
  });
});

/** Reads a case without a socket: each write is a read whose stamp is its number. Returns the stamps of the events. */
async function stampsOf(streamCase: SpokenCase): Promise<number[]> {
  const stamps: number[] = [];
  const read = Promise.withResolvers<void>();
  const head = { status: streamCase.status, statusText: '', headers: streamCase.headers };
  const response = new Response(head, apiNamed(streamCase.api).reader(false), {
    step: (step, stamp) => {
      if (step.output) stamps.push(stamp);
    },
    over: () => {
      response.stop();
      read.resolve();
    },
    read: () => read.resolve(),
  });
  for (const [i, write] of streamCase.writes.entries()) response.push(writeBytes(write), i);
  response.finish();
  await read.promise;
  return stamps;
}

describe('each event has the stamp of the read that completes it', () => {
  // Cases that end by a timeout depend on their pauses.
  test.for(cases.filter(({ client }) => client === undefined))('$name', async (streamCase) => {
    const stamps = await stampsOf(streamCase);
    expect(stamps[0] ?? null).toBe(streamCase.expect.first_token_write);
    expect(stamps).toHaveLength(streamCase.expect.content_events);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
  });

  test('and so has the first answer event', async () => {
    const reasoning = cases.filter(({ expect: wanted }) => typeof wanted.first_answer_write === 'number');
    expect(reasoning.length).toBeGreaterThan(3);
    for (const streamCase of reasoning) {
      const stamps = await stampsOf(streamCase);
      const { answer } = (await results.get(streamCase.name))!;
      expect(stamps[answer!]).toBe(streamCase.expect.first_answer_write);
    }
  });
});

/** Returns the same bytes in a random number of writes, without pauses. */
function recut(streamCase: StreamCase, random: ReturnType<typeof randomStream>): Write[] {
  const bytes = Buffer.concat(streamCase.writes.map((write) => writeBytes(write)));
  const writes: Write[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(random.below(2) === 0 ? 40 : 2000);
    writes.push({ after_ms: 0, base64: bytes.subarray(at, at + size).toString('base64') });
    at += size;
  }
  return writes;
}

describe('split elsewhere, over sockets', () => {
  // Without timeouts the splits must not matter.
  const untimed = cases.filter(({ client }) => client === undefined);

  test.each([1, 2])('seed %i', async (seed) => {
    const server = await startRawServer((request, socket) => {
      const streamCase = caseOf(request.head);
      return playCase(streamCase, socket, { writes: recut(streamCase, randomStream(seed, streamCase.name)) });
    });
    try {
      const exchanges = await Promise.all(untimed.map((streamCase) => runOn(server, streamCase)));
      for (const [i, streamCase] of untimed.entries()) check(streamCase, exchanges[i]!);
    } finally {
      await server.close();
    }
  });

  test('all in one write', async () => {
    const server = await startRawServer((request, socket) => {
      const streamCase = caseOf(request.head);
      const base64 = Buffer.concat(streamCase.writes.map((write) => writeBytes(write))).toString('base64');
      return playCase(streamCase, socket, { writes: [{ after_ms: 0, base64 }] });
    });
    try {
      const exchanges = await Promise.all(untimed.map((streamCase) => runOn(server, streamCase)));
      for (const [i, streamCase] of untimed.entries()) check(streamCase, exchanges[i]!);
    } finally {
      await server.close();
    }
  });
});
