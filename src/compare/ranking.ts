import type { Exits } from '../verdict/exits.ts';
import { meanOf, varianceOf } from '../statistics/moments.ts';
import { tQuantile } from '../statistics/student.ts';
import { CONFIDENCE } from '../statistics/interval.ts';
import { metricNamed } from '../metrics/registry.ts';
import { nameOf } from '../slo/deciding.ts';
import type { Figure } from '../slo/grammar.ts';
import { EXIT } from '../errors.ts';
import { compare } from './comparison.ts';
import type { ComparedRun } from './compared-run.ts';
import {
  COMPARISON_VERSION,
  type ComparedSide,
  type Comparison,
  type ComparisonSettings,
} from './comparison-document.ts';
import { type PerEvent, perEventOf } from '../verdict/token-unit.ts';
import { currenciesOf, unitIn } from './currency.ts';
import { defaultDeciding, directionOf, valueIn } from './figures.ts';
import type { FigureVerdict } from './figure-verdict.ts';
import { ranksOf } from './ranks.ts';
import { sideOf, simulatedMark } from './describe-side.ts';
import type { InvalidReason, Warning } from './warning.ts';

/** A named endpoint with its runs, one per round. */
export interface Contender {
  name: string;
  runs: readonly ComparedRun[];
}

/** A figure of an endpoint: the mean over its rounds, with Student's interval. */
export interface RoundsFigure extends PerEvent {
  unit: string;
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface RankedEndpoint extends ComparedSide {
  name: string;
  /** Deciding figures. */
  figures: Record<string, RoundsFigure>;
}

/**
 * The order by one figure: by rank, within a rank by value. The rank is 1 plus the number of endpoints that are better, directly or
 * through others; an endpoint without a value has none.
 */
export interface Ranking {
  figure: string;
  order: { name: string; value: number | null; rank: number | null }[];
}

/** A comparison of more than two endpoints. */
export interface RankedComparison {
  /** Only of a simulated endpoint. */
  simulated?: true;
  schemaVersion: number;
  strength: Comparison['strength'];
  endpoints: RankedEndpoint[];
  ranking: Ranking[];
  pairs: (Pick<Comparison, 'metrics' | 'rates'> & {
    base: string;
    new: string;
    verdict: Comparison['verdict'];
  })[];
  warnings: Warning[];
  verdict: {
    /** `ranked`: some difference is statistically significant. */
    status: 'ranked' | 'same' | 'inconclusive' | 'invalid';
    exitCode: number;
    deciding: string[];
    tolerance_pct: number;
    fail_on: ComparisonSettings['failOn'];
    reasons: InvalidReason[];
  };
}

/** A comparison, of two endpoints or of more. */
export type Compared = Comparison | RankedComparison;

/** A comparison with the runs of each side, in its order. */
export interface ComparedRuns {
  compared: Compared;
  sides: readonly (readonly ComparedRun[])[];
  /** How the exit code of the process relates to the verdict; absent: it is that of the verdict. */
  exits?: Exits | undefined;
}

/**
 * Compares every endpoint with every other. All deciding figures of all pairs share one chance of a false alarm.
 * @throws {GoodputError} of kind `usage` if the runs cannot be compared
 */
export function rank(contenders: readonly Contender[], settings: ComparisonSettings): RankedComparison {
  const couples = contenders.flatMap((base, k) => contenders.slice(k + 1).map((next) => ({ base, next })));
  const runs = contenders.flatMap((contender) => contender.runs);
  const isSingle = runs.length === contenders.length;
  const deciding = settings.deciding ?? defaultDeciding(currenciesOf(runs), isSingle);
  const shared = { ...settings, deciding, comparisons: couples.length };
  const found = couples.map(({ base, next }) => ({
    base: base.name,
    new: next.name,
    comparison: compare({ base: base.runs, new: next.runs }, shared, { base: base.name, new: next.name }),
  }));
  const reasons = distinct(found.flatMap(({ comparison }) => comparison.verdict.reasons));
  const statuses = found.map(({ comparison }) => comparison.verdict.status);
  const status =
    reasons.length > 0
      ? 'invalid'
      : statuses.some((each) => each === 'worse' || each === 'better')
        ? 'ranked'
        : statuses.every((each) => each === 'same')
          ? 'same'
          : 'inconclusive';
  // The exit code comes from the pairs with the base, which is the first.
  const first = found.slice(0, contenders.length - 1).map(({ comparison }) => comparison.verdict.exitCode);
  return {
    ...simulatedMark(contenders[0]!.runs),
    schemaVersion: COMPARISON_VERSION,
    strength: found[0]!.comparison.strength,
    endpoints: contenders.map((contender) => endpointOf(contender, deciding)),
    ranking: reasons.length > 0 ? [] : deciding.map((figure) => rankingBy(figure, contenders, found)),
    pairs: found.map(({ base, new: next, comparison: { metrics, rates, verdict } }) => ({
      base,
      new: next,
      metrics,
      rates,
      verdict,
    })),
    warnings: distinct(found.flatMap(({ comparison }) => comparison.warnings)),
    verdict: {
      status,
      exitCode: reasons.length > 0 ? EXIT.invalid : first.includes(EXIT.missed) ? EXIT.missed : EXIT.ok,
      deciding: deciding.map(nameOf),
      tolerance_pct: settings.tolerance * 100,
      fail_on: settings.failOn,
      reasons,
    },
  };
}

/** Returns the notes without repetitions of one text. */
const distinct = <N extends Pick<Warning, 'text'>>(notes: readonly N[]): N[] => [
  ...new Map(notes.map((note) => [note.text, note])).values(),
];

interface FoundPair {
  base: string;
  new: string;
  comparison: Comparison;
}

const figureIn = (
  { metrics, rates }: Pick<Comparison, 'metrics' | 'rates'>,
  { metric, aggregation }: Figure,
) => (aggregation === null ? rates[metric] : metrics[metric]?.[aggregation]);

function rankingBy(figure: Figure, contenders: readonly Contender[], found: readonly FoundPair[]): Ranking {
  const verdictOn = (base: string, next: string): FigureVerdict | undefined => {
    const pair = found.find((each) => each.base === base && each.new === next);
    return pair === undefined ? undefined : figureIn(pair.comparison, figure)?.verdict;
  };
  const listed = contenders.map((contender) => ({
    name: contender.name,
    value: summaryOf(contender, figure).value,
  }));
  const ranked = listed.filter(({ value }) => value !== null);
  const ranks = ranksOf(
    ranked,
    (one, other) =>
      verdictOn(other.name, one.name) === 'better' || verdictOn(one.name, other.name) === 'worse',
  );
  const order = ranked
    .map(({ name, value }, k) => ({ name, value, rank: ranks[k]! }))
    .toSorted((a, b) => a.rank - b.rank || (b.value! - a.value!) * directionOf(figure));
  const unranked = listed
    .filter(({ value }) => value === null)
    .map(({ name, value }) => ({ name, value, rank: null }));
  return { figure: nameOf(figure), order: [...order, ...unranked] };
}

function endpointOf(contender: Contender, deciding: readonly Figure[]): RankedEndpoint {
  return {
    ...sideOf(contender.runs),
    name: contender.name,
    figures: Object.fromEntries(deciding.map((figure) => [nameOf(figure), summaryOf(contender, figure)])),
  };
}

function summaryOf({ runs }: Contender, figure: Figure): RoundsFigure {
  const { isShare, countsTokens } = metricNamed(figure.metric)!;
  const unit = unitIn(figure.metric, runs);
  const per = countsTokens ? perEventOf(runs.map(({ report }) => report)) : {};
  const values = runs.map((run) => valueIn(run, figure)).filter((value) => value !== null);
  if (values.length < runs.length || runs.length === 0)
    return { unit, ...per, value: null, low: null, high: null };
  const value = meanOf(values);
  if (values.length < 2) return { unit, ...per, value, low: null, high: null };
  const half = tQuantile(CONFIDENCE, values.length - 1) * Math.sqrt(varianceOf(values) / values.length);
  return {
    unit,
    ...per,
    value,
    low: Math.max(0, value - half),
    high: isShare ? Math.min(1, value + half) : value + half,
  };
}
