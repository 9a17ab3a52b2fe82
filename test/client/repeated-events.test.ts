import { describe, expect, test, vi } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import { KnownEvents } from '../../src/client/stream/known-events.ts';
import { Response } from '../../src/client/stream/response.ts';
import { DETECTING_EVENTS, findDifference } from './differential.ts';

describe('random events are read as if each were parsed', () => {
  // `npm run fuzz` has more of them.
  test.each([1, 2, 3])('seed %i', { tags: ['study'], timeout: 120_000 }, (seed) => {
    const found = findDifference({ seed, events: DETECTING_EVENTS });
    expect(found.difference).toBeNull();
    expect(found.events).toBeGreaterThanOrEqual(DETECTING_EVENTS);
  });
});

/** Returns how many events of a stream were parsed, and the answer. */
function parsed(
  events: readonly string[],
  api: 'chat' | 'completions' = 'chat',
): { parses: number; output: number; answer: ReturnType<ReturnType<typeof apiNamed>['reader']>['answer'] } {
  const reader = apiNamed(api).reader(false);
  let output = 0;
  const response = new Response({ status: 200, statusText: 'OK', headers: {} }, reader, {
    step: (step) => {
      if (step.output) output++;
    },
    over: () => response.stop(),
    read: () => {},
  });
  const learning = 20;
  for (const event of events.slice(0, learning)) response.push(Buffer.from(`data: ${event}\n\n`), 1);
  const parse = vi.spyOn(JSON, 'parse');
  for (const event of events.slice(learning)) response.push(Buffer.from(`data: ${event}\n\n`), 2);
  const parses = parse.mock.calls.length;
  parse.mockRestore();
  return { parses, output, answer: () => reader.answer() };
}

const many = (event: (i: number) => unknown): string[] =>
  Array.from({ length: 220 }, (_, i) => JSON.stringify(event(i)));
const chunk = (delta: object, rest: object = {}, inChoice: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'm',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...inChoice }],
  ...rest,
});
const usage = (i: number): object => ({
  usage: { prompt_tokens: 7, total_tokens: 8 + i, completion_tokens: 1 + i },
});

describe('events of a known kind are not parsed', () => {
  test.each<[string, string[]]>([
    ['content', many((i) => chunk({ content: ` ${i}` }))],
    ['reasoning_content', many((i) => chunk({ reasoning_content: ` ${i}` }))],
    ['reasoning that is mirrored', many((i) => chunk({ reasoning: `${i}`, reasoning_content: `${i}` }))],
    ['with continuous usage', many((i) => chunk({ content: ` ${i}` }, usage(i)))],
    ['with token ids', many((i) => chunk({ content: ` ${i}` }, {}, { token_ids: [i] }))],
    ['with a padding', many((i) => chunk({ content: ` ${i}` }, { obfuscation: 'x'.repeat(i % 9) }))],
    [
      'with an instant that moves on',
      many((i) => chunk({ content: ` ${i}` }, { created: 1_700_000_000 + i })),
    ],
    ['reasoning, then answer', many((i) => chunk(i < 10 ? { reasoning: ` ${i}` } : { content: ` ${i}` }))],
  ])('%s', (_, events) => {
    expect(parsed(events)).toMatchObject({ parses: 0, output: events.length });
  });

  test('the text of completions', () => {
    const events = many((i) => ({ choices: [{ index: 0, text: ` ${i}`, finish_reason: null }] }));
    expect(parsed(events, 'completions')).toMatchObject({ parses: 0, output: events.length });
  });
});

test('a third stream uses the templates of two others from its first event', () => {
  const known = new KnownEvents();
  const streamOf = (id: string): { push: (text: string) => void; outputs: () => number } => {
    const reader = apiNamed('chat').reader(false);
    let outputs = 0;
    const handler = {
      step: ({ output }: { output: boolean }) => void (outputs += Number(output)),
      over: () => {},
      read: () => {},
    };
    const response = new Response({ status: 200, statusText: 'OK', headers: {} }, reader, handler, known);
    const event = (text: string): string => JSON.stringify({ ...chunk({ content: text }), id });
    return {
      push: (text) => response.push(Buffer.from(`data: ${event(text)}\n\n`), 1),
      outputs: () => outputs,
    };
  };
  const first = streamOf('chatcmpl-first');
  const second = streamOf('chatcmpl-2');
  for (const { push } of [first, second]) push(' a');
  const parse = vi.spyOn(JSON, 'parse');
  const third = streamOf('chatcmpl-of-the-third');
  for (const text of ['', ' a', ' b']) for (const { push } of [third, first, second]) push(text);
  expect(parse).not.toHaveBeenCalled();
  parse.mockRestore();
  expect([first.outputs(), second.outputs(), third.outputs()]).toEqual([3, 3, 2]);
});

test('continuous usage gives the tokens of each event', () => {
  const events = many((i) => chunk({ content: ` ${i}` }, usage(2 * i)));
  const { parses, answer } = parsed(events);
  expect(parses).toBe(0);
  expect(answer()).toMatchObject({
    n: [1, ...Array.from({ length: 219 }, () => 2)],
    output_tokens: 439,
    input_tokens: 7,
    tokens_from: 'continuous_usage',
  });
});

test('an empty text is no output, even if it is not parsed', () => {
  const events = many((i) => chunk({ content: i % 2 === 0 ? 'x' : '' }));
  expect(parsed(events)).toMatchObject({ parses: 0, output: 110 });
});

test.each<[string, string[]]>([
  ['tool calls', many((i) => chunk({ tool_calls: [{ index: 0, function: { arguments: `${i}` } }] }))],
  ['logprobs', many((i) => chunk({ content: 'x' }, {}, { logprobs: { content: [{ logprob: -i / 7 }] } }))],
  ['two choices', many((i) => ({ choices: [0, 1].map((index) => ({ index, delta: { content: `${i}` } })) }))],
])('%s are parsed', (_, events) => {
  expect(parsed(events)).toMatchObject({ parses: 200, output: 220 });
});
