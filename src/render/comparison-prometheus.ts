import type { ComparedFigure, ComparedSide } from '../compare/document.ts';
import type { Compared, RankedComparison } from '../compare/ranking.ts';
import { exposition, type Family, gaugesWith, type Labels, oneOf } from './exposition.ts';
import { simulatedComment } from './simulated.ts';
import { figuresOf, type Pair, pairsOf } from './pairs.ts';

const PAIR_VERDICTS = ['same', 'better', 'worse', 'inconclusive', 'invalid'] as const;
const RANKED_VERDICTS = ['ranked', 'same', 'inconclusive', 'invalid'] as const;
const FIGURE_VERDICTS = ['same', 'better', 'worse', 'inconclusive'] as const;

const gauge = gaugesWith({});

/**
 * A comparison in Prometheus' text format: the verdict, every figure of both sides in the unit of its label, and the difference
 * with its interval as a ratio to the base. What has no value has no series.
 */
export function renderComparisonPrometheus(found: Compared): string {
  const ranked = 'ranking' in found;
  const pairs = pairsOf(found);
  const families = exposition([
    gauge(
      'comparison',
      'The verdict on the whole comparison: 1 at the status that it has.',
      oneOf(ranked ? RANKED_VERDICTS : PAIR_VERDICTS, found.verdict.status),
    ),
    gauge('comparison_exit_code', 'Exit code that the verdict means.', [[{}, found.verdict.exitCode]]),
    gauge('comparison_tolerance_ratio', 'What differs by less counts as the same.', [
      [{}, found.verdict.tolerance_pct / 100],
    ]),
    ...endpointFamilies(found),
    ...pairs.flatMap(pairFamilies),
    ...(ranked ? [rankFamily(found)] : []),
  ]);
  return simulatedComment(found) + families;
}

interface Side {
  name: string;
  side: ComparedSide;
}

const sidesOf = (found: Compared): Side[] =>
  'ranking' in found
    ? found.endpoints.map((side) => ({ name: side.name, side }))
    : [
        { name: found.base.name ?? 'base', side: found.base },
        { name: found.new.name ?? 'new', side: found.new },
      ];

function endpointFamilies(found: Compared): Family[] {
  const sides = sidesOf(found);
  return [
    gauge(
      'comparison_endpoint_info',
      'Which endpoint a name stands for: always 1.',
      sides.map(({ name, side: { url, model, api } }) => [
        { endpoint: name, url, model: model ?? '', api },
        1,
      ]),
    ),
    gauge(
      'comparison_runs',
      'Runs of the endpoint that were compared.',
      sides.map(({ name, side }) => [{ endpoint: name }, side.runs.length]),
    ),
    gauge(
      'comparison_value',
      'Mean of a figure over the runs of an endpoint, in the unit of its label.',
      valuesOf(pairsOf(found)),
    ),
  ];
}

/** Each endpoint stands in several pairs of a ranking, with the same values. */
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
  const ratio = (value: (figure: ComparedFigure) => number | null): [Labels, number | null][] =>
    figures.map(({ name, figure }) => {
      const percent = value(figure);
      return [{ ...own, figure: name }, percent === null ? null : Number((percent / 100).toPrecision(15))];
    });
  return [
    gauge(
      'comparison_verdict',
      'The verdict on a pair of endpoints: 1 at the status that it has.',
      oneOf(PAIR_VERDICTS, pair.verdict.status).map(([labels, value]) => [{ ...own, ...labels }, value]),
    ),
    gauge(
      'comparison_figure_verdict',
      'The verdict on a figure that decides: 1 at the status that it has.',
      figures
        .filter(({ figure }) => figure.decides)
        .flatMap(({ name, figure }) =>
          oneOf(FIGURE_VERDICTS, figure.verdict).map(([labels, value]): [Labels, number] => [
            { ...own, figure: name, ...labels },
            value,
          ]),
        ),
    ),
    gauge(
      'comparison_difference_ratio',
      'The difference of a figure, new less base, by the base.',
      ratio(({ diff_pct }) => diff_pct),
    ),
    gauge(
      'comparison_difference_low_ratio',
      'Lower end of the interval of the difference.',
      ratio(({ low_pct }) => low_pct),
    ),
    gauge(
      'comparison_difference_high_ratio',
      'Upper end of the interval of the difference.',
      ratio(({ high_pct }) => high_pct),
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
