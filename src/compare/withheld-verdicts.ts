import type { Figure } from '../slo/grammar.ts';
import { metricNamed } from '../metrics/registry.ts';
import type { Sides } from './compared-run.ts';
import type { ComparedFigure } from './comparison-document.ts';
import { errorRateOf, FAILURES_ALIKE, tokenSourceOf } from './comparison-warnings.ts';

const countsTokensOf = (metric: string): boolean => metricNamed(metric)?.countsTokens === true;

/** Returns a function that withholds verdicts that the runs do not support, whatever their intervals. */
export function withholding({
  base,
  new: next,
}: Sides): (figure: Figure, result: ComparedFigure) => ComparedFigure {
  const sources = [tokenSourceOf(base), tokenSourceOf(next)];
  const mixed = sources[0] !== sources[1] && sources.includes('events');
  const limits = base[0]!.report.slo?.limits ?? {};
  const judgesTokens = Object.keys(limits).some(countsTokensOf);
  const failing = errorRateOf(next) - errorRateOf(base);
  const biasedVerdict = Math.abs(failing) <= FAILURES_ALIKE ? null : failing > 0 ? 'better' : 'worse';
  const none = (result: ComparedFigure, why: string): ComparedFigure => ({
    ...result,
    verdict: 'inconclusive',
    needed: null,
    why,
  });
  return ({ metric }, result) => {
    const countsTokens = countsTokensOf(metric) || (metricNamed(metric)!.countsGood && judgesTokens);
    if (mixed && countsTokens) return none(result, 'one side counts events, the other tokens');
    if (result.verdict === biasedVerdict && metricNamed(metric)!.kind !== 'run')
      return none(result, 'the side that failed more does not count as faster');
    return result;
  };
}

/** Returns a figure of a comparison with an invalid run: both values and their difference, without an interval and a verdict. */
export const unjudged = (result: ComparedFigure): ComparedFigure => ({
  ...result,
  low: null,
  high: null,
  low_pct: null,
  high_pct: null,
  verdict: 'inconclusive',
  method: null,
  needed: null,
  why: result.base === null || result.new === null ? result.why : 'a run cannot be trusted',
});
