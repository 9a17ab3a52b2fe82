import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ApiName } from '../../src/client/api/api.ts';
import type { Exchange } from '../../src/client/client.ts';
import { MAX_EVENT_BYTES } from '../../src/client/http/sse.ts';
import { chunked, head, LAST_CHUNK, startRawServer } from './raw-server.ts';
import { askOnce } from './support.ts';

/** Keys that every object inherits, such as `__proto__` and `constructor`. */
const NAMES = Object.getOwnPropertyNames(Object.prototype);

interface Said {
  api?: ApiName;
  status?: number;
  headers?: Record<string, string>;
  body: string;
  keepText?: boolean;
}

async function told({
  api = 'chat',
  status = 200,
  headers = {},
  body,
  keepText = false,
}: Said): Promise<Exchange> {
  const bytes = headers['content-encoding'] === 'gzip' ? gzipSync(body) : Buffer.from(body);
  const server = await startRawServer((_, socket) => {
    socket.write(
      head(status, { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked', ...headers }),
    );
    socket.write(Buffer.concat([chunked(bytes), Buffer.from(LAST_CHUNK)]));
  });
  try {
    return await askOnce(server.url, { api, keepText });
  } finally {
    await server.close();
  }
}

const event = (payload: object | string, type = ''): string =>
  `${type === '' ? '' : `event: ${type}\n`}data: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n\n`;

/** A complete response of each API, as its events. */
const WHOLE: Record<ApiName, string[]> = {
  chat: [
    event({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }] }),
    event({ choices: [{ index: 0, delta: { role: 'assistant' }, finish_reason: 'stop' }] }),
  ],
  completions: [
    event({ choices: [{ index: 0, text: 'a', finish_reason: null }] }),
    event({ choices: [{ index: 0, text: '', finish_reason: 'stop' }] }),
  ],
  responses: [
    event({ type: 'response.output_text.delta', output_index: 0, delta: 'a' }),
    event({ type: 'response.completed', response: { status: 'completed' } }),
  ],
  messages: [
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } }),
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn' } }),
    event({ type: 'message_stop' }),
  ],
};
const APIS = Object.keys(WHOLE) as ApiName[];

describe.each(NAMES)('the name %s', (name) => {
  test('as a content-encoding is unknown', async () => {
    const exchange = await told({ headers: { 'content-encoding': name }, body: WHOLE.chat.join('') });
    expect(exchange.outcome).toBe('protocol_error');
    expect(exchange.error!.message).toContain(`content-encoding "${name}"`);
  });

  test.each(APIS)('as the type of an event is unknown and changes nothing: %s', async (api) => {
    const [first, ...rest] = WHOLE[api];
    for (const headers of [{}, { 'content-encoding': 'gzip' }]) {
      const body = [first, event({ type: name, [name]: name }, name), ...rest].join('');
      const exchange = await told({ api, headers, body });
      expect(exchange).toMatchObject({ outcome: 'ok', error: null });
      expect(exchange.events_us).toHaveLength(1);
    }
  });

  test('as a finish reason is a finish reason', async () => {
    const body = event({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: name }] });
    expect(await told({ body })).toMatchObject({ outcome: 'ok', finish: name });
    const stop = event({ type: 'message_delta', delta: { stop_reason: name } });
    const [first, , last] = WHOLE.messages;
    expect(await told({ api: 'messages', body: `${first}${stop}${last}` })).toMatchObject({
      outcome: 'ok',
      finish: name,
    });
    const incomplete = { status: 'incomplete', incomplete_details: { reason: name } };
    const end = event({ type: 'response.incomplete', response: incomplete });
    expect(await told({ api: 'responses', body: `${WHOLE.responses[0]}${end}` })).toMatchObject({
      outcome: 'ok',
      finish: name,
    });
  });

  test('as the code of an error is a code', async () => {
    const body = event({ error: { message: 'm', code: name } });
    expect(await told({ body })).toMatchObject({
      outcome: 'stream_error',
      error: { message: 'm', code: name },
    });
  });

  test('as a header, and as a key of every object, is ignored', async () => {
    const strange = `"${name}":{"${name}":1},`;
    const body = WHOLE.chat.join('').replaceAll('{', `{${strange}`);
    for (const keepText of [true, false])
      expect(await told({ headers: { [name]: 'x', [`x-${name}`]: 'x' }, body, keepText })).toMatchObject({
        outcome: 'ok',
      });
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(NAMES);
  });
});

describe('objects that cannot be turned into text', () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  test.each(['{"toString":1,"valueOf":1}', '{"toJSON":1}', '[{"join":1,"toString":null}]', deep])(
    '%.30s',
    async (odd) => {
      const failed = await told({ status: 422, body: `{"detail":[{"loc":["body",${odd},7],"msg":"m"}]}` });
      expect(failed).toMatchObject({ outcome: 'http_error', status: 422 });
      expect(failed.error!.message).toMatch(/^body.*7: m$/);
      for (const said of [`"error":${odd}`, `"error":{"message":${odd},"code":${odd}}`, `"detail":${odd}`])
        expect(await told({ body: event(`{"object":"error",${said}}`) })).toMatchObject({
          outcome: 'stream_error',
        });
      const start = `{"type":"content_block_start","index":${odd},"content_block":{"type":"tool_use","name":"f","input":{"a":${odd}}}}`;
      const body = [event(start), ...WHOLE.messages].join('');
      expect(await told({ api: 'messages', body, keepText: true })).toMatchObject({ outcome: 'ok' });
    },
  );
});

describe('white space around the JSON of an event', () => {
  const [first, second] = [
    '{"choices":[{"index":0,"delta":{"content":"a"}}]}',
    '{"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]}',
  ];

  test.each([' ', '\t', '  \t '])('that JSON allows: %j', async (space) => {
    for (const keepText of [true, false]) {
      const body = [first, first, second].map((json) => event(`${space}${json}${space}`)).join('');
      expect(await told({ body, keepText })).toMatchObject({ outcome: 'ok', output_tokens: 3 });
    }
  });

  test.each(['\uFEFF', '\u00A0', '\u000B', '\u000C', '\u2028', '\u3000'])(
    'that JSON does not allow, %j',
    async (space) => {
      const code = `U+${space.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
      for (const keepText of [true, false])
        for (const json of [`${space}${first}`, `${first}${space}`]) {
          const exchange = await told({
            body: [event(first), event(json), event(second)].join(''),
            keepText,
          });
          expect(exchange.outcome).toBe('protocol_error');
          expect(exchange.error!.message).toContain(`not JSON (it has ${code}`);
          expect(exchange.events_us).toHaveLength(1);
        }
    },
  );
});

describe('an event of many megabytes', { timeout: 60_000 }, () => {
  const MIB = 1024 * 1024;
  const long = (bytes: number, piece: string): string => {
    const json = (text: string): string =>
      JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] });
    const room = bytes - Buffer.byteLength(`data: ${json('')}`);
    return `data: ${json('').replace('""', `"${piece.repeat(room / piece.length)}"`)}\n\n`;
  };

  test.each([
    ['15 MiB of letters', long(15 * MIB, 'a')],
    ['15 MiB of escapes', long(15 * MIB, String.raw`\n`)],
    ['the most that is allowed', long(MAX_EVENT_BYTES, 'a')],
  ])('%s', async (_, line) => {
    const body = `${line}${WHOLE.chat.join('')}`;
    expect(await told({ body })).toMatchObject({ outcome: 'ok', output_tokens: 2 });
  });

  test('one byte more is a protocol error', async () => {
    const exchange = await told({ body: `${long(MAX_EVENT_BYTES + 8, 'a')}${WHOLE.chat.join('')}` });
    expect(exchange.outcome).toBe('protocol_error');
    expect(exchange.error!.message).toContain('16 MiB');
  });

  test('an array of many values does not fail either', async () => {
    const ids = Array.from({ length: 500_000 }, (_, i) => i % 10);
    const payload = { choices: [{ index: 0, delta: { content: 'a' }, token_ids: ids }] };
    const exchange = await told({ body: `${event(payload)}${event(payload)}${WHOLE.chat[1]!}` });
    expect(exchange).toMatchObject({ outcome: 'ok', output_tokens: 1_000_000, tokens_from: 'token_ids' });
  });
});

test('a page of brackets is described immediately', async () => {
  const before = performance.now();
  const exchange = await told({ status: 502, body: '<'.repeat(60 * 1024) });
  expect(exchange.outcome).toBe('http_error');
  // A quadratic algorithm would take seconds.
  expect(performance.now() - before).toBeLessThan(20_000);
});

describe('impossible counts in usage', () => {
  const usageOf = async (usage: object, keepText = false): Promise<Exchange> =>
    told({ body: [...WHOLE.chat, event({ choices: [], usage })].join(''), keepText });

  test.each([2 ** 32 - 1, 2 ** 40 - 1, Number.MAX_SAFE_INTEGER, -1, 1.5, 1e308, 'x', [1], { a: 1 }, true])(
    'completion_tokens of %j',
    async (completion_tokens) => {
      expect(await usageOf({ prompt_tokens: 7, completion_tokens })).toMatchObject({
        outcome: 'ok',
        input_tokens: 7,
        output_tokens: 1,
        tokens_from: 'events',
        usage_problem: expect.stringContaining('completion_tokens is') as string,
      });
      const of = (api: ApiName, body: string[]): Promise<Exchange> => told({ api, body: body.join('') });
      const end = {
        type: 'response.completed',
        response: { usage: { input_tokens: 7, output_tokens: completion_tokens } },
      };
      const delta = {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { output_tokens: completion_tokens },
      };
      for (const exchange of [
        await of('responses', [WHOLE.responses[0]!, event(end)]),
        await of('messages', [WHOLE.messages[0]!, event(delta), WHOLE.messages[2]!]),
      ]) {
        expect(exchange).toMatchObject({ outcome: 'ok', output_tokens: 1, tokens_from: 'events' });
        expect(exchange.usage_problem).toContain('output_tokens is');
      }
    },
  );

  test('every count is impossible', async () => {
    expect(await usageOf({ prompt_tokens: -1, completion_tokens: -1, total_tokens: -2 })).toMatchObject({
      input_tokens: null,
      output_tokens: 1,
      usage_problem: 'prompt_tokens is -1',
    });
  });

  test('more cached than input, more reasoning than output', async () => {
    const parts = {
      prompt_tokens_details: { cached_tokens: 8 },
      completion_tokens_details: { reasoning_tokens: 4 },
    };
    expect(await usageOf({ prompt_tokens: 7, completion_tokens: 3, ...parts })).toMatchObject({
      input_tokens: 7,
      cached_tokens: null,
      output_tokens: 3,
      reasoning_tokens: null,
      hidden_tokens: null,
      tokens_from: 'usage',
      usage_problem: 'cached_tokens is 8, more than the 7 of input_tokens',
    });
  });

  test('possible counts of choices with an impossible sum', async () => {
    const choice = (index: number): string =>
      event({
        choices: [{ index, delta: { content: 'a' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 7, completion_tokens: 2 ** 24 },
      });
    const body = [choice(0).replace('"stop"', 'null'), choice(1), choice(0)].join('');
    const exchange = await told({ body });
    expect(exchange).toMatchObject({ outcome: 'ok', output_tokens: null, tokens_from: 'events', n: null });
    expect(exchange.usage_problem).toBe(`output_tokens is ${2 ** 25}`);
  });

  test('counts in every event are read alike with templates and with JSON', async () => {
    const line = (count: string): string =>
      `data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}],"usage":{"prompt_tokens":7,"completion_tokens":${count}}}\n\n`;
    const counts = ['1', '2', '3', '999999999999999', '5', '1000000000000000', '-7', '8'];
    const body =
      counts.map(line).join('') + event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    const [fast, plain] = [await told({ body }), await told({ body, keepText: true })];
    for (const key of ['n', 'output_tokens', 'tokens_from', 'usage_problem'] as const)
      expect(fast[key]).toEqual(plain[key]);
    expect(fast).toMatchObject({ outcome: 'ok', output_tokens: 8, tokens_from: 'usage' });
  });
});
