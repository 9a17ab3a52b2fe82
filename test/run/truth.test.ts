/** @module-tag timed */
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/sample.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { engineOf } from '../../src/simulate/engine-settings.ts';
import { simulate } from '../../src/simulator/engine/simulation.ts';
import { openWorkload } from '../../src/workload/workload.ts';
import { type EmbeddedRun, embedded } from './embedded.ts';

/** A machine that is busy with something else moves medians too; of three runs one meets a quiet moment. */
const ATTEMPTS = 3;
/** The largest median error, in steps of the engine: above half a step, an event could belong to another one. */
const P50_STEPS = 0.5;

const RUN: Flags = { warmup: '500ms', drain: '20s', 'no-probe': true };

/** Returns the result of the pure engine for the arrivals in the truth log. */
function replayed({ scenario, samples, log }: EmbeddedRun) {
  const { engine, cost } = engineOf(scenario.simulator);
  const workload = openWorkload(scenario);
  const byId = new Map(samples.map((sample): [string, Sample] => [sample.headers['x-request-id']!, sample]));
  const entered = [...log.requests.values()]
    .map((truth) => ({ truth, at_us: truth.entered_us! }))
    // Those of one microsecond came in the order of their ids.
    .toSorted((a, b) => a.at_us - b.at_us || number(a.truth.id) - number(b.truth.id));
  const requests = entered.map(({ truth, at_us }) => {
    const shared = workload.shared(byId.get(truth.id)!.i);
    return {
      arrival_us: at_us,
      prompt: truth.prompt,
      output: truth.computed,
      ...(shared === null ? {} : { prefix: { id: String(shared.group), length: shared.length } }),
    };
  });
  return { truths: entered.map(({ truth }) => truth), ...simulate({ engine, cost, requests }) };
}

const number = (id: string): number => Number(id.split('-').at(-1));

describe('a run of the embedded endpoint, compared with the truth log', () => {
  it.each([
    [
      'as users come',
      { preset: 'tiny', rate: '30/s', duration: '3s', 'input-tokens': '60', 'output-tokens': '20' },
      '',
    ],
    [
      'short of blocks, with shared beginnings',
      {
        preset: 'tiny',
        engine: ['kvBlocks=60', 'maxNumSeqs=16'],
        rate: '30/s',
        duration: '6s',
        'input-tokens': 'uniform:80-200',
        'output-tokens': 'uniform:20-60',
      },
      'workload: { prefix: { tokens: 64, groups: 3 } }',
    ],
    [
      'in closed loop, in bundles',
      {
        preset: 'tiny',
        concurrency: '6',
        duration: '2500ms',
        dialect: 'bundled',
        'input-tokens': '40',
        'output-tokens': '30',
      },
      '',
    ],
  ] as [string, Flags, string][])('%s', { timeout: 180_000 }, async (_, flags, text) => {
    let best = Infinity;
    for (let attempt = 1; attempt <= ATTEMPTS && best >= P50_STEPS; attempt++) {
      const run = await embedded({ ...RUN, ...flags }, text);
      const { truth, samples, log } = run;
      // No instant earlier than the truth, and every count exact, however busy the machine is.
      expect(truth).toMatchObject({ whole: true, agrees: true, samples_alone: 0, truth_alone: 0 });
      expect([truth.errors.sent.early, truth.errors.headers.early, truth.errors.events.early]).toEqual([
        0, 0, 0,
      ]);
      expect(truth.matched).toBe(samples.length);
      expect(truth.outcomes).toEqual({ ok: { measured: samples.length, truth: samples.length } });
      const { output_tokens, cached_tokens, preemptions } = truth.counts;
      expect(output_tokens.measured).toBe(samples.reduce((sum, sample) => sum + sample.output_tokens!, 0));

      // The endpoint in real time did what the pure engine makes of the same arrivals: to the microsecond.
      const replay = replayed(run);
      expect(preemptions.truth).toBe(replay.preemptions);
      expect(cached_tokens.truth).toBe(replay.cached_tokens.reduce((sum, cached) => sum + cached, 0));
      expect(log.totals).toMatchObject({
        peak_running: replay.peak_running,
        peak_blocks: replay.peak_blocks,
      });
      for (const [at, { computed_us, admitted_us, cached }] of replay.truths.entries()) {
        expect([admitted_us, cached]).toEqual([replay.admitted_us[at], replay.cached_tokens[at]]);
        const tokens = replay.tokens_us[at]!;
        if (flags.dialect === undefined) expect(computed_us).toEqual(tokens);
        else expect([computed_us[0], computed_us.at(-1)]).toEqual([tokens[0], tokens.at(-1)]);
      }
      if (text !== '') {
        expect(preemptions.truth).toBeGreaterThan(0);
        expect(cached_tokens.truth).toBeGreaterThan(0);
      }
      const tokens = replay.tokens_us.find(({ length }) => length > 1)!;
      const step_ms = (tokens.at(-1)! - tokens[0]!) / (tokens.length - 1) / 1000;
      best = Math.min(best, truth.errors.events.p50! / step_ms);
    }
    expect(best).toBeLessThan(P50_STEPS);
  });
});
