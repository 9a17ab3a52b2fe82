import { describe, expect, test } from 'vitest';
import type { RunHeader } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { headerOf, seconds } from './headers.ts';
import { noted } from './noted.ts';
import { busySlots, failed, requests, run } from './run.ts';

test('a run without anything to report has only the notes of its header', async () => {
  expect(await noted(requests(30, () => ({ planned_input: 10 })))).toBe('');
  expect(await noted(requests(3), headerOf({ notes: ['A note.'] }))).toBe('from_run: A note.');
});

test.each([
  ['goodput-simulator', false, /^simulated_server: .*SIMULATED/],
  ['goodput-simulator', true, /^$/],
  ['uvicorn', false, /^$/],
])('the server header %s, embedded: %s', async (server, simulated, wanted) => {
  const header = headerOf();
  header.endpoint = { ...header.endpoint, simulated, said: { server } };
  expect(await noted(requests(3), header)).toMatch(wanted);
  // Without figures there is nothing to mark.
  header.stopped_by = 'endpoint';
  expect(await noted(requests(3), header)).toBe('');
});

describe('a note on', () => {
  test.each<[string, Sample[], RunHeader, RegExp]>([
    [
      'an interrupt',
      requests(3),
      headerOf({ status: 'interrupted', reason: 'Ctrl-C' }),
      /^interrupted: .*\(Ctrl-C\)/,
    ],
    [
      'a failure of goodput',
      requests(3),
      headerOf({ status: 'failed', reason: 'no space left' }),
      /^failed: .*\(no space left\)/,
    ],
    ['a lost request', requests(3), headerOf({ planned: 4 }), /^lost: 1 planned request left no record/],
    [
      'one wave',
      requests(3),
      headerOf({ load: { loop: 'closed', concurrency: 3, requests: 3 } }),
      /^one_wave: /,
    ],
    [
      'requests that a cap held back',
      requests(3, (i) => ({ released_us: i * 100_000 + (i === 0 ? 1000 : 1001) })),
      headerOf({ load: { max_concurrency: 1 } }),
      /^held_back: .* 1 request in flight held back 2 requests/,
    ],
    [
      'a censored request',
      requests(3, (i) => (i === 0 ? failed('aborted') : {})),
      headerOf(),
      /^censored: 1 request was cut off/,
    ],
    [
      'a request in flight at the end of a closed loop',
      requests(3, (i) => (i === 0 ? failed('aborted', { ended_us: 60_000 }) : {})),
      headerOf({ load: { loop: 'closed', concurrency: 1 } }),
      // 60 of 60 + 70 + 70 ms in flight.
      /^cut_in_flight: 1 request in flight .* 30% too low\. .*--drain/m,
    ],
    [
      'a lost request in closed loop, with the error of the rates',
      requests(3),
      headerOf({ planned: 4, load: { loop: 'closed', concurrency: 1 } }),
      /^lost: 1 planned request .*rates.*too low/,
    ],
  ])('%s', async (_, samples, header, wanted) => expect(await noted(samples, header)).toMatch(wanted));

  test('a request that had exceeded a limit when it was cut off', async () => {
    const cut = requests(3, (i) => (i === 0 ? failed('aborted') : {}));
    expect(await noted(cut, headerOf(), { ttft: 60 })).toMatch(/^cut_missed: 1 request /m);
  });
});

describe('the error of closed-loop rates', () => {
  test('is not reported for requests cut off in open loop, or after the window', async () => {
    const cut = requests(3, (i) => (i === 2 ? failed('aborted', { ended_us: 260_000 }) : {}));
    expect(await noted(cut)).not.toMatch(/cut_in_flight/);
    const header = headerOf({ window: { start_us: 0, end_us: 200_000 }, load: { loop: 'closed' } });
    expect(await noted(cut, header)).not.toMatch(/cut_in_flight/);
  });

  test.each([
    { cv: 1, waves: 10, excess: 0.05 },
    { cv: 0.6, waves: 5, excess: 0.036 },
  ])(
    'without a warm-up is CV² ÷ (2 · waves): $cv, $waves',
    { tags: ['study'] },
    async ({ cv, waves, excess }) => {
      const load = { loop: 'closed', concurrency: 64 } as const;
      const window = seconds(0, waves);
      const runs = 80;
      let above = 0;
      let text: string | undefined;
      for (let seed = 0; seed < runs; seed++) {
        const samples = busySlots(64, cv, window.end_us, seed);
        const { report } = await run(samples, { header: headerOf({ window, load }) });
        above += (report.rates.rps! / 64 - 1) / runs;
        text = report.notes.find(({ code }) => code === 'synchronized_slots')?.text;
      }
      // Five standard errors: the relative error of a run of 64 · waves responses is CV ÷ √(64 · waves).
      expect(Math.abs(above - excess)).toBeLessThan((5 * cv) / Math.sqrt(64 * waves * runs) + 0.1 * excess);
      expect(text).toMatch(/about [2-7]% too high.*--warmup [34]s/);
    },
  );

  test('is not reported after a warm-up, for long runs, for equal responses, or in open loop', async () => {
    const load = { loop: 'closed', concurrency: 64 } as const;
    const ofSlots = (cv: number, header: RunHeader) =>
      noted(busySlots(64, cv, header.window!.end_us, 1), header);
    expect(await ofSlots(1, headerOf({ window: seconds(3, 13), load: { ...load, warmup_s: 3 } }))).toBe('');
    expect(await ofSlots(0.3, headerOf({ window: seconds(0, 10), load }))).toBe('');
    expect(await ofSlots(1, headerOf({ window: seconds(0, 10) }))).toBe('');
    const one = busySlots(1, 2, 10e6, 1);
    const window = { start_us: 0, end_us: one.at(-1)!.ended_us };
    const single = { ...load, concurrency: 1, requests: one.length };
    expect(await noted(one, headerOf({ window, load: single }))).toBe('');
    expect(await noted(one, headerOf({ window, load: { ...single, concurrency: 4 } }))).toMatch(
      /^synchronized_slots/,
    );
    expect(await ofSlots(1, headerOf({ window: seconds(0, 10), load }))).toMatch(/^synchronized_slots/);
  });
});
