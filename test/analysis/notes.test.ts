import { describe, expect, test } from 'vitest';
import type { RunHeader } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { headerOf, seconds } from './headers.ts';
import { busySlots, failed, requests, run } from './run.ts';

const notes = async (samples: Sample[], header = headerOf(), limits: Record<string, number> = {}) =>
  (await run(samples, { header, limits })).report.notes.join('\n');

describe('notes', () => {
  test('none where there is nothing to say, and first those of the run', async () => {
    expect(await notes(requests(30, () => ({ planned_input: 10 })))).toBe('');
    expect(await notes(requests(3), headerOf({ notes: ['The probe failed.'] }))).toBe('The probe failed.');
  });

  test.each([
    ['goodput-simulator', false, /goodput serve.*SIMULATED/],
    ['goodput-simulator', true, /^$/],
    ['uvicorn', false, /^$/],
  ])('the server header %s, embedded: %s', async (server, simulated, wanted) => {
    const header = headerOf();
    header.endpoint = { ...header.endpoint, simulated, said: { server } };
    expect(await notes(requests(3), header)).toMatch(wanted);
    // Without numbers there is nothing to doubt.
    header.stopped_by = 'endpoint';
    expect(await notes(requests(3), header)).toBe('');
  });

  test('choices that were asked for are not worth a note', async () => {
    const header = headerOf({ scenario: { endpoint: { body: { n: 3 } } } });
    expect(
      await notes(
        requests(5, (i) => ({ choices: 2 + (i % 2) })),
        header,
      ),
    ).toBe('');
  });

  test.each<[string, Sample[], RunHeader, RegExp]>([
    [
      'interrupted',
      requests(3),
      headerOf({ status: 'interrupted', reason: 'Ctrl-C' }),
      /was interrupted \(Ctrl-C\)/,
    ],
    [
      'failed',
      requests(3),
      headerOf({ status: 'failed', reason: 'no space left' }),
      /could not finish the run \(no space left\)/,
    ],
    ['lines missing', requests(3), headerOf({ planned: 4 }), /1 planned request left no record/],
    [
      'one wave',
      requests(3),
      headerOf({ load: { loop: 'closed', concurrency: 3, requests: 3 } }),
      /one wave only/,
    ],
    [
      'held back',
      requests(3, (i) => ({ released_us: i * 100_000 + (i === 0 ? 1000 : 1001) })),
      headerOf({ load: { max_concurrency: 1 } }),
      /cap of 1 request in flight held back 2 requests/,
    ],
    [
      'input off',
      requests(3, () => ({ planned_input: 20 })),
      headerOf(),
      /10 input tokens on average where 20 were planned/,
    ],
    [
      'served from a cache that should not know them',
      requests(4, (i) => ({ cached_tokens: i === 0 ? 0 : 4 })),
      headerOf(),
      /30% of the input tokens in its prefix cache, although no prefix was asked for/,
    ],
    [
      'mixed',
      requests(3, (i) => (i === 0 ? { tokens_from: 'events' } : {})),
      headerOf(),
      /more than one source \(events 1, usage 2\)/,
    ],
    [
      'events',
      requests(3, () => ({ tokens_from: 'events', output_tokens: null })),
      headerOf(),
      /no token counts/,
    ],
    [
      'hidden',
      requests(3, () => ({ hidden_tokens: 2, output_tokens: 4 })),
      headerOf(),
      /6 reasoning tokens were counted and never streamed/,
    ],
    [
      'several choices of one',
      requests(5, (i) => (i < 2 ? { choices: 2 } : {})),
      headerOf(),
      /2 of 5 requests got 2 choices .* where 1 was asked for.* --body n=1/,
    ],
    [
      'more choices than asked for',
      requests(5, (i) => ({ choices: i + 1 })),
      headerOf({ scenario: { endpoint: { body: { n: 2 } } } }),
      /3 of 5 requests got up to 5 choices .* where 2 were asked for/,
    ],
    [
      'disbelieved',
      requests(3, (i) => (i < 2 ? { usage_problem: `completion_tokens is -${i + 1}` } : {})),
      headerOf(),
      /In 2 of 3 requests .*impossible.*completion_tokens is -1/,
    ],
    [
      'estimated',
      requests(3, () => ({ output_tokens: 7 })),
      headerOf(),
      /In 3 of 3 requests events carried unequal/,
    ],
    [
      'censored',
      requests(3, (i) => (i === 0 ? failed('aborted') : {})),
      headerOf(),
      /1 request was cut by goodput/,
    ],
    [
      'in flight at the end of a closed loop and cut off',
      requests(3, (i) => (i === 0 ? failed('aborted', { ended_us: 60_000 }) : {})),
      headerOf({ load: { loop: 'closed', concurrency: 1 } }),
      // 60 of 60 + 70 + 70 ms in flight.
      /1 request in flight in the window was cut off and counts in no rate: .* 30% too low\. .*--drain/,
    ],
    [
      'lost in closed loop',
      requests(3),
      headerOf({ planned: 4, load: { loop: 'closed', concurrency: 1 } }),
      /1 planned request left no record.*rates.*too low/,
    ],
  ])('%s', async (_, samples, header, wanted) => expect(await notes(samples, header)).toMatch(wanted));

  test('a request cut beyond its limit', async () => {
    const cut = requests(3, (i) => (i === 0 ? failed('aborted') : {}));
    expect(await notes(cut, headerOf(), { ttft: 60 })).toMatch(/1 request had already broken a limit/);
  });

  test('requests that were cut off are not held against the rates in open loop, or after the window', async () => {
    const cut = requests(3, (i) => (i === 2 ? failed('aborted', { ended_us: 260_000 }) : {}));
    expect(await notes(cut)).not.toMatch(/too low/);
    const header = headerOf({ window: { start_us: 0, end_us: 200_000 }, load: { loop: 'closed' } });
    expect(await notes(cut, header)).not.toMatch(/too low/);
  });

  test.each([
    { cv: 1, waves: 10, excess: 0.05 },
    { cv: 0.6, waves: 5, excess: 0.036 },
  ])(
    'without a warm-up, of rates that are too high by CV² ÷ (2 · waves): $cv, $waves',
    async ({ cv, waves, excess }) => {
      const load = { loop: 'closed', concurrency: 64 } as const;
      const window = seconds(0, waves);
      const runs = 80;
      let above = 0;
      let noted = '';
      for (let seed = 0; seed < runs; seed++) {
        const samples = busySlots(64, cv, window.end_us, seed);
        const { report } = await run(samples, { header: headerOf({ window, load }) });
        above += (report.rates.rps! / 64 - 1) / runs;
        noted = report.notes.join();
      }
      // Five standard errors: a run of 64 · waves responses is off by CV ÷ √(64 · waves).
      expect(Math.abs(above - excess)).toBeLessThan((5 * cv) / Math.sqrt(64 * waves * runs) + 0.1 * excess);
      expect(noted).toMatch(/started together.*about [2-7]% too high.*--warmup [34]s/);
    },
  );

  test('of no such rates after a warm-up, in long runs, of equal responses, or in open loop', async () => {
    const load = { loop: 'closed', concurrency: 64 } as const;
    const of = (cv: number, header: RunHeader) => notes(busySlots(64, cv, header.window!.end_us, 1), header);
    expect(await of(1, headerOf({ window: seconds(3, 13), load: { ...load, warmup_s: 3 } }))).toBe('');
    expect(await of(0.3, headerOf({ window: seconds(0, 10), load }))).toBe('');
    expect(await of(1, headerOf({ window: seconds(0, 10) }))).toBe('');
    const one = busySlots(1, 2, 10e6, 1);
    const window = { start_us: 0, end_us: one.at(-1)!.ended_us };
    const alone = { ...load, concurrency: 1, requests: one.length };
    expect(await notes(one, headerOf({ window, load: alone }))).toBe('');
    expect(await notes(one, headerOf({ window, load: { ...alone, concurrency: 4 } }))).toMatch(/too high/);
    expect(await of(1, headerOf({ window: seconds(0, 10), load }))).toMatch(/started together/);
  });
});

describe('a server that does not keep to the limit of output tokens', () => {
  const answers = (output_tokens: number, more: object = {}): Sample[] =>
    requests(4, () => ({ output_tokens, planned_output: 8, n: null, finish: 'length', ...more }));

  test.each<[string, Sample[], RegExp | null]>([
    [
      '40 for 8',
      answers(40),
      /4 of 4 answers were longer than the limit .*\(40 tokens on average, 8 planned\)/,
    ],
    ['9 for 8', answers(9), /longer than the limit/],
    ['8 for 8', answers(8), null],
    ['3 for 8', answers(3, { finish: 'stop' }), null],
    ['40, of which 32 are reasoning that was not streamed', answers(40, { hidden_tokens: 32 }), null],
    ['a tokenizer’s 9 for 8', answers(9, { tokens_from: 'tokenizer' }), null],
    [
      '10 events for 8 tokens',
      answers(10, { tokens_from: 'events', events_us: [50_000, ...Array<number>(9).fill(1000)] }),
      /longer than the limit .*10 events on average/,
    ],
    ['failures', answers(40, { outcome: 'stream_error' }), null],
  ])('%s', async (_, samples, wanted) => {
    const found = await notes(samples);
    if (wanted === null) expect(found).not.toMatch(/limit/);
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
  ])('exactly 8 for 8 with the finish reason %s: named %s', async (finish, isNamed) => {
    const found = await notes(answers(8, { finish }));
    if (isNamed) expect(found).toMatch(new RegExp(`exactly the limit .* ${finish}`));
    else expect(found).not.toMatch(/exactly the limit/);
  });

  test('some that end there by chance are not named', async () => {
    const some = requests(4, (i) => ({ output_tokens: i < 2 ? 8 : 5, planned_output: 8, finish: 'stop' }));
    expect(await notes(some)).not.toMatch(/exactly the limit/);
  });

  test.each([{ n: 2 }, { max_tokens: 100 }])(
    'a body of the user’s own (%j) sets another limit',
    async (body) => {
      const header = headerOf();
      header.scenario = { ...header.scenario, endpoint: { body } };
      expect(await notes(answers(16), header)).not.toMatch(/limit/);
    },
  );
});

describe('cached input tokens', () => {
  const cached = (of: (i: number) => number, input = 100): Promise<string> =>
    notes(requests(5, (i) => ({ input_tokens: input, cached_tokens: of(i) })));

  test('the same number in every request is the chat template', async () => {
    const found = await cached(() => 24);
    expect(found).toMatch(/24 input tokens of every request .*24%.* chat template/);
    expect(found).not.toMatch(/seed/);
  });

  test('one or two tokens more are a word that prompts begin with, as recorded from llama.cpp', async () => {
    const found = await cached((i) => [25, 25, 24, 24, 24][i]!, 40);
    expect(found).toMatch(/24 to 25 input tokens of every request .* 61% .* chat template/);
    expect(found).not.toMatch(/seed/);
  });

  test('requests that came before the template was cached are counted, and change no cause', async () => {
    const found = await cached((i) => (i === 0 ? 0 : 48));
    expect(found).toMatch(/48 input tokens of 4 of 5 requests .*38%.* chat template/);
    expect(found).not.toMatch(/seed/);
    expect(await cached((i) => (i === 0 ? 0 : 96))).toMatch(/seen this seed's prompts/);
    expect(await cached((i) => (i < 2 ? 0 : 80))).toMatch(/seen this seed's prompts/);
  });

  test('a number that differs, or nearly all of the input, are prompts that the server has seen', async () => {
    expect(await cached((i) => 40 + i)).toMatch(/seen this seed's prompts/);
    expect(await cached(() => 96)).toMatch(/seen this seed's prompts/);
  });

  test('a small share needs no word', async () => expect(await cached(() => 20)).toBe(''));
});

test('words per event are named where figures are left out', async () => {
  const byEvents = (words: number) => requests(3, () => ({ tokens_from: 'events', words }));
  expect(await notes(byEvents(8))).toMatch(/per event, .* 4 words per event, so tpot/);
  expect(await notes(byEvents(2))).not.toMatch(/words/);
});
