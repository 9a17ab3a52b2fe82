import { describe, expect, it } from 'vitest';
import { decodeSample, encodeSample } from '../../src/record/samples-jsonl.ts';
import { type Sample } from '../../src/sample.ts';

const FULL: Sample = {
  i: 3,
  session: 1,
  turn: 2,
  tags: { source: 'a.jsonl' },
  worker: 1,
  phase: 'warmup',
  planned_us: 600_000,
  released_us: 600_010,
  sent_us: 600_100,
  headers_us: 700_000,
  ended_us: 900_000,
  events_us: [750_000, 0, 20_000],
  n: [1, 2, 1],
  answer: 0,
  outcome: 'stream_error',
  status: 200,
  finish: 'error',
  error: { message: 'overloaded', code: '529', retry_after_ms: 0 },
  input_tokens: 0,
  cached_tokens: 0,
  output_tokens: 4,
  reasoning_tokens: 1,
  hidden_tokens: 0,
  tokens_from: 'token_ids',
  planned_input: 16,
  planned_output: 4,
  reused: false,
  connect_us: 0,
  bytes_in: 512,
  headers: { server: 'x' },
  text: '',
  tool_calls: [{ name: 'f', arguments: null }],
  usage: { prompt_tokens: 0, details: null, headers: {} },
};

const BARE: Sample = {
  i: 0,
  worker: 0,
  phase: 'measure',
  planned_us: 0,
  released_us: null,
  sent_us: null,
  headers_us: null,
  ended_us: 10,
  events_us: [],
  n: null,
  answer: null,
  outcome: 'not_sent',
  status: null,
  finish: null,
  error: null,
  input_tokens: null,
  cached_tokens: null,
  output_tokens: null,
  reasoning_tokens: null,
  hidden_tokens: null,
  tokens_from: 'events',
  planned_input: null,
  planned_output: null,
  reused: null,
  connect_us: null,
  bytes_in: 0,
  headers: {},
};

describe('encoding and decoding samples', () => {
  it.each([
    ['a full sample, with its zeros, empty texts and the nulls inside what the server said', FULL],
    ['a request that was never sent', BARE],
  ])('round trip of %s', (_, sample) => {
    expect(decodeSample(encodeSample(sample))).toEqual(sample);
  });

  it('writes one line without empty keys', () => {
    expect(encodeSample(BARE)).toBe(
      '{"i":0,"session":0,"turn":0,"worker":0,"phase":"measure","planned_us":0,"ended_us":10,"events_us":[],"outcome":"not_sent",' +
        '"tokens_from":"events","bytes_in":0}',
    );
    expect(encodeSample({ ...FULL, text: 'two\nlines' })).not.toContain('\n');
  });

  it('always writes session and turn; a single request has neither in memory', () => {
    expect(JSON.parse(encodeSample({ ...BARE, i: 7 }))).toMatchObject({ i: 7, session: 7, turn: 0 });
    expect(decodeSample(encodeSample({ ...BARE, i: 7 }))).toEqual({ ...BARE, i: 7 });
  });

  it('reads a line with only the required keys, and keeps keys of a later version', () => {
    const line = '{"i":0,"planned_us":0,"ended_us":10,"outcome":"not_sent","later":1}';
    expect(decodeSample(line)).toEqual({ ...BARE, later: 1 });
  });

  it.each([
    ['{"i":1,"planned_us":0,"ended_', SyntaxError],
    ['null', TypeError],
    ['[1]', TypeError],
    ['{"i":1,"planned_us":0,"outcome":"ok"}', TypeError],
    ['{"i":1,"planned_us":0,"ended_us":9,"outcome":"fine"}', TypeError],
    ['{"i":1,"planned_us":0,"ended_us":9}', TypeError],
    ['{"i":1,"planned_us":1e999,"ended_us":9,"outcome":"ok"}', TypeError],
    ['{"i":1,"planned_us":0,"ended_us":9,"outcome":"ok","sent_us":"5"}', TypeError],
    ['{"i":1,"planned_us":0,"ended_us":9,"outcome":"ok","events_us":[5,null]}', TypeError],
    ['{"i":1,"planned_us":0,"ended_us":9,"outcome":"ok","events_us":{}}', TypeError],
    ['{"i":1,"planned_us":0,"ended_us":9,"outcome":"ok","events_us":[5],"n":[true]}', TypeError],
    ['{"i":1,"planned_us":0,"ended_us":9,"outcome":"ok","events_us":[5],"answer":[0]}', TypeError],
    ['{"i":1,"planned_us":0,"ended_us":9,"outcome":"ok","finish":{}}', TypeError],
    ['{"i":1,"planned_us":0,"ended_us":9,"outcome":"timeout","error":"late"}', TypeError],
  ])('refuses %s', (line, kind) => {
    expect(() => decodeSample(line)).toThrow(kind);
  });
});

describe('impossible counts in a recorded folder', () => {
  const told = (more: object): Sample =>
    decodeSample(JSON.stringify({ ...FULL, n: null, hidden_tokens: null, ...more, text: undefined }));

  it.each([2 ** 24 + 1, 2 ** 32 - 1, 2 ** 40 - 1, Number.MAX_SAFE_INTEGER, 1e308, -1, 1.5])(
    '%d output tokens are none: the events are counted',
    (output_tokens) => {
      expect(told({ output_tokens, reasoning_tokens: null, hidden_tokens: 3 })).toMatchObject({
        output_tokens: null,
        hidden_tokens: null,
        tokens_from: 'events',
        usage_problem: `output_tokens is ${output_tokens}`,
      });
    },
  );

  it('the largest possible count is accepted', () => {
    const sample = told({ input_tokens: 2 ** 24, output_tokens: 2 ** 24, tokens_from: 'usage' });
    expect(sample).toMatchObject({ input_tokens: 2 ** 24, output_tokens: 2 ** 24, tokens_from: 'usage' });
    expect(sample.usage_problem).toBeUndefined();
  });

  it.each([
    [
      { cached_tokens: 6, input_tokens: 5 },
      { cached_tokens: null, input_tokens: 5 },
      /^cached_tokens is 6.*5/,
    ],
    [{ reasoning_tokens: 5 }, { reasoning_tokens: null, output_tokens: 4 }, /^reasoning_tokens is 5.*4/],
    [{ hidden_tokens: 5 }, { hidden_tokens: null, output_tokens: 4 }, /^hidden_tokens is 5.*4/],
    [{ n: [1, 2 ** 53, 1] }, { n: null, output_tokens: 4, tokens_from: 'token_ids' }, /^n /],
    [{ n: [1, 0.5, 1] }, { n: null }, /^n /],
  ])('%j', (wrong, right, problem) => {
    const sample = told(wrong);
    expect(sample).toMatchObject(right);
    expect(sample.usage_problem).toMatch(problem);
  });

  it.each(['constructor', '__proto__', 'toString', 'usage '])(
    '"%s" is no source of tokens and no phase',
    (word) => {
      for (const key of ['tokens_from', 'phase']) expect(() => told({ [key]: word })).toThrow(TypeError);
    },
  );
});
