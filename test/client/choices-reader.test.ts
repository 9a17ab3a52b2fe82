import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/client/api/api.ts';
import { apiNamed } from '../../src/client/api/apis.ts';

type Payload = Record<string, unknown>;

/** Reads payloads in order; returns which were output events, and the answer. */
function read(
  payloads: readonly Payload[],
  api: 'chat' | 'completions' = 'chat',
): Answer & { output: number[] } {
  const reader = apiNamed(api).reader(true);
  const output: number[] = [];
  for (const [i, payload] of payloads.entries()) if (reader.read(payload).output) output.push(i);
  return { ...reader.answer(), output };
}

const chunk = (choice: Payload, rest: Payload = {}): Payload => ({
  choices: [{ index: 0, delta: {}, finish_reason: null, ...choice }],
  ...rest,
});
const says = (content: unknown, rest: Payload = {}): Payload => chunk({ delta: { content } }, rest);
const ends = (finish = 'stop', rest: Payload = {}): Payload => chunk({ finish_reason: finish }, rest);
const usage = (prompt: number, completion: number, rest: Payload = {}): Payload => ({
  usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, ...rest },
});
const total = (prompt: number, completion: number, rest: Payload = {}): Payload => ({
  choices: [],
  ...usage(prompt, completion, rest),
});
const reasoned = (tokens: number): Payload => ({ completion_tokens_details: { reasoning_tokens: tokens } });

describe('output events of chat', () => {
  const table: [what: string, delta: Payload, output: boolean][] = [
    ['text', { content: 'a' }, true],
    ['white space', { content: ' \n' }, true],
    ['a role', { role: 'assistant', content: '' }, false],
    ['null', { content: null }, false],
    ['nothing', {}, false],
    ['a refusal', { refusal: 'No.' }, true],
    ['an empty refusal', { refusal: '' }, false],
    ['reasoning_content', { reasoning_content: 'a' }, true],
    ['reasoning', { content: '', reasoning: 'a' }, true],
    ['reasoning_details with text', { reasoning_details: [{ type: 'reasoning.text', text: 'a' }] }, true],
    [
      'reasoning_details with a summary',
      { reasoning_details: [{ type: 'reasoning.summary', summary: 'a' }] },
      true,
    ],
    ['encrypted reasoning', { reasoning_details: [{ type: 'reasoning.encrypted', data: 'abc' }] }, false],
    ['a text part', { content: [{ type: 'text', text: 'a' }] }, true],
    ['a thinking part', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'a' }] }] }, true],
    ['a thinking part that is text', { content: [{ type: 'thinking', thinking: 'a' }] }, true],
    ['empty parts', { content: [{ type: 'text', text: '' }] }, false],
    ['a reference part', { content: [{ type: 'reference', reference_ids: [1] }] }, false],
    [
      'the name of a tool call',
      { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '' } }] },
      true,
    ],
    ['arguments of a tool call', { tool_calls: [{ index: 0, function: { arguments: '{' } }] }, true],
    ['arguments as an object', { tool_calls: [{ index: 0, function: { arguments: {} } }] }, true],
    ['a custom tool call', { tool_calls: [{ index: 0, custom: { name: 'f', input: '' } }] }, true],
    [
      'the id of a tool call',
      { tool_calls: [{ index: 0, id: 'c', function: { name: '', arguments: '' } }] },
      false,
    ],
    ['tool_calls: null', { tool_calls: null }, false],
    ['a legacy call', { function_call: { name: 'f', arguments: '' } }, true],
    ['a transcript', { audio: { transcript: 'a' } }, true],
    ['audio data', { audio: { data: 'AAAA' } }, true],
    ['the id of audio', { audio: { id: 'audio_1' } }, false],
    ['annotations', { annotations: [{ type: 'url_citation' }] }, false],
  ];
  test.each(table)('%s', (_, delta, output) => {
    expect(read([chunk({ delta })]).output).toEqual(output ? [0] : []);
  });

  test('a complete message is output once, and not after deltas', () => {
    expect(read([chunk({ delta: undefined, message: { content: 'a' } })])).toMatchObject({
      output: [0],
      kept: { text: 'a' },
    });
    const repeated = read([
      says('a'),
      chunk({ delta: null, message: { content: 'a' }, finish_reason: 'stop' }),
    ]);
    expect(repeated).toMatchObject({ output: [0], kept: { text: 'a' } });
  });

  test('an event is one output event for any number of choices', () => {
    const both = { choices: [0, 1].map((index) => ({ index, delta: { content: 'x' } })) };
    expect(read([both, both]).output).toEqual([0, 1]);
  });

  test('payloads without valid choices are ignored', () => {
    expect(read([{}, { choices: null }, { choices: 'x' }, { choices: [null, 3, 'x'] }]).output).toEqual([]);
  });
});

describe('output events of completions', () => {
  test.each([
    [{ text: 'a' }, true],
    [{ text: '' }, false],
    [{ text: null }, false],
    [{ text: 'a', delta: { content: 'a' } }, true],
    [{ delta: { content: 'a' } }, true],
  ])('%j', (choice, output) => {
    expect(read([{ choices: [{ index: 0, ...choice }] }], 'completions').output).toEqual(output ? [0] : []);
  });

  test('text that is repeated as a delta is kept once', () => {
    const payload = { choices: [{ index: 0, text: 'a', delta: { content: 'a' } }] };
    expect(read([payload], 'completions').kept?.text).toBe('a');
  });
});

describe('answer and reasoning', () => {
  test('the answer is the first event that is not reasoning', () => {
    const payloads = [
      chunk({ delta: { reasoning: 'a' } }),
      chunk({ delta: { reasoning: 'b' } }),
      says('c'),
      says('d'),
    ];
    expect(read(payloads)).toMatchObject({ answer: 2, kept: { text: 'cd', reasoning_text: 'ab' } });
  });

  test('an event with both is the answer', () => {
    expect(read([chunk({ delta: { reasoning: 'a', content: 'b' } })]).answer).toBe(0);
  });

  test('with reasoning alone there is no answer', () => {
    expect(read([chunk({ delta: { reasoning_content: 'a' } }), ends('length')]).answer).toBeNull();
  });

  test('events without output do not count for the index', () => {
    expect(read([says(''), chunk({ delta: { reasoning: 'a' } }), says(''), says('b')]).answer).toBe(1);
  });
});

describe('completion', () => {
  const table: [what: string, payloads: Payload[], complete: boolean, badFinish: string | null][] = [
    ['nothing', [], false, null],
    ['no finish reason', [says('a')], false, null],
    ['an empty finish reason', [says('a'), ends('')], false, null],
    ['stop', [says('a'), ends()], true, null],
    ['length', [says('a'), ends('length')], true, null],
    ['an unknown reason', [says('a'), ends('eos_token')], true, null],
    ['without a token', [ends()], true, null],
    ['error', [says('a'), ends('error')], false, 'error'],
    ['abort', [says('a'), ends('abort')], false, 'abort'],
    ['Cancelled', [says('a'), ends('Cancelled')], false, 'Cancelled'],
    [
      'insufficient_system_resource',
      [ends('insufficient_system_resource')],
      false,
      'insufficient_system_resource',
    ],
    ['one of two choices', [says('a'), chunk({ index: 1, delta: { content: 'b' } }), ends()], false, null],
    ['both choices', [says('a'), chunk({ index: 1, finish_reason: 'stop' }), ends()], true, null],
    ['null after the reason', [says('a'), ends(), chunk({ finish_reason: null })], true, null],
  ];
  test.each(table)('%s', (_, payloads, complete, badFinish) => {
    expect(read(payloads)).toMatchObject({ complete, badFinish });
  });

  test('the finish reason is that of choice 0', () => {
    expect(read([chunk({ index: 1, finish_reason: 'length' }), ends('stop')]).finish).toBe('stop');
    // If choice 0 never came, any other choice counts.
    expect(read([chunk({ index: 1, finish_reason: 'length' })]).finish).toBe('length');
  });
});

describe('the source of the token count', () => {
  const ids = (content: string, ...list: number[]): Payload => chunk({ delta: { content }, token_ids: list });
  const logprobs = (content: string, count: number): Payload =>
    chunk({
      delta: { content },
      logprobs: { content: Array.from({ length: count }, () => ({ logprob: 0 })) },
    });
  const growing = (content: string, completion: number): Payload => says(content, usage(5, completion));

  test('usage', () => {
    expect(read([says('a'), says('b'), ends(), total(5, 3)])).toMatchObject({
      tokens_from: 'usage',
      output_tokens: 3,
      input_tokens: 5,
      n: null,
    });
  });

  test('usage takes precedence over token ids, which still give the tokens of each event', () => {
    expect(read([ids('a', 1), ids('bc', 2, 3), ends(), total(5, 4)])).toMatchObject({
      tokens_from: 'usage',
      output_tokens: 4,
      n: [1, 2],
    });
  });

  test('token ids without text count in the total only', () => {
    expect(read([ids('', 1), ids('a', 2, 3), ids('', 4), ids('b', 5), ends()])).toMatchObject({
      tokens_from: 'token_ids',
      output_tokens: 5,
      n: [2, 1],
    });
  });

  test('token ids count only if every output event has them', () => {
    expect(read([ids('a', 1, 2), says('b'), ends()])).toMatchObject({
      tokens_from: 'events',
      output_tokens: 2,
      n: null,
    });
  });

  test('token ids as LMDeploy and Together write them', () => {
    expect(read([chunk({ delta: { content: 'a' }, output_ids: [1, 2] }), ends()])).toMatchObject({
      output_tokens: 2,
      n: [2],
    });
    expect(read([chunk({ delta: { content: 'a', token_id: 7 } }), ends()])).toMatchObject({
      output_tokens: 1,
      n: [1],
    });
  });

  test('continuous usage of a stream that was cut off', () => {
    expect(read([says('', usage(5, 0)), growing('a', 1), growing('bc', 3)])).toMatchObject({
      tokens_from: 'continuous_usage',
      output_tokens: 3,
      input_tokens: 5,
      n: [1, 2],
    });
  });

  test('continuous usage of one choice that finished is its usage', () => {
    expect(read([growing('a', 1), growing('b', 3), ends('stop', usage(5, 4))])).toMatchObject({
      tokens_from: 'usage',
      output_tokens: 4,
      n: [1, 2],
    });
  });

  test('continuous usage is per choice, the final usage is their sum', () => {
    const second = (content: string, completion: number): Payload =>
      chunk({ index: 1, delta: { content } }, usage(5, completion));
    const payloads = [growing('a', 1), second('x', 2), growing('b', 3), second('y', 3)];
    expect(read(payloads)).toMatchObject({
      tokens_from: 'continuous_usage',
      output_tokens: 6,
      n: [1, 2, 2, 1],
    });
    const whole = [...payloads, ends(), chunk({ index: 1, finish_reason: 'stop' }), total(5, 7)];
    expect(read(whole)).toMatchObject({ tokens_from: 'usage', output_tokens: 7, n: [1, 2, 2, 1] });
  });

  test('usage with a choice that had finished is the total', () => {
    const payloads = [says('a'), ends(), chunk({}, usage(5, 9))];
    expect(read(payloads)).toMatchObject({ tokens_from: 'usage', output_tokens: 9 });
  });

  test('a count that decreases or stays 0 gives no tokens per event', () => {
    expect(read([growing('a', 3), growing('b', 2), ends(), total(5, 4)]).n).toBeNull();
    expect(read([growing('a', 0), growing('b', 4), ends(), total(5, 4)]).n).toBeNull();
  });

  test('logprobs', () => {
    expect(read([logprobs('a', 1), logprobs('bc', 2), ends()])).toMatchObject({
      tokens_from: 'logprobs',
      output_tokens: 3,
      n: [1, 2],
    });
  });

  test('logprobs of completions', () => {
    const payload = {
      choices: [
        {
          index: 0,
          text: 'ab',
          logprobs: { tokens: ['a', 'b'], token_logprobs: [0, 0] },
          finish_reason: 'stop',
        },
      ],
    };
    expect(read([payload], 'completions')).toMatchObject({
      tokens_from: 'logprobs',
      output_tokens: 2,
      n: [2],
    });
  });

  test('more logprobs than tokens (the echoed prompt) give no tokens per event', () => {
    expect(read([logprobs('a', 9), ends(), total(5, 1)])).toMatchObject({ output_tokens: 1, n: null });
  });

  test('events, if there is no better source', () => {
    expect(read([says('a'), says('b'), ends()])).toMatchObject({
      tokens_from: 'events',
      output_tokens: 2,
      n: null,
    });
  });

  test('no response is null, an empty answer is 0', () => {
    expect(read([])).toMatchObject({ tokens_from: 'events', output_tokens: null });
    expect(read([ends()])).toMatchObject({ tokens_from: 'events', output_tokens: 0 });
  });

  test('usage of 0 with output is no usage', () => {
    const zero = usage(0, 0);
    expect(read([says('a', zero), says('b', zero)])).toMatchObject({
      tokens_from: 'events',
      output_tokens: 2,
      input_tokens: null,
    });
    expect(read([says('a'), ends(), total(5, 0)])).toMatchObject({
      tokens_from: 'events',
      output_tokens: 1,
      input_tokens: 5,
    });
    expect(read([says('a', zero), ends('stop', usage(5, 2))])).toMatchObject({
      tokens_from: 'usage',
      output_tokens: 2,
    });
  });

  test('the last usage that is not null counts', () => {
    expect(
      read([says('a'), ends(), total(5, 2), total(5, 3), { choices: [], usage: null }]).output_tokens,
    ).toBe(3);
  });
});

describe('places of usage', () => {
  const table: [where: string, payload: Payload, wanted: Partial<Answer>][] = [
    [
      'x_groq',
      chunk({ finish_reason: 'stop' }, { x_groq: usage(7, 1) }),
      { input_tokens: 7, output_tokens: 1 },
    ],
    ['DeepSeek cache', total(9, 1, { prompt_cache_hit_tokens: 4 }), { cached_tokens: 4 }],
    ['num_cached_tokens', total(9, 1, { num_cached_tokens: 5 }), { cached_tokens: 5 }],
    ['cached_tokens at the top', total(9, 1, { cached_tokens: 3 }), { cached_tokens: 3 }],
    ['details', total(9, 1, { prompt_tokens_details: { cached_tokens: 2 } }), { cached_tokens: 2 }],
    [
      'null details',
      total(9, 1, { prompt_tokens_details: null, reasoning_tokens: 0 }),
      { cached_tokens: null, reasoning_tokens: 0 },
    ],
    [
      'input and output',
      { choices: [], usage: { input_tokens: 4, output_tokens: 1 } },
      { input_tokens: 4, output_tokens: 1 },
    ],
    [
      'numbers that are none',
      { choices: [], usage: { prompt_tokens: '4', completion_tokens: -1 } },
      { input_tokens: null },
    ],
  ];
  test.each(table)('%s', (_, payload, wanted) => {
    expect(read([says('a'), payload])).toMatchObject(wanted);
  });

  test('within a choice', () => {
    const payload = chunk({ finish_reason: 'stop', ...usage(8, 2, { cached_tokens: 6 }) });
    expect(read([says('a'), payload])).toMatchObject({
      input_tokens: 8,
      output_tokens: 2,
      cached_tokens: 6,
      tokens_from: 'usage',
    });
  });
});

describe('usage within choices', () => {
  const owned = (index: number, completion: number): Payload => ({
    index,
    delta: {},
    finish_reason: 'stop',
    ...usage(8, completion),
  });

  test('counts each choice, in one event or in several', () => {
    const together = { choices: [owned(0, 2), owned(1, 3)] };
    const apart = [{ choices: [owned(0, 2)] }, { choices: [owned(1, 3)] }];
    for (const payloads of [[together], apart])
      expect(read([says('a'), ...payloads])).toMatchObject({
        input_tokens: 8,
        output_tokens: 5,
        tokens_from: 'usage',
      });
  });

  test('adds up to the reasoning of all choices', () => {
    const each = { delta: {}, finish_reason: 'stop', ...usage(8, 20, reasoned(15)) };
    const choices = [
      { index: 0, ...each },
      { index: 1, ...each },
    ];
    expect(read([says('a'), { choices }])).toMatchObject({
      output_tokens: 40,
      reasoning_tokens: 30,
      hidden_tokens: 30,
    });
  });

  test('is no total until each choice has it', () => {
    const second = chunk({ index: 1, delta: { content: 'b' }, finish_reason: 'stop' });
    expect(read([says('a'), second, { choices: [owned(0, 2)] }]).tokens_from).toBe('continuous_usage');
  });
});

describe('a surplus in the total', () => {
  test('is cached input if it equals that', () => {
    const beside = total(12, 7, { total_tokens: 119, prompt_tokens_details: { cached_tokens: 100 } });
    expect(read([says('a'), ends(), beside])).toMatchObject({
      input_tokens: 112,
      cached_tokens: 100,
      output_tokens: 7,
      hidden_tokens: null,
    });
    const written = { cache_read_input_tokens: 60, cache_creation_input_tokens: 40 };
    expect(read([says('a'), ends(), total(12, 7, { total_tokens: 119, ...written })])).toMatchObject({
      input_tokens: 112,
      cached_tokens: 60,
      output_tokens: 7,
    });
  });

  test('is output otherwise, and if the reasoning equals it', () => {
    const details = { total_tokens: 119, prompt_tokens_details: { cached_tokens: 100 } };
    expect(read([says('a'), ends(), total(12, 7, { ...details, total_tokens: 120 })])).toMatchObject({
      input_tokens: 12,
      output_tokens: 108,
    });
    expect(read([says('a'), ends(), total(12, 7, { ...details, ...reasoned(100) })])).toMatchObject({
      input_tokens: 12,
      output_tokens: 107,
      hidden_tokens: 100,
    });
  });
});

describe('hidden tokens', () => {
  test('reasoning that was counted but not streamed', () => {
    expect(read([says('a'), ends(), total(5, 412, reasoned(408))])).toMatchObject({
      output_tokens: 412,
      reasoning_tokens: 408,
      hidden_tokens: 408,
    });
  });

  test('none if the reasoning was streamed', () => {
    const payloads = [chunk({ delta: { reasoning: 'a' } }), says('b'), ends(), total(5, 9, reasoned(7))];
    expect(read(payloads)).toMatchObject({ reasoning_tokens: 7, hidden_tokens: 0 });
  });

  test('a streamed summary does not count', () => {
    const details = [{ type: 'reasoning.summary', summary: 'a' }];
    const payloads = [
      chunk({ delta: { reasoning: 'a', reasoning_details: details } }),
      says('b'),
      ends(),
      total(5, 90, reasoned(80)),
    ];
    expect(read(payloads)).toMatchObject({ hidden_tokens: 80, answer: 1 });
  });

  test('unknown if the server does not report reasoning', () => {
    expect(read([says('a'), ends(), total(5, 9)])).toMatchObject({
      reasoning_tokens: null,
      hidden_tokens: null,
    });
  });

  test('tokens in the total alone are output, and hidden unless reasoning was streamed', () => {
    const only = { total_tokens: 480 };
    expect(read([says('a'), ends(), total(20, 60, only)])).toMatchObject({
      output_tokens: 460,
      reasoning_tokens: null,
      hidden_tokens: 400,
    });
    // xAI streams reasoning and leaves it out of completion_tokens.
    const thought = [chunk({ delta: { reasoning_content: 't' } }), says('a'), ends()];
    expect(read([...thought, total(20, 60, { ...only, ...reasoned(400) })])).toMatchObject({
      output_tokens: 460,
      reasoning_tokens: 400,
      hidden_tokens: 0,
    });
  });

  test('tokens per event that exceed the visible tokens are dropped', () => {
    const payload = chunk({ delta: { content: 'a' }, finish_reason: 'stop' }, usage(5, 412, reasoned(408)));
    expect(read([payload])).toMatchObject({ output_tokens: 412, hidden_tokens: 408, n: null });
  });
});

describe('tool calls that are kept', () => {
  const call = (piece: Payload): Payload => chunk({ delta: { tool_calls: [piece] } });

  test('without an index the id identifies them; a part without either continues the last call', () => {
    const payloads = [
      call({ id: 'a', function: { name: 'f', arguments: '{' } }),
      call({ function: { arguments: '}' } }),
      call({ id: 'b', function: { name: 'g', arguments: '{}' } }),
    ];
    expect(read(payloads).kept?.tool_calls).toEqual([
      { index: 0, name: 'f', arguments: '{}' },
      { index: 1, name: 'g', arguments: '{}' },
    ]);
  });

  test('in the order of their index', () => {
    const payloads = [
      call({ index: 1, function: { name: 'g', arguments: '' } }),
      call({ index: 0, function: { name: 'f', arguments: '' } }),
    ];
    expect(read(payloads).kept?.tool_calls).toMatchObject([{ name: 'f' }, { name: 'g' }]);
  });
});

test('text is kept only on demand', () => {
  const reader = apiNamed('chat').reader(false);
  reader.read(says('secret'));
  expect(reader.answer().kept).toBeNull();
});
