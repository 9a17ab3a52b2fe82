import { rounded } from '../../numbers.ts';
import type { ComparedFigure } from '../../compare/comparison-document.ts';
import type { Compared, RankedComparison } from '../../compare/ranking.ts';
import type { Family, Labels } from '../../exposition.ts';
import { prometheusText, gaugesWith, oneOf } from '../writers/gauges.ts';
import { simulatedComment } from '../layout/simulated.ts';
import { figuresOf, namedSides, type NamedFigure, type Pair, pairsOf, shortRunsOf } from './pairs.ts';

const PAIR_VERDICTS = ['same', 'better', 'worse', 'inconclusive', 'invalid'] as const;
const RANKED_VERDICTS = ['ranked', 'same', 'inconclusive', 'invalid'] as const;
const FIGURE_VERDICTS = ['same', 'better', 'worse', 'inconclusive'] as const;

const gauge = gaugesWith({});

/**
 * Returns a comparison in Prometheus' text format: the verdict, every figure of both sides in the unit of its label, and the
 * difference with its interval: as a ratio to the base, for shares in percentage points. A figure without a value has no series.
 */
export function renderComparisonPrometheus(found: Compared): string {
  const ranked = 'ranking' in found;
  const pairs = pairsOf(found);
  const families = prometheusText([
    gauge(
      'comparison',
      'Overall verdict: 1 for the current status, 0 for the others.',
      oneOf(ranked ? RANKED_VERDICTS : PAIR_VERDICTS, found.verdict.status),
    ),
    gauge('comparison_exit_code', 'Exit code of the verdict.', [[{}, found.verdict.exitCode]]),
    gauge('comparison_tolerance_ratio', 'Tolerance: a smaller difference counts as the same.', [
      [{}, found.verdict.tolerance_pct / 100],
    ]),
    ...endpointFamilies(found),
    ...pairs.flatMap(pairFamilies),
    ...(ranked ? [rankFamily(found)] : []),
  ]);
  return simulatedComment(found) + families;
}

function endpointFamilies(found: Compared): Family[] {
  const sides = namedSides(found);
  const roles = 'ranking' in found ? null : ['base', 'new'];
  return [
    gauge(
      'comparison_endpoint_info',
      'URL, model and API of the endpoint with this name; always 1.',
      sides.map(({ name, side: { url, model, api } }, k) => [
        { endpoint: name, url, model: model ?? '', api, ...(roles === null ? {} : { side: roles[k]! }) },
        1,
      ]),
    ),
    gauge(
      'comparison_runs',
      'Compared runs of the endpoint.',
      sides.map(({ name, side }) => [{ endpoint: name }, side.runs.length]),
    ),
    gauge(
      'comparison_short_runs',
      'Compared runs that are too short for intervals of their own.',
      sides.map(({ name, side }) => [{ endpoint: name }, shortRunsOf(side)]),
    ),
    gauge(
      'comparison_failures',
      'Failed requests by outcome.',
      sides.flatMap(({ name, side }) =>
        Object.entries({ rate_limited: 0, ...side.failures }).map(([outcome, requests]): [Labels, number] => [
          { endpoint: name, outcome },
          requests,
        ]),
      ),
    ),
    gauge(
      'comparison_cached_input_ratio',
      'Share of input tokens found in the prefix cache.',
      sides.map(({ name, side }) => [{ endpoint: name }, side.cached_share]),
    ),
    gauge(
      'comparison_value',
      'Mean of a figure over the runs of an endpoint, in the unit of its label.',
      valuesOf(pairsOf(found)),
    ),
  ];
}

/** Returns the values of each endpoint once, although a ranking has it in several pairs. */
function valuesOf(pairs: readonly Pair[]): [Labels, number | null][] {
  const seen = new Set<string>();
  return pairs.flatMap((pair) =>
    figuresOf(pair).flatMap(({ name: figure, figure: found }) =>
      (['base', 'new'] as const).flatMap((side): [Labels, number | null][] => {
        const key = JSON.stringify([pair[side], figure]);
        if (seen.has(key)) return [];
        seen.add(key);
        const { unit, per } = found;
        return [[{ endpoint: pair[side], figure, unit, ...(per === undefined ? {} : { per }) }, found[side]]];
      }),
    ),
  );
}

function pairFamilies(pair: Pair): Family[] {
  const own = { base: pair.base, new: pair.new };
  const figures = figuresOf(pair);
  const relative = figures.filter(({ figure }) => figure.unit !== 'ratio');
  const shares = figures.filter(({ figure }) => figure.unit === 'ratio');
  const series = (
    some: readonly NamedFigure[],
    value: (figure: ComparedFigure) => number | null,
    scale: number,
  ): [Labels, number | null][] =>
    some.map(({ name, figure }) => {
      const found = value(figure);
      return [{ ...own, figure: name }, found === null ? null : rounded(found * scale, 15)];
    });
  const ends = (
    name: string,
    unit: string,
    some: readonly NamedFigure[],
    [value, low, high]: readonly ((figure: ComparedFigure) => number | null)[],
    scale: number,
  ): Family[] => [
    gauge(
      `comparison_difference_${name}`,
      `Difference of a figure, new minus base, ${unit}.`,
      series(some, value!, scale),
    ),
    gauge(
      `comparison_difference_low_${name}`,
      'Lower end of the interval of the difference.',
      series(some, low!, scale),
    ),
    gauge(
      `comparison_difference_high_${name}`,
      'Upper end of the interval of the difference.',
      series(some, high!, scale),
    ),
  ];
  return [
    gauge(
      'comparison_verdict',
      'Verdict on a pair of endpoints: 1 for the current status, 0 for the others.',
      oneOf(PAIR_VERDICTS, pair.verdict.status).map(([labels, value]) => [{ ...own, ...labels }, value]),
    ),
    gauge(
      'comparison_figure_verdict',
      'Verdict on a deciding figure: 1 for the current status, 0 for the others.',
      figures
        .filter(({ figure }) => figure.decides)
        .flatMap(({ name, figure }) =>
          oneOf(FIGURE_VERDICTS, figure.verdict).map(([labels, value]): [Labels, number] => [
            { ...own, figure: name, ...labels },
            value,
          ]),
        ),
    ),
    ...ends(
      'ratio',
      'divided by the base',
      relative,
      [({ diff_pct }) => diff_pct, ({ low_pct }) => low_pct, ({ high_pct }) => high_pct],
      0.01,
    ),
    ...ends(
      'points',
      'in percentage points of a share',
      shares,
      [({ diff }) => diff, ({ low }) => low, ({ high }) => high],
      100,
    ),
  ];
}

const rankFamily = ({ ranking }: RankedComparison): Family =>
  gauge(
    'comparison_rank',
    'Rank of an endpoint by a figure: 1 plus the number of endpoints that are better, directly or through others.',
    ranking.flatMap(({ figure, order }) =>
      order.map(({ name, rank }): [Labels, number | null] => [{ endpoint: name, figure }, rank]),
    ),
  );
