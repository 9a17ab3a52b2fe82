import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/client/api/api.ts';
import { apiNamed } from '../../src/client/api/apis.ts';

type Payload = Record<string, unknown>;

function read(payloads: readonly Payload[]): Answer & { output: number[] } {
  const reader = apiNamed('messages').reader(true);
  const output: number[] = [];
  for (const [i, payload] of payloads.entries()) if (reader.read(payload).output) output.push(i);
  return { ...reader.answer(), output };
}

const starts = (usage: Payload): Payload => ({ type: 'message_start', message: { content: [], usage } });
const block = (content_block: Payload, index = 0): Payload => ({
  type: 'content_block_start',
  index,
  content_block,
});
const piece = (delta: Payload, index = 0): Payload => ({ type: 'content_block_delta', index, delta });
const says = (text: string): Payload => piece({ type: 'text_delta', text });
const thinks = (thinking: string): Payload => piece({ type: 'thinking_delta', thinking });
const ends = (usage: Payload | null = null, stop_reason: string | null = 'end_turn'): Payload => ({
  type: 'message_delta',
  delta: { stop_reason },
  usage,
});

describe('output events', () => {
  const table: [what: string, payload: Payload, output: boolean][] = [
    ['text', says('a'), true],
    ['white space', says(' '), true],
    ['empty text', says(''), false],
    ['thinking', thinks('a'), true],
    ['omitted thinking', thinks(''), false],
    ['a signature', piece({ type: 'signature_delta', signature: 'x' }), false],
    ['a citation', piece({ type: 'citations_delta', citation: {} }), false],
    ['arguments', piece({ type: 'input_json_delta', partial_json: '{' }), true],
    ['the first, empty arguments', piece({ type: 'input_json_delta', partial_json: '' }), false],
    ['the start of a text', block({ type: 'text', text: '' }), false],
    ['a start with text', block({ type: 'text', text: 'a' }), true],
    ['redacted thinking', block({ type: 'redacted_thinking', data: 'abc' }), false],
    ['the name of a call', block({ type: 'tool_use', id: 't', name: 'f', input: {} }), true],
    ['the name of a server’s tool', block({ type: 'server_tool_use', id: 't', name: 'f', input: {} }), true],
    ['a result', block({ type: 'web_search_tool_result', tool_use_id: 't', content: [] }), false],
    ['the start', starts({ input_tokens: 3, output_tokens: 1 }), false],
    ['a ping', { type: 'ping' }, false],
    ['the end of a block', { type: 'content_block_stop', index: 0 }, false],
  ];
  test.each(table)('%s', (_, payload, output) => {
    expect(read([payload]).output).toEqual(output ? [0] : []);
  });

  test('only a stop reason is progress, and only message_stop ends the stream', () => {
    const reader = apiNamed('messages').reader(false);
    expect(reader.read({ type: 'ping' })).toEqual({ output: false, finish: false });
    expect(reader.read(ends(null, null))).toEqual({ output: false, finish: false });
    expect(reader.read(ends())).toEqual({ output: false, finish: true });
    expect(reader.read({ type: 'message_stop' })).toEqual({ output: false, finish: false, terminal: true });
  });

  test('the answer starts after the reasoning', () => {
    expect(read([thinks('a'), thinks('b'), says('c')])).toMatchObject({
      answer: 2,
      kept: { text: 'c', reasoning_text: 'ab' },
    });
  });

  test('calls are numbered in order, split or complete', () => {
    const payloads = [
      says('a'),
      block({ type: 'tool_use', id: 't', name: 'f', input: {} }, 1),
      piece({ type: 'input_json_delta', partial_json: '{"a"' }, 1),
      piece({ type: 'input_json_delta', partial_json: ':1}' }, 1),
      block({ type: 'tool_use', id: 'u', name: 'g', input: { b: 2 } }, 2),
    ];
    expect(read(payloads).kept?.tool_calls).toEqual([
      { index: 0, name: 'f', arguments: '{"a":1}' },
      { index: 1, name: 'g', arguments: '{"b":2}' },
    ]);
  });
});

test.each([
  ['nothing', [], false, null],
  ['no reason', [says('a'), { type: 'message_stop' }], false, null],
  ['a reason of null', [says('a'), ends(null, null), { type: 'message_stop' }], false, null],
  ['a reason and no message_stop', [says('a'), ends()], true, 'end_turn'],
  ['max_tokens', [says('a'), ends(null, 'max_tokens')], true, 'max_tokens'],
  ['a refusal', [ends(null, 'refusal')], true, 'refusal'],
  ['error', [ends(null, 'error')], false, 'error'],
] as [string, Payload[], boolean, string | null][])('completion: %s', (_, payloads, complete, finish) => {
  expect(read(payloads)).toMatchObject({ complete, finish });
});

describe('tokens', () => {
  test('cache reads and writes are input too', () => {
    const first = {
      input_tokens: 12,
      cache_creation_input_tokens: 30,
      cache_read_input_tokens: 100,
      output_tokens: 1,
    };
    expect(read([starts(first), says('a'), ends({ output_tokens: 7 })])).toMatchObject({
      input_tokens: 142,
      cached_tokens: 100,
      output_tokens: 7,
      tokens_from: 'usage',
      kept: { usage: { ...first, output_tokens: 7 } },
    });
  });

  test('counts are totals: the last one counts, unless it is null or 0', () => {
    const payloads = [
      starts({ input_tokens: 12, cache_read_input_tokens: 8, output_tokens: 1 }),
      says('a'),
      ends({ input_tokens: 0, cache_read_input_tokens: null, output_tokens: 5 }, null),
      says('b'),
      ends({ output_tokens: 9 }),
    ];
    expect(read(payloads)).toMatchObject({ input_tokens: 20, cached_tokens: 8, output_tokens: 9 });
  });

  test('counts in the last event only', () => {
    const payloads = [
      starts({ input_tokens: 0, output_tokens: 0 }),
      says('a'),
      ends({ input_tokens: 4, output_tokens: 2 }),
    ];
    expect(read(payloads)).toMatchObject({ input_tokens: 4, output_tokens: 2, tokens_from: 'usage' });
  });

  test('a count before the output does not include it', () => {
    const first = starts({ input_tokens: 12, output_tokens: 1 });
    expect(read([first, says('a')])).toMatchObject({ output_tokens: 1, tokens_from: 'continuous_usage' });
    expect(read([first, says('a'), says('b'), says('c')])).toMatchObject({
      input_tokens: 12,
      output_tokens: 3,
      tokens_from: 'events',
      hidden_tokens: null,
    });
  });

  test('reasoning that is counted separately is hidden, because the streamed text is a summary', () => {
    const counted = { output_tokens: 90, output_tokens_details: { thinking_tokens: 80 } };
    expect(read([thinks('a'), says('b'), ends({ input_tokens: 5, ...counted })])).toMatchObject({
      reasoning_tokens: 80,
      hidden_tokens: 80,
      answer: 1,
    });
    expect(read([thinks('a'), says('b'), ends({ input_tokens: 5, output_tokens: 90 })])).toMatchObject({
      reasoning_tokens: null,
      hidden_tokens: null,
    });
  });
});
