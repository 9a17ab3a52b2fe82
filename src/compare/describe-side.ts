import type { ComparedRun } from './compared-run.ts';
import type { ComparedSide } from './comparison-document.ts';
import { cachedShareOf, errorRateOf, isShort, tokenSourceOf } from './comparison-warnings.ts';

function failuresOf(runs: readonly ComparedRun[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { report } of runs)
    for (const [outcome, count] of Object.entries(report.counts.outcomes))
      if (outcome !== 'ok') sums[outcome] = (sums[outcome] ?? 0) + count;
  return sums;
}

/** Returns the description of a side in the document. */
export function sideOf(runs: readonly ComparedRun[], name?: string): ComparedSide {
  const { url, api, model, simulated } = runs[0]!.report.endpoint;
  const lengths = runs.map(({ report }) => report.tokens.output.actual_mean).filter((each) => each !== null);
  return {
    ...(name === undefined ? {} : { name }),
    url,
    api,
    model,
    simulated,
    error_rate: errorRateOf(runs),
    failures: failuresOf(runs),
    token_source: tokenSourceOf(runs),
    output_tokens:
      lengths.length === 0 ? null : lengths.reduce((sum, each) => sum + each, 0) / lengths.length,
    cached_share: cachedShareOf(runs),
    runs: runs.map(({ dir, header, report }) => ({
      dir,
      id: header.id,
      name: header.name,
      startedAt: header.started,
      seed: header.seed,
      requests: report.counts.cohort,
      short: isShort(report),
    })),
  };
}

/** Returns the first key of a comparison of simulated endpoints: all sides are simulated, or none is. */
export const simulatedMark = ([run]: readonly ComparedRun[]): { simulated?: true } =>
  run!.report.endpoint.simulated ? { simulated: true } : {};
