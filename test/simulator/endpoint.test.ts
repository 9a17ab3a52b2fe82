/** @module-tag timed */
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { type GivenSettings, resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { call, type Reply } from './http.ts';
import { linear } from './linear.ts';

/** A step takes 5 ms, plus 0.5 ms for every token of a prompt. */
const COST = linear({ base: 5000, prefillToken: 500 });

async function open(given: GivenSettings = {}): Promise<{ endpoint: Endpoint; url: string }> {
  const opened = new Endpoint(resolveSettings({ cost: COST, engine: { kvBlocks: 100_000 }, ...given }));
  return { endpoint: opened, url: await opened.listen() };
}

let endpoint: Endpoint;
let url: string;

beforeAll(async () => {
  ({ endpoint, url } = await open());
});
afterAll(() => endpoint.close());

const at = (path: string): string => url + path;

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'what is the time' }], max_tokens: 5 };
const STREAMED = { ...CHAT, stream: true, stream_options: { include_usage: true } };
const COMPLETION = { model: 'm', prompt: 'what is\nthe  time', max_tokens: 5 };

const USAGE = {
  prompt_tokens: 4,
  completion_tokens: 5,
  total_tokens: 9,
  prompt_tokens_details: { cached_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0 },
};

interface Chunk {
  id: string;
  object: string;
  model: string;
  choices: { delta?: Record<string, unknown>; text?: string; finish_reason: string | null }[];
  usage?: unknown;
}

function chunks(reply: Reply): Chunk[] {
  expect(reply.events.at(-1)!.data).toBe('[DONE]');
  return reply.events.slice(0, -1).map(({ data }) => {
    const chunk: Chunk = JSON.parse(data);
    return chunk;
  });
}

/** Returns the instants of the tokens since the send. */
function tokenTimes(reply: Reply): number[] {
  return reply.events.filter(({ data }) => /"(content|text)":"[^"]/.test(data)).map(({ at_ms }) => at_ms);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('a chat stream', () => {
  it('has a role, one event per token, a finish, usage and [DONE]', async () => {
    const reply = await call(at('/chat/completions'), { body: STREAMED });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toMatch(/^text\/event-stream/);
    const all = chunks(reply);
    expect(all).toHaveLength(1 + 5 + 1 + 1);
    const [role, ...rest] = all;
    expect(role!.choices[0]).toMatchObject({
      delta: { role: 'assistant', content: '' },
      finish_reason: null,
    });
    const text = rest.slice(0, 5).map(({ choices }) => choices[0]!.delta!['content']);
    expect(text.join('').split(' ')).toHaveLength(5);
    expect(rest[5]!.choices[0]).toMatchObject({ delta: {}, finish_reason: 'length' });
    expect(rest[6]).toMatchObject({ choices: [], usage: USAGE });
    expect(all.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(new Set(all.map(({ object, model }) => `${object} ${model}`))).toEqual(
      new Set(['chat.completion.chunk m']),
    );
  });

  it('has no usage unless requested', async () => {
    const reply = await call(at('/chat/completions'), { body: { ...CHAT, stream: true } });
    expect(chunks(reply)).toHaveLength(1 + 5 + 1);
    expect(reply.text).not.toContain('usage');
  });

  it('begins with headers and role long before its first token, which is due after 20 s', async () => {
    const sent_ms = performance.now();
    let began_ms = Infinity;
    const messages = [{ role: 'user', content: 'word '.repeat(40_000) }];
    const cut = call(at('/chat/completions'), {
      body: { ...STREAMED, messages },
      onEvent: () => {
        began_ms = performance.now() - sent_ms;
        return true;
      },
    });
    await expect(cut).rejects.toThrow(/socket hang up|aborted/);
    expect(began_ms).toBeLessThan(20_000);
  });
});

describe('a completions stream', () => {
  it('has one event per token, one with the finish, then usage and [DONE]', async () => {
    const body = { ...COMPLETION, stream: true, stream_options: { include_usage: true } };
    const all = chunks(await call(at('/completions'), { body }));
    expect(all).toHaveLength(5 + 1 + 1);
    expect(all.map(({ choices }) => choices[0]?.finish_reason)).toEqual([
      null,
      null,
      null,
      null,
      null,
      'length',
      undefined,
    ]);
    const text = all.slice(0, 6).map(({ choices }) => choices[0]!.text);
    expect(text.join('')).toBe('one two three four five');
    expect(all[6]).toMatchObject({ object: 'text_completion', choices: [], usage: USAGE });
  });
});

describe('an answer without streaming', () => {
  it('has the text, the finish and usage', async () => {
    const chat = JSON.parse((await call(at('/chat/completions'), { body: CHAT })).text);
    expect(chat).toMatchObject({ object: 'chat.completion', usage: USAGE });
    expect(chat.choices).toHaveLength(1);
    expect(chat.choices[0]).toMatchObject({ message: { role: 'assistant' }, finish_reason: 'length' });
    expect(chat.choices[0].message.content.split(' ')).toHaveLength(5);
    const completion = JSON.parse((await call(at('/completions'), { body: COMPLETION })).text);
    expect(completion).toMatchObject({ object: 'text_completion', usage: USAGE });
    expect(completion.choices[0].text.split(' ')).toHaveLength(5);
  });
});

describe('token counts', () => {
  it.each([
    [
      'several messages and parts',
      {
        messages: [
          { role: 'system', content: 'be  brief' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a b' },
              { type: 'text', text: 'c' },
            ],
          },
          { role: 'assistant', content: null },
        ],
      },
      // be, brief, "a b" and "c" as one text
      4,
    ],
    ['an empty message, since no template is empty', { messages: [{ role: 'user', content: '' }] }, 1],
  ])('of %s', async (_, body, tokens) => {
    const reply = await call(at('/chat/completions'), { body: { model: 'm', max_tokens: 1, ...body } });
    expect(JSON.parse(reply.text).usage.prompt_tokens).toBe(tokens);
  });

  it.each([
    ['a list of one text', ['a b c'], 3],
    ['token ids', [5, 6, 7, 8], 4],
    ['a list of one list of ids', [[5, 6]], 2],
    ['one token id', [5], 1],
  ])('of %s', async (_, prompt, tokens) => {
    const reply = await call(at('/completions'), { body: { model: 'm', max_tokens: 1, prompt } });
    expect(JSON.parse(reply.text).usage.prompt_tokens).toBe(tokens);
  });

  it.each([
    [{ max_completion_tokens: 2, max_tokens: 7 }, 2],
    [{ max_tokens: null }, 16],
    [{ max_tokens: undefined }, 16],
    [{ max_tokens: undefined, min_tokens: 20 }, 20],
    [{ max_tokens: 3, min_tokens: 3, ignore_eos: true }, 3],
  ])('of an answer limited by %j', async (limits, tokens) => {
    const reply = await call(at('/chat/completions'), { body: { ...CHAT, ...limits } });
    expect(JSON.parse(reply.text).usage.completion_tokens).toBe(tokens);
  });
});

describe('the clock', () => {
  it('gives no token before its instant: 5 + 0.5·4 ms, then 5 ms each', async () => {
    const times = tokenTimes(await call(at('/chat/completions'), { body: { ...STREAMED, max_tokens: 40 } }));
    expect(times).toHaveLength(40);
    for (const [k, at_ms] of times.entries()) expect(at_ms).toBeGreaterThanOrEqual(7 + 5 * k);
  });

  it('makes other requests wait for a prompt: their tokens come when its step ends', async () => {
    await until(() => endpoint.inFlight === 0);
    let seen = 0;
    const first = call(at('/chat/completions'), {
      body: { ...STREAMED, max_tokens: 60 },
      onEvent: () => {
        seen++;
        return false;
      },
    });
    await until(() => seen > 3);
    // 200 tokens take 100 ms in a step in which the first request gets one token.
    const content = Array.from({ length: 200 }, (_, k) => `own${k}`).join(' ');
    const long = { ...STREAMED, messages: [{ role: 'user', content }], max_tokens: 1 };
    const sent = performance.now();
    await call(at('/chat/completions'), { body: long });
    expect(performance.now() - sent).toBeGreaterThanOrEqual(105);
    const gaps = tokenTimes(await first).map((time, k, all) => (k === 0 ? 0 : time - all[k - 1]!));
    // Less than 105 ms after the previous token only by that token's lateness.
    expect(Math.max(...gaps)).toBeGreaterThan(60);
  });

  it(
    'does not drift: after 10,000 steps tokens are as late as after the first',
    { timeout: 120_000 },
    async () => {
      const fast = await open({ cost: linear({ base: 500 }) });
      const body = { ...COMPLETION, max_tokens: 10_000, stream: true };
      const late = tokenTimes(await call(`${fast.url}/completions`, { body })).map(
        (at_ms, k) => at_ms - 0.5 * k,
      );
      await fast.endpoint.close();
      expect(late).toHaveLength(10_000);
      // The minimum over a second's tokens hides shorter pauses. Chained timers would be seconds late by then.
      const drift = Math.min(...late.slice(-2000)) - Math.min(...late.slice(0, 2000));
      expect(Math.abs(drift)).toBeLessThan(500);
    },
  );
});

describe('connections', () => {
  it('serve one request after another', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const replies: Reply[] = [];
    for (let k = 0; k < 3; k++) {
      replies.push(await call(at('/chat/completions'), { body: k === 1 ? '{' : STREAMED, agent }));
    }
    agent.destroy();
    expect(replies.map(({ status, reused }) => [status, reused])).toEqual([
      [200, false],
      [400, true],
      [200, true],
    ]);
  });

  it('that the client closes free their place, streaming or not', async () => {
    await until(() => endpoint.inFlight === 0);
    const left = call(at('/chat/completions'), {
      body: { ...STREAMED, max_tokens: 100_000 },
      onEvent: (data) => data.includes('"content":"one"'),
    });
    await expect(left).rejects.toThrow(/socket hang up|aborted/);
    await until(() => endpoint.inFlight === 0);
    const abort = new AbortController();
    const whole = fetch(at('/chat/completions'), {
      method: 'POST',
      body: JSON.stringify({ ...CHAT, max_tokens: 100_000 }),
      signal: abort.signal,
    });
    await until(() => endpoint.inFlight === 1);
    abort.abort();
    await expect(whole).rejects.toThrow(/aborted/);
    await until(() => endpoint.inFlight === 0);
  });

  it('of a client that reads nothing are cut off instead of filling the memory; others are served', async () => {
    const own = await open({ cost: linear({ base: 200 }) });
    const { hostname, port } = new URL(own.url);
    // Events of 20 kB: 1,000 of them exceed what the kernel holds for a connection.
    const tokens = 50_000;
    const body = JSON.stringify({ ...STREAMED, model: 'm'.repeat(20_000), max_tokens: tokens });
    const idle = connect(Number(port), hostname);
    idle.on('error', () => {}).pause();
    idle.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await until(() => own.endpoint.inFlight === 1);
    const other = call(`${own.url}/chat/completions`, { body: STREAMED });
    await until(() => own.endpoint.inFlight === 0);
    expect(tokenTimes(await other)).toHaveLength(5);
    let bytes = 0;
    idle.on('data', (part: Buffer) => (bytes += part.length)).resume();
    await new Promise((resolve) => idle.once('close', resolve));
    expect(bytes).toBeLessThan((tokens * 20_000) / 10);
    const { text } = await call(own.url.replace('/v1', '/metrics'), { method: 'GET' });
    expect(text).toMatch(/finished_reason="abort"\} 1\.0/);
    await own.endpoint.close();
  });

  it('may be hundreds at once, and each gets its own tokens', async () => {
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, k) =>
        call(at('/completions'), {
          body: { model: `m${k}`, prompt: 'x', max_tokens: 1 + (k % 20), stream: true },
        }),
      ),
    );
    for (const [k, reply] of replies.entries()) {
      expect(tokenTimes(reply)).toHaveLength(1 + (k % 20));
      expect(chunks(reply)[0]!.model).toBe(`m${k}`);
    }
  });
});

describe('an invalid request', () => {
  it.each([
    ['no JSON', '/chat/completions', '{"model":', 'JSON'],
    ['no body', '/chat/completions', '', 'JSON'],
    ['no object', '/chat/completions', '[]', 'object'],
    ['no model', '/chat/completions', { ...CHAT, model: undefined }, 'model'],
    ['no messages', '/chat/completions', { model: 'm' }, 'messages'],
    ['no message', '/chat/completions', { model: 'm', messages: [] }, 'messages'],
    ['a message without a role', '/chat/completions', { model: 'm', messages: [{ content: 'x' }] }, 'role'],
    [
      'an image',
      '/chat/completions',
      { model: 'm', messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      'text parts',
    ],
    [
      'content that is a number',
      '/chat/completions',
      { model: 'm', messages: [{ role: 'user', content: 5 }] },
      'content',
    ],
    ['a limit of nothing', '/chat/completions', { ...CHAT, max_tokens: 0 }, 'max_tokens'],
    [
      'a limit in words',
      '/chat/completions',
      { ...CHAT, max_completion_tokens: 'ten' },
      'max_completion_tokens',
    ],
    ['a stream that is no boolean', '/chat/completions', { ...CHAT, stream: 'yes' }, 'stream'],
    ['no choices', '/chat/completions', { ...CHAT, n: 0 }, 'n must be'],
    ['half a choice', '/completions', { ...COMPLETION, n: 1.5 }, 'n must be'],
    ['a stop that is empty', '/completions', { ...COMPLETION, stop: ['a', ''] }, 'stop'],
    ['a stop that is a number', '/completions', { ...COMPLETION, stop: 5 }, 'stop'],
    ['more tokens at least than at most', '/completions', { ...COMPLETION, min_tokens: 6 }, 'min_tokens'],
    ['ignore_eos in words', '/completions', { ...COMPLETION, ignore_eos: 'yes' }, 'ignore_eos'],
    [
      'options of a stream that is none',
      '/completions',
      { ...COMPLETION, stream_options: {} },
      'stream_options',
    ],
    [
      'usage in words',
      '/completions',
      { ...COMPLETION, stream: true, stream_options: { include_usage: 'yes' } },
      'stream_options.include_usage',
    ],
    ['no input', '/responses', { model: 'm' }, 'input'],
    [
      'a message of Anthropic’s without a limit',
      '/messages',
      { ...CHAT, max_tokens: undefined },
      'max_tokens',
    ],
    ['no prompt', '/completions', { model: 'm' }, 'prompt'],
    ['two prompts', '/completions', { model: 'm', prompt: ['a', 'b'] }, 'prompt'],
    ['an empty list', '/completions', { model: 'm', prompt: [] }, 'prompt'],
  ])('%s is a 400', async (_, path, body, message) => {
    const reply = await call(at(path), { body });
    expect(reply.status).toBe(400);
    const { error } = JSON.parse(reply.text);
    expect(error).toMatchObject({ type: 'invalid_request_error', message: expect.stringContaining(message) });
    if (path !== '/messages') expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
  });

  it.each([
    ['POST', '/embeddings'],
    ['GET', '/'],
    ['POST', '/__proto__'],
  ])('%s %s is a 404', async (method, path) => {
    const reply = await call(at(path), { method });
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.text).error.message).toContain(path);
  });

  it.each([
    ['GET', '/chat/completions', 'POST'],
    ['POST', '/models', 'GET'],
  ])('%s %s is a 405 that allows %s', async (method, path, allowed) => {
    const reply = await call(at(path), { method });
    expect([reply.status, reply.headers.allow]).toEqual([405, allowed]);
    expect(JSON.parse(reply.text).error.message).toContain(path);
  });

  it('a base URL without its /v1 is a 404', async () => {
    const reply = await call(at('/chat/completions').replace('/v1', ''), { body: CHAT });
    expect(reply.status).toBe(404);
  });

  it('a body beyond 64 MiB is a 413', async () => {
    const reply = await call(at('/completions'), { body: 'x'.repeat(64 * 1024 * 1024 + 1) });
    expect(reply.status).toBe(413);
  });
});

describe('stop, n and other parameters', () => {
  const texts = (reply: Reply, index = 0): string =>
    chunks(reply)
      .map(({ choices }) => (choices[0] as { index?: number })?.index === index && choices[0]?.text)
      .filter((text) => typeof text === 'string')
      .join('');

  it.each([
    // The answer is: one two three four five six seven eight nine ten one two …
    [{ stop: 'three' }, 'one two ', 3],
    [{ stop: [' four five', 'nine'] }, 'one two three', 5],
    [{ stop: ['ive s'] }, 'one two three four f', 6],
    [{ stop: 'two', min_tokens: 2 }, 'one two three four five six seven eight nine ten one ', 12],
    [
      { stop: 'ten one', min_tokens: 15, max_tokens: 40 },
      `one two three four five six seven eight nine ten one two three four five six seven eight nine `,
      21,
    ],
  ])('%j ends an answer and is not shown', async (given, text, tokens) => {
    const body = {
      ...COMPLETION,
      max_tokens: 30,
      stream: true,
      stream_options: { include_usage: true },
      ...given,
    };
    const reply = await call(at('/completions'), { body });
    expect(texts(reply)).toBe(text);
    expect(chunks(reply).at(-1)!.usage).toMatchObject({ completion_tokens: tokens });
    expect(chunks(reply).at(-2)!.choices[0]!.finish_reason).toBe('stop');
    const whole = await call(at('/completions'), {
      body: { ...body, stream: false, stream_options: undefined },
    });
    expect(JSON.parse(whole.text)).toMatchObject({
      choices: [{ text, finish_reason: 'stop' }],
      usage: { completion_tokens: tokens },
    });
  });

  it('a stop text that does not occur stops nothing', async () => {
    const body = { ...COMPLETION, max_tokens: 30, stop: ['eleven', 'two one'] };
    const { choices, usage } = JSON.parse((await call(at('/completions'), { body })).text);
    expect([choices[0].finish_reason, usage.completion_tokens]).toEqual(['length', 30]);
  });

  it('several choices share the prompt and are interleaved, each to its end', async () => {
    const body = { ...COMPLETION, n: 3, stream: true, stream_options: { include_usage: true } };
    const reply = await call(at('/completions'), { body });
    for (const index of [0, 1, 2]) expect(texts(reply, index)).toBe('one two three four five');
    expect(chunks(reply).at(-1)!.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 15 });
    const finishes = chunks(reply).flatMap(({ choices }) => choices[0]?.finish_reason ?? []);
    expect(finishes).toEqual(['length', 'length', 'length']);
    const whole = JSON.parse((await call(at('/chat/completions'), { body: { ...CHAT, n: 2 } })).text);
    expect(whole.choices.map(({ index }: { index: number }) => index)).toEqual([0, 1]);
    expect(whole.usage.completion_tokens).toBe(10);
  });

  it('a known prefix is found in the cache, including the answer in it', async () => {
    const prompt = Array.from({ length: 40 }, (_, k) => `shared${k}`).join(' ');
    const ask = async (text: string): Promise<number> => {
      const reply = await call(at('/completions'), { body: { ...COMPLETION, prompt: text, max_tokens: 24 } });
      return JSON.parse(reply.text).usage.prompt_tokens_details.cached_tokens;
    };
    expect(await ask(prompt)).toBe(0);
    // At most 39 of 40 tokens may be found: two blocks of 16.
    expect(await ask(prompt)).toBe(32);
    // 40 words, the 23 computed ones of its answer, and a question: 63 known tokens, three blocks of 16.
    const said = 'one two three four five six seven eight nine ten '
      .repeat(3)
      .split(' ')
      .slice(0, 24)
      .join(' ');
    expect(await ask(`${prompt} ${said} and then what`)).toBe(48);
    expect(await ask(`other ${prompt}`)).toBe(0);
  });

  it('a prompt and an answer that never fit are a 400, before the stream starts', async () => {
    const small = await open({ engine: { maxModelLen: 8 } });
    const reply = await call(`${small.url}/chat/completions`, { body: STREAMED });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text).error).toEqual({
      message: expect.stringMatching(
        /This model's maximum context length is 8 tokens\. However, you requested 9 tokens \(4 in the messages, 5 in the completion\)/,
      ),
      type: 'invalid_request_error',
      param: null,
      code: 'context_length_exceeded',
    });
    await small.endpoint.close();
  });
});

describe('a configured key and model', () => {
  const KEY = 'sk-secret-0123456789';
  let guarded: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    guarded = await open({ apiKey: KEY, model: 'mine', maxBodyBytes: 1000 });
  });
  afterAll(() => guarded.endpoint.close());

  it.each([
    [{}, 401],
    [{ authorization: `Bearer ${KEY}x` }, 401],
    [{ authorization: KEY }, 401],
    [{ authorization: `Bearer ${KEY}` }, 200],
    [{ authorization: `bearer ${KEY}` }, 200],
    [{ 'x-api-key': KEY }, 200],
  ])('%j is a %d', async (headers, status) => {
    const body = { ...CHAT, model: 'mine' };
    const reply = await call(`${guarded.url}/chat/completions`, { body, headers });
    expect(reply.status).toBe(status);
    expect(reply.text).not.toContain('secret');
    const models = await call(`${guarded.url}/models`, { method: 'GET', headers });
    expect(models.status).toBe(status);
    if (status === 401) {
      expect(JSON.parse(reply.text).error).toMatchObject({
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      });
      expect(reply.headers['www-authenticate']).toBe('Bearer');
    } else expect(JSON.parse(models.text).data[0].id).toBe('mine');
  });

  it('health and metrics need no key', async () => {
    for (const path of ['/health', '/metrics']) {
      const reply = await call(guarded.url.replace('/v1', path), { method: 'GET' });
      expect(reply.status).toBe(200);
    }
  });

  it('another model is a 404, a body beyond the limit a 413', async () => {
    const headers = { authorization: `Bearer ${KEY}` };
    const other = await call(`${guarded.url}/completions`, { body: COMPLETION, headers });
    expect(other.status).toBe(404);
    expect(JSON.parse(other.text).error).toMatchObject({ param: 'model', code: 'model_not_found' });
    const body = { ...COMPLETION, model: 'mine', prompt: 'x '.repeat(500) };
    const large = await call(`${guarded.url}/completions`, { body, headers });
    expect([large.status, JSON.parse(large.text).error.code]).toEqual([413, 'request_too_large']);
  });
});

describe('a fault of an answer without streaming', () => {
  it.each([
    ['reset', null],
    ['truncate', null],
    ['error', 500],
    ['malformed', 200],
    ['429', 429],
  ] as const)('%s', async (kind, status) => {
    const fault = {
      kind,
      share: 1,
      from: 0,
      until: null,
      times: null,
      after: 2,
      for: 0,
      retryAfter: 1000,
      limit: 60,
      tokens: 2,
    };
    const faulty = await open({ faults: [fault] });
    faulty.endpoint.begin(null);
    const answer = call(`${faulty.url}/completions`, { body: COMPLETION });
    if (status === null) await expect(answer).rejects.toThrow(/aborted|ECONNRESET|socket hang up/);
    else {
      const reply = await answer;
      expect(reply.status).toBe(status);
      if (kind === 'malformed') expect(() => JSON.parse(reply.text)).toThrow(SyntaxError);
      else expect(JSON.parse(reply.text).error.message).toContain('injected fault');
      expect(reply.headers['retry-after']).toBe(status === 429 ? '1' : undefined);
    }
    expect(faulty.endpoint.inFlight).toBe(0);
    await faulty.endpoint.close();
  });
});

describe('the other pages', () => {
  it('list the model, and report health', async () => {
    const models = await call(at('/models?limit=1'), { method: 'GET' });
    expect(JSON.parse(models.text)).toMatchObject({
      object: 'list',
      data: [{ id: 'simulated', object: 'model' }],
    });
    const health = await call(at('/health').replace('/v1', ''), { method: 'GET' });
    expect([health.status, health.text, health.headers.server]).toEqual([200, '', 'goodput-simulator']);
  });
});
