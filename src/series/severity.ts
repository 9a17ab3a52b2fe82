import type { Judge } from '../analysis/judging.ts';
import { REQUEST_METRICS } from '../metrics/registry.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import type { Sample } from '../sample.ts';
import type { RequestSlo } from '../slo/grammar.ts';

/** Returns the metrics whose limit the request that was judged last missed. */
export const missedBy = (judge: Judge, slos: readonly RequestSlo[]): string[] =>
  slos.filter((_, at) => judge.results[at] === 'missed').map(({ metric }) => metric);

/**
 * Returns how close a request came to its limits, or how far it exceeded them: the largest ratio of a value to its limit, above 1 for a miss.
 * For a wait that was cut off, the time until then is the value. Without SLOs, the time from the start to the end in milliseconds.
 */
export function severityOf(
  sample: Sample,
  figures: RequestFigures,
  judge: Judge,
  slos: readonly RequestSlo[],
): number {
  const elapsed_ms = (sample.ended_us - figures.start_us) / 1000;
  if (slos.length === 0) return figures.value('e2e') ?? elapsed_ms;
  let most = 0;
  for (const [at, { metric, op, value: limit }] of slos.entries()) {
    const { name } = REQUEST_METRICS.find((each) => each.name === metric)!;
    const value = figures.value(name) ?? (judge.results[at] === 'missed' ? elapsed_ms : null);
    if (value === null) continue;
    const ratio = op === '<=' ? value / limit : limit / value;
    if (ratio > most) most = ratio;
  }
  return most;
}
