import { join } from 'node:path';
import { analyze } from '../../../src/analysis/analyze.ts';
import type { RunHeader } from '../../../src/record/header.ts';
import type { ScoredRun } from '../../../src/render/run/scored-run.ts';
import type { Sample } from '../../../src/sample.ts';
import { headerOf, slosOf } from '../../analysis/headers.ts';
import { passing } from '../reports.ts';

/** Returns a recorded run with these samples; its audit and verdict are those of another run. */
export async function scoredRun(
  samples: readonly Sample[],
  { header = headerOf(), limits = {} }: { header?: RunHeader; limits?: Record<string, number> } = {},
): Promise<ScoredRun> {
  const slos = slosOf(limits);
  const dir = join('reports', header.id);
  const { report, values, series } = await analyze(header, dir, samples, slos);
  return {
    ...passing(),
    report,
    values,
    series,
    dir,
    header,
    slos,
    async *samples() {
      yield* samples;
    },
  };
}
