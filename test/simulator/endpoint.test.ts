import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Driver } from '../../src/simulator/driver.ts';
import { openEndpoint, type Endpoint } from '../../src/simulator/endpoint.ts';
import { SimpleEngine } from '../../src/simulator/engine.ts';
import { call, type Reply } from './http.ts';

const SETTINGS = { ttftBase: 30, ttftPerInputToken: 0.5, ttftPerRequest: 10, tpot: 5 };

let driver: Driver;
let endpoint: Endpoint;

beforeAll(async () => {
  driver = new Driver(new SimpleEngine(SETTINGS));
  endpoint = await openEndpoint(driver);
});
afterAll(() => endpoint.close());

const at = (path: string): string => endpoint.url + path;

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

/** Instants of the tokens, from the send. */
function tokenTimes(reply: Reply): number[] {
  return reply.events.filter(({ data }) => /"content":"[^"]|"text":"/.test(data)).map(({ at_ms }) => at_ms);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('a chat stream', () => {
  it('is a role, one event a token, a finish, usage and [DONE]', async () => {
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

  it('says nothing of usage where nobody asked', async () => {
    const reply = await call(at('/chat/completions'), { body: { ...CHAT, stream: true } });
    expect(chunks(reply)).toHaveLength(1 + 5 + 1);
    expect(reply.text).not.toContain('usage');
  });

  it('begins with headers and role long before its first token, here due after 20 s', async () => {
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
  it('is one event a token, the last with the finish, then usage and [DONE]', async () => {
    const body = { ...COMPLETION, stream: true, stream_options: { include_usage: true } };
    const all = chunks(await call(at('/completions'), { body }));
    expect(all).toHaveLength(5 + 1);
    expect(all.map(({ choices }) => choices[0]?.finish_reason)).toEqual([
      null,
      null,
      null,
      null,
      'length',
      undefined,
    ]);
    const text = all.slice(0, 5).map(({ choices }) => choices[0]!.text);
    expect(text.join('').split(' ')).toHaveLength(5);
    expect(all[5]).toMatchObject({ object: 'text_completion', choices: [], usage: USAGE });
  });
});

describe('a whole answer', () => {
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
      5,
    ],
    ['an empty message', { messages: [{ role: 'user', content: '' }] }, 0],
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
  ])('of an answer limited by %j', async (limits, tokens) => {
    const reply = await call(at('/chat/completions'), { body: { ...CHAT, ...limits } });
    expect(JSON.parse(reply.text).usage.completion_tokens).toBe(tokens);
  });
});

describe('the clock', () => {
  it('gives no token before its instant: 30 + 0.5·4 ms, then 5 ms each', async () => {
    const times = tokenTimes(await call(at('/chat/completions'), { body: { ...STREAMED, max_tokens: 40 } }));
    expect(times).toHaveLength(40);
    for (const [k, at_ms] of times.entries()) expect(at_ms).toBeGreaterThanOrEqual(32 + 5 * k);
  });

  it('makes a request wait for those in flight', async () => {
    await until(() => driver.inFlight === 0);
    let answered = false;
    const first = call(at('/chat/completions'), {
      body: { ...STREAMED, max_tokens: 100_000 },
      onEvent: () => answered,
    });
    await until(() => driver.inFlight === 1);
    const second = await call(at('/chat/completions'), { body: { ...STREAMED, max_tokens: 1 } });
    expect(tokenTimes(second)[0]).toBeGreaterThanOrEqual(30 + 2 + 10);
    answered = true;
    await expect(first).rejects.toThrow(/socket hang up|aborted/);
  });

  it('does not drift: the last 50 of 200 tokens are no later than the first 50', async () => {
    // Timers chained token by token are late by some 0.5 ms each, 75 ms after 150. The least lateness of 50 tokens hides
    // any stall shorter than 250 ms; three tries hide a longer one.
    const drifts: number[] = [];
    do {
      const times = tokenTimes(
        await call(at('/chat/completions'), { body: { ...STREAMED, max_tokens: 200 } }),
      );
      const late = times.map((at_ms, k) => at_ms - 5 * k);
      drifts.push(Math.min(...late.slice(-50)) - Math.min(...late.slice(0, 50)));
    } while (drifts.at(-1)! > 20 && drifts.length < 3);
    expect(Math.min(...drifts)).toBeLessThan(20);
  });
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

  it('that the client leaves free their place, streaming or not', async () => {
    await until(() => driver.inFlight === 0);
    const left = call(at('/chat/completions'), {
      body: { ...STREAMED, max_tokens: 100_000 },
      onEvent: (data) => data.includes('"content":"one"'),
    });
    await expect(left).rejects.toThrow(/socket hang up|aborted/);
    await until(() => driver.inFlight === 0);
    const abort = new AbortController();
    const whole = fetch(at('/chat/completions'), {
      method: 'POST',
      body: JSON.stringify({ ...CHAT, max_tokens: 100_000 }),
      signal: abort.signal,
    });
    await until(() => driver.inFlight === 1);
    abort.abort();
    await expect(whole).rejects.toThrow(/aborted/);
    await until(() => driver.inFlight === 0);
  });

  it('come in hundreds at once, and each gets its own tokens', async () => {
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

describe('what is not as it should be', () => {
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
    ['several choices', '/chat/completions', { ...CHAT, n: 2 }, 'choice'],
    ['no prompt', '/completions', { model: 'm' }, 'prompt'],
    ['two prompts', '/completions', { model: 'm', prompt: ['a', 'b'] }, 'prompt'],
    ['an empty list', '/completions', { model: 'm', prompt: [] }, 'prompt'],
  ])('%s is a 400', async (_, path, body, message) => {
    const reply = await call(at(path), { body });
    expect(reply.status).toBe(400);
    const { error } = JSON.parse(reply.text);
    expect(error).toMatchObject({ type: 'invalid_request_error', message: expect.stringContaining(message) });
    expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
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

describe('what else it says', () => {
  it('its one model, and that it is well', async () => {
    const models = await call(at('/models?limit=1'), { method: 'GET' });
    expect(JSON.parse(models.text)).toMatchObject({
      object: 'list',
      data: [{ id: 'simulated', object: 'model' }],
    });
    const health = await call(at('/health').replace('/v1', ''), { method: 'GET' });
    expect([health.status, health.text, health.headers.server]).toEqual([200, '', 'goodput-simulator']);
  });
});
