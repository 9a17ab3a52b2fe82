import { describe, expect, test } from 'vitest';
import type { RunHeader } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { headerOf } from './headers.ts';
import { noted } from './noted.ts';
import { requests } from './run.ts';

describe('a note on', () => {
  test.each<[string, Sample[], RunHeader, RegExp]>([
    [
      'input that differs from the plan',
      requests(3, () => ({ planned_input: 20 })),
      headerOf(),
      /^input_length: .* 10 input tokens .* 20 were planned/,
    ],
    [
      'two token sources',
      requests(3, (i) => (i === 0 ? { tokens_from: 'events' } : {})),
      headerOf(),
      /^mixed_token_sources: .*\(events 1, usage 2\)/,
    ],
    [
      'events in place of tokens',
      requests(3, () => ({ tokens_from: 'events', output_tokens: null })),
      headerOf(),
      /^events_as_tokens: /,
    ],
    [
      'hidden tokens',
      requests(3, () => ({ hidden_tokens: 2, output_tokens: 4 })),
      headerOf(),
      /^hidden_tokens: 6 reasoning tokens were /,
    ],
    [
      'two choices where one was requested',
      requests(5, (i) => (i < 2 ? { choices: 2 } : {})),
      headerOf(),
      /^extra_choices: 2 of 5 requests got 2 choices .* 1 was requested.* --body n=1/,
    ],
    [
      'more choices than the body requests',
      requests(5, (i) => ({ choices: i + 1 })),
      headerOf({ scenario: { endpoint: { body: { n: 2 } } } }),
      /^extra_choices: 3 of 5 requests got up to 5 choices .* 2 were requested/,
    ],
    [
      'impossible usage',
      requests(3, (i) => (i < 2 ? { usage_problem: `completion_tokens is -${i + 1}` } : {})),
      headerOf(),
      /^invalid_usage: In 2 of 3 requests .*\(completion_tokens is -1\)/,
    ],
    [
      'estimated tokens per event',
      requests(3, () => ({ output_tokens: 7 })),
      headerOf(),
      /^estimated_tokens: In 3 of 3 requests /,
    ],
  ])('%s', async (_, samples, header, wanted) => expect(await noted(samples, header)).toMatch(wanted));
});

test('there is no note on choices that were requested', async () => {
  const header = headerOf({ scenario: { endpoint: { body: { n: 3 } } } });
  const samples = requests(5, (i) => ({ choices: 2 + (i % 2) }));
  expect(await noted(samples, header)).toBe('');
});

test('the note on events has the words per event if figures are omitted', async () => {
  const byEvents = (words: number) => requests(3, () => ({ tokens_from: 'events', words }));
  expect(await noted(byEvents(8))).toMatch(
    /^events_as_tokens: .* 4 words per event, so tpot, ntpot, user_tps/,
  );
  expect(await noted(byEvents(2))).not.toMatch(/words/);
});

describe('a server that ignores the limit of output tokens', () => {
  const answers = (output_tokens: number, more: object = {}): Sample[] =>
    requests(4, () => ({ output_tokens, planned_output: 8, n: null, finish: 'length', ...more }));

  test.each<[string, Sample[], RegExp | null]>([
    ['40 for 8', answers(40), /^long_answers: 4 of 4 answers .*\(40 tokens on average, 8 planned\)/m],
    ['9 for 8', answers(9), /^long_answers: /m],
    ['8 for 8', answers(8), null],
    ['3 for 8', answers(3, { finish: 'stop' }), null],
    ['40, of which 32 are reasoning that was not streamed', answers(40, { hidden_tokens: 32 }), null],
    ['9 for 8, counted by a tokenizer', answers(9, { tokens_from: 'tokenizer' }), null],
    [
      '10 events for 8 tokens',
      answers(10, { tokens_from: 'events', events_us: [50_000, ...Array<number>(9).fill(1000)] }),
      /^long_answers: .*10 events on average/m,
    ],
    ['failures', answers(40, { outcome: 'stream_error' }), null],
  ])('%s', async (_, samples, wanted) => {
    const found = await noted(samples);
    if (wanted === null) expect(found).not.toMatch(/long_answers/);
    else expect(found).toMatch(wanted);
  });

  test.each([
    ['completed', true],
    ['end_turn', true],
    ['stop', true],
    ['length', false],
    ['incomplete', false],
    ['max_tokens', false],
    ['max_output_tokens', false],
    [null, false],
  ])('exactly 8 for 8 with the finish reason %s: reported %s', async (finish, isReported) => {
    const found = await noted(answers(8, { finish }));
    if (isReported) expect(found).toMatch(new RegExp(`unreported_limit: .* ${finish}`));
    else expect(found).not.toMatch(/unreported_limit/);
  });

  test('there is no note if half of them have exactly this length', async () => {
    const some = requests(4, (i) => ({ output_tokens: i < 2 ? 8 : 5, planned_output: 8, finish: 'stop' }));
    expect(await noted(some)).not.toMatch(/unreported_limit/);
  });

  test.each([{ n: 2 }, { max_tokens: 100 }])(
    'there is no note if the body sets a limit: %j',
    async (body) => {
      const header = headerOf();
      header.scenario = { ...header.scenario, endpoint: { body } };
      expect(await noted(answers(16), header)).not.toMatch(/long_answers|unreported_limit/);
    },
  );
});

describe('cached input tokens', () => {
  const cached = (tokens: (i: number) => number, input = 100): Promise<string> =>
    noted(requests(5, (i) => ({ input_tokens: input, cached_tokens: tokens(i) })));

  test('the same number in every request is the chat template', async () => {
    expect(await cached(() => 24)).toMatch(/^cached_template: .* 24 input tokens of every request .* 24% /);
  });

  test('one or two tokens more are a word that prompts begin with, as recorded from llama.cpp', async () => {
    const found = await cached((i) => [25, 25, 24, 24, 24][i]!, 40);
    expect(found).toMatch(/^cached_template: .* 24 to 25 input tokens of every request .* 61% /);
  });

  test('requests that arrived before the template was cached are counted', async () => {
    const found = await cached((i) => (i === 0 ? 0 : 48));
    expect(found).toMatch(/^cached_template: .* 48 input tokens of 4 of 5 requests .* 38\.4% /);
    expect(await cached((i) => (i === 0 ? 0 : 96))).toMatch(/^cached_prompts/);
    expect(await cached((i) => (i < 2 ? 0 : 80))).toMatch(/^cached_prompts/);
  });

  test('different numbers, or nearly all of the input, are prompts that the server has seen', async () => {
    expect(await cached((i) => 40 + i)).toMatch(/^cached_prompts: .* 42% .*--seed/);
    expect(await cached(() => 96)).toMatch(/^cached_prompts: .* 96% /);
  });

  test('a small share is not reported', async () => expect(await cached(() => 20)).toBe(''));
});
