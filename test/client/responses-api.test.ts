import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/client/api/api.ts';
import { apiNamed } from '../../src/client/api/apis.ts';
import { readEvent } from '../../src/client/stream/stream-event.ts';
import type { StreamEnd } from '../../src/client/stream/stream-event.ts';

type Payload = Record<string, unknown>;

/** Reads payloads like a stream, up to its end. */
function read(payloads: readonly Payload[]): Answer & { output: number[]; end: StreamEnd | null } {
  const reader = apiNamed('responses').reader(true);
  const output: number[] = [];
  let end: StreamEnd | null = null;
  for (const [i, payload] of payloads.entries()) {
    const step = readEvent(JSON.stringify(payload), 'message', reader);
    if (step.output) output.push(i);
    end = step.end;
    if (end !== null) break;
  }
  return { ...reader.answer(), output, end };
}

const event = (type: string, rest: Payload = {}): Payload => ({ type: `response.${type}`, ...rest });
const says = (delta: string, rest: Payload = {}): Payload =>
  event('output_text.delta', { item_id: 'm', output_index: 0, delta, ...rest });
const ends = (usage: Payload | null = null, response: Payload = {}): Payload =>
  event('completed', { response: { status: 'completed', output: [], usage, ...response } });
const usage = (input: number, output: number, reasoning: number, cached = 0): Payload => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + output,
});

describe('output events', () => {
  const call = { type: 'function_call', id: 'f', name: 'f', arguments: '' };
  const table: [what: string, payload: Payload, output: boolean][] = [
    ['text', says('a'), true],
    ['empty text', says(''), false],
    ['a refusal', event('refusal.delta', { delta: 'No' }), true],
    ['raw reasoning', event('reasoning_text.delta', { delta: 'a' }), true],
    ['a summary of reasoning', event('reasoning_summary_text.delta', { delta: 'a' }), true],
    ['arguments', event('function_call_arguments.delta', { delta: '{' }), true],
    ['input of a custom tool', event('custom_tool_call_input.delta', { delta: 'x' }), true],
    ['audio', event('audio.delta', { delta: 'AAAA' }), true],
    ['the name of a call', event('output_item.added', { item: call }), true],
    ['a call without a name', event('output_item.added', { item: { ...call, name: '' } }), false],
    ['a message', event('output_item.added', { item: { type: 'message', content: [] } }), false],
    ['a search', event('output_item.added', { item: { type: 'web_search_call', id: 'w' } }), false],
    [
      'encrypted reasoning',
      event('output_item.done', { item: { type: 'reasoning', encrypted_content: 'x' } }),
      false,
    ],
    ['an annotation', event('output_text.annotation.added', { annotation: {} }), false],
    ['a part', event('content_part.added', { part: { type: 'output_text', text: '' } }), false],
    ['created', event('created', { response: { status: 'in_progress' } }), false],
    ['a ping', { type: 'ping' }, false],
    ['no type', {}, false],
  ];
  test.each(table)('%s', (_, payload, output) => {
    expect(read([payload]).output).toEqual(output ? [0] : []);
  });

  test('a repetition of deltas is no output', () => {
    const item = { type: 'message', id: 'other', content: [{ type: 'output_text', text: 'ab' }] };
    const payloads = [
      says('a'),
      says('b'),
      event('output_text.done', { item_id: 'x', output_index: 0, text: 'ab' }),
      event('output_item.done', { output_index: 0, item }),
      ends(null, { output: [item] }),
    ];
    expect(read(payloads)).toMatchObject({ output: [0, 1], kept: { text: 'ab' } });
  });

  test('text without deltas is output', () => {
    expect(read([event('output_text.done', { item_id: 'm', text: 'ab' }), ends()])).toMatchObject({
      output: [0],
      kept: { text: 'ab' },
    });
    const items = [
      { type: 'reasoning', id: 'r', summary: [{ type: 'summary_text', text: 'hm' }] },
      { type: 'message', id: 'm', content: [{ type: 'output_text', text: 'a' }] },
      { type: 'function_call', id: 'f', name: 'f', arguments: '{}' },
    ];
    const all = {
      answer: 0,
      finish: 'completed',
      kept: { text: 'a', reasoning_text: 'hm', tool_calls: [{ index: 0, name: 'f', arguments: '{}' }] },
    };
    expect(read([ends(null, { output: items })])).toMatchObject({ ...all, output: [0] });
    const each = items.map((item, i) => event('output_item.done', { output_index: i, item }));
    expect(read([...each, ends(null, { output: items })])).toMatchObject({
      ...all,
      answer: 1,
      output: [0, 1, 2],
    });
  });

  test('calls are numbered in order, and each gets its own parts', () => {
    const added = (place: number, name: string): Payload =>
      event('output_item.added', {
        output_index: place,
        item: { type: 'function_call', id: `f${place}`, name, arguments: '' },
      });
    const piece = (place: number, delta: string): Payload =>
      event('function_call_arguments.delta', { output_index: place, item_id: `f${place}`, delta });
    const payloads = [
      added(1, 'f'),
      added(2, 'g'),
      piece(2, '{"b"'),
      piece(1, '{}'),
      piece(2, ':1}'),
      ends(),
    ];
    expect(read(payloads).kept?.tool_calls).toEqual([
      { index: 0, name: 'f', arguments: '{}' },
      { index: 1, name: 'g', arguments: '{"b":1}' },
    ]);
  });
});

describe('the end', () => {
  test('only a status completes the answer', () => {
    expect(read([says('a')])).toMatchObject({ complete: false, finish: null, end: null });
    expect(read([says('a'), ends()])).toMatchObject({
      complete: true,
      finish: 'completed',
      end: { kind: 'terminal' },
    });
    expect(read([ends()])).toMatchObject({ complete: true, output: [], output_tokens: 0 });
  });

  test('an incomplete response has its reason, whatever the event’s type', () => {
    const response = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    for (const type of ['incomplete', 'completed'])
      expect(read([says('a'), event(type, { response })])).toMatchObject({
        complete: true,
        finish: 'max_output_tokens',
      });
    expect(read([event('incomplete', { response: {} })]).finish).toBe('incomplete');
  });

  test('a cancelled response failed', () => {
    expect(read([says('a'), event('cancelled', { response: {} })])).toMatchObject({
      complete: false,
      badFinish: 'cancelled',
    });
  });

  test.each([
    [{ type: 'error', code: 'c', message: 'Broken', param: null }, 'Broken', 'c'],
    [{ type: 'error', error: { type: 't', code: 'c', message: 'Broken' } }, 'Broken', 'c'],
    [event('failed', { response: { error: { code: 'c', message: 'Broken' } } }), 'Broken', 'c'],
    [
      event('completed', { response: { status: 'failed', error: { message: 'Broken' } } }),
      'Broken',
      undefined,
    ],
    [event('failed', { response: { error: null } }), 'failed', undefined],
    [event('failed'), 'failed', undefined],
  ])('%j', (payload, message, code) => {
    const { complete, end } = read([says('a'), payload]);
    expect(complete).toBe(false);
    expect(end?.kind).toBe('error');
    if (end?.kind !== 'error') return;
    expect(end.error.message).toContain(message);
    expect(end.error.code).toBe(code);
  });
});

describe('tokens', () => {
  test('usage, with cached input', () => {
    expect(read([says('a'), ends(usage(9, 3, 0, 4))])).toMatchObject({
      input_tokens: 9,
      cached_tokens: 4,
      output_tokens: 3,
      reasoning_tokens: 0,
      hidden_tokens: 0,
      tokens_from: 'usage',
    });
  });

  test('a streamed summary leaves the reasoning hidden, its text does not', () => {
    const summary = event('reasoning_summary_text.delta', { item_id: 'r', delta: 'a' });
    const raw = event('reasoning_text.delta', { item_id: 'r', delta: 'a' });
    expect(read([summary, says('b'), ends(usage(9, 90, 80))])).toMatchObject({
      hidden_tokens: 80,
      answer: 1,
    });
    expect(read([raw, says('b'), ends(usage(9, 90, 80))])).toMatchObject({ hidden_tokens: 0, answer: 1 });
    expect(read([says('b'), ends(usage(9, 90, 80))])).toMatchObject({ hidden_tokens: 80, answer: 0 });
  });

  test('logprobs give the tokens of each event; an empty list does not', () => {
    const two = { logprobs: [{ token: 'b' }, { token: 'c' }] };
    expect(
      read([says('a', { logprobs: [{ token: 'a' }] }), says('bc', two), ends(usage(9, 4, 0))]),
    ).toMatchObject({
      tokens_from: 'usage',
      n: [1, 2],
    });
    expect(read([says('a', { logprobs: [] }), ends()])).toMatchObject({ tokens_from: 'events', n: null });
    expect(read([says('bc', two)])).toMatchObject({ tokens_from: 'logprobs', output_tokens: 2, n: [2] });
  });

  test('usage of 0 with output is no usage', () => {
    const zero = { input_tokens: 5, output_tokens: 0, total_tokens: 5 };
    expect(read([says('a'), ends(zero)])).toMatchObject({ tokens_from: 'events', output_tokens: 1 });
  });
});
