import { afterAll, expect, test } from 'vitest';
import { INSTANT_DIGITS, openNullEndpoint } from '../../src/simulator/server/null-endpoint.ts';

const { url, server } = await openNullEndpoint();
afterAll(() => server.close());

const ask = async (model: string, tokens: number): Promise<string> => {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model, max_tokens: tokens, messages: [] }),
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return response.text();
};

interface Chunk {
  choices: { delta: { content?: string }; finish_reason: string | null }[];
  usage?: { completion_tokens: number };
}

const chunks = (text: string): Chunk[] => {
  const events = text.split('\n\n').filter((event) => event !== '');
  expect(events.pop()).toBe('data: [DONE]');
  return events.map((event) => JSON.parse(event.slice('data: '.length)) as Chunk);
};

// 3,000 events take several blocks and wait for the socket.
test.each([
  ['null-flood', 1],
  ['null-flood', 3000],
  ['null-paced', 3],
])('%s answers with %d events, each with the instant of its write', async (model, tokens) => {
  const before = process.hrtime.bigint();
  const all = chunks(await ask(model, tokens));
  const after = process.hrtime.bigint();
  const texts = all.flatMap(({ choices }) => choices[0]?.delta.content ?? []);
  expect(texts).toHaveLength(tokens);
  let last = before;
  for (const text of texts) {
    expect(text).toHaveLength(INSTANT_DIGITS);
    expect(BigInt(text)).toBeGreaterThanOrEqual(last);
    last = BigInt(text);
  }
  expect(after).toBeGreaterThanOrEqual(last);
  expect(all.at(-2)!.choices[0]!.finish_reason).toBe('length');
  expect(all.at(-1)!.usage!.completion_tokens).toBe(tokens);
});

test('lists its models, and serves several requests on one connection', async () => {
  const list = (await (await fetch(`${url}/models`)).json()) as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).toContain('null-flood');
  expect(chunks(await ask('null-flood', 2))).toHaveLength(4);
});
