import { analyze } from '../../src/analysis/analyze.ts';
import type { Analysis, AnalysisOptions } from '../../src/analysis/analyze.ts';
import { randomStream } from '../../src/random.ts';
import type { RunHeader } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';
import { headerOf, slosOf } from './headers.ts';

/** `count` requests, one every 100 ms, each with two tokens at 50 and 70 ms; `change` makes some of them different. */
export function requests(count: number, change: (i: number) => object = () => ({})): Sample[] {
  return Array.from({ length: count }, (_, i) => {
    const at = i * 100_000;
    const usual = {
      phase: 'measure',
      sent_us: at,
      events_us: [at + 50_000, 20_000],
      answer: 0,
      status: 200,
      finish: 'stop',
      tokens_from: 'usage',
      output_tokens: 2,
      input_tokens: 10,
    };
    return sampleOf({ i, planned_us: at, ended_us: at + 70_000, ...usual, ...change(i) });
  });
}

/** Slots that are never idle, each with responses of independent lengths (lognormal, mean 1 s), from 0 until after `end_us`. */
export function busySlots(slots: number, cv: number, end_us: number, seed: number): Sample[] {
  const random = randomStream(seed, 'slots');
  const variance = Math.log(1 + cv * cv);
  const samples: Sample[] = [];
  for (let slot = 0; slot < slots; slot++)
    for (let sent_us = 0; sent_us < end_us; sent_us = samples.at(-1)!.ended_us) {
      const seconds = Math.exp(Math.sqrt(variance) * random.normal() - variance / 2);
      const ended_us = sent_us + Math.round(1e6 * seconds);
      samples.push(
        sampleOf({
          i: samples.length,
          phase: 'measure',
          planned_us: sent_us,
          sent_us,
          events_us: [ended_us],
          ended_us,
          tokens_from: 'usage',
          output_tokens: 1,
        }),
      );
    }
  return samples;
}

export const failed = (outcome: string, more: object = {}): object => ({
  outcome,
  events_us: [],
  finish: null,
  output_tokens: null,
  ...more,
});

export function run(
  samples: Iterable<Sample>,
  {
    header = headerOf(),
    limits = {},
    options,
  }: { header?: RunHeader; limits?: Record<string, number>; options?: AnalysisOptions } = {},
): Promise<Analysis> {
  return analyze(header, 'reports/run', samples, slosOf(limits), options);
}
