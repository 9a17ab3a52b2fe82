import { analyze } from '../../src/analysis/analyze.ts';
import type { Analysis, AnalysisOptions } from '../../src/analysis/analyze.ts';
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
