import { textsOf } from '../analysis/note.ts';
import { EXIT, GoodputError } from '../errors.ts';
import { nameOf } from '../slo/deciding.ts';
import type { Figure } from '../slo/grammar.ts';
import { metricNamed } from '../metrics/registry.ts';
import { holmLevels } from '../statistics/holm.ts';
import { type PerEvent, perEventOf } from '../verdict/token-unit.ts';
import { assertComparable } from './comparability.ts';
import type { ComparedRun, Sides } from './compared-run.ts';
import type { Difference } from './difference.ts';
import {
  COMPARISON_VERSION,
  DEFAULT_SETTINGS,
  type ComparedFigure,
  type Comparison,
  type ComparisonSettings,
  type ComparisonVerdict,
} from './comparison-document.ts';
import { doubts, type Names } from './comparison-warnings.ts';
import { neededFor, verdictOf, type FigureVerdict, type Judging, type Needed } from './figure-verdict.ts';
import { defaultDeciding, directionOf, isPairFigure } from './figures.ts';
import { type Measured, measuredOf } from './measured-figures.ts';
import { currenciesOf, unitIn } from './currency.ts';
import { sideNames } from './side-names.ts';
import { sideOf, simulatedMark } from './describe-side.ts';
import type { InvalidReason } from './warning.ts';
import { unjudged, withholding } from './withheld-verdicts.ts';

/** Share of comparisons of equal endpoints in which any deciding figure raises a false alarm. */
const FAMILY_ALPHA = 0.05;

/**
 * Compares `new` with `base`: one run per side gives an indication, several give a verdict.
 * @param endpoints the names of endpoints that were compared by name
 * @throws {GoodputError} of kind `usage` if the runs cannot be compared, with every reason
 */
export function compare(
  given: Sides,
  settings: ComparisonSettings = DEFAULT_SETTINGS,
  endpoints?: Names,
): Comparison {
  assertDifferentRuns(given);
  assertComparable(given);
  const { sides, paired } = inPairs(given);
  const single = sides.base.length === 1 && sides.new.length === 1;
  const several = sides.base.length > 1 && sides.new.length > 1;
  const deciding = settings.deciding ?? defaultDeciding(currenciesOf([...sides.base, ...sides.new]), single);
  const unfit = single ? deciding.filter((figure) => !isPairFigure(figure)) : [];
  if (unfit.length > 0)
    throw new GoodputError(
      'usage',
      `two single runs cannot decide by ${unfit.map(nameOf).join(', ')}: no interval is known for it`,
      { hint: 'Give several runs a side: --base RUN RUN … --new RUN RUN …' },
    );
  const described = { base: sideOf(sides.base, endpoints?.base), new: sideOf(sides.new, endpoints?.new) };
  const [base, next] = sideNames(described.base, described.new);
  const names = { base, new: next };
  const doc = {
    ...simulatedMark(sides.base),
    schemaVersion: COMPARISON_VERSION,
    ...described,
    strength: several ? ('rounds' as const) : ('indicative' as const),
    paired,
    warnings: doubts(sides, names),
  };
  const reasons = invalidity(sides, settings.strict);
  const figures = judged(measuredOf(sides, names, { single, paired }), deciding, sides, settings);
  if (reasons.length > 0) {
    const shown = figures.map(({ figure, result }) => ({ figure, result: unjudged(result) }));
    return { ...doc, ...inPlaces(shown), verdict: invalid(deciding, settings, reasons) };
  }
  return { ...doc, ...inPlaces(figures), verdict: verdict(figures, settings) };
}

/** Refuses a run that is given twice: it would count as two. */
function assertDifferentRuns({ base, new: next }: Sides): void {
  if (base.length === 0 || next.length === 0)
    throw new GoodputError('usage', 'a comparison needs runs on both sides');
  const seen = new Map<string, string>();
  for (const { header, dir } of base.length + next.length > 2 ? [...base, ...next] : []) {
    const before = seen.get(header.id);
    if (before !== undefined)
      throw new GoodputError('usage', `${before} and ${dir} are one run: give each run once`);
    seen.set(header.id, dir);
  }
}

/** Sorts the runs of both sides by their seeds, if each plan was carried out once per side. */
function inPairs(sides: Sides): { sides: Sides; paired: boolean } {
  const hasSeeds = [...sides.base, ...sides.new].every(({ header }) => header.seed !== null);
  if (!hasSeeds) return { sides, paired: false };
  const bySeed = (runs: readonly ComparedRun[]): ComparedRun[] =>
    runs.toSorted((a, b) => a.header.seed! - b.header.seed!);
  const [base, next] = [bySeed(sides.base), bySeed(sides.new)];
  const paired =
    base.length > 1 &&
    base.length === next.length &&
    new Set(base.map(({ header }) => header.seed)).size === base.length &&
    base.every(({ header }, k) => header.seed === next[k]!.header.seed);
  return paired ? { sides: { base, new: next }, paired } : { sides, paired };
}

function invalidity({ base, new: next }: Sides, strict: boolean): InvalidReason[] {
  return [...base, ...next]
    .filter(({ audit }) => audit.status === 'invalid' || (strict && audit.status === 'suspect'))
    .map(({ dir, audit }) => ({
      code: audit.status === 'invalid' ? 'invalid_run' : 'suspect_run',
      text: `${dir}: ${textsOf(audit.reasons).join(' ')}`,
    }));
}

interface JudgedFigure {
  figure: Figure;
  result: ComparedFigure;
}

function judged(
  measured: readonly Measured[],
  wanted: readonly Figure[],
  sides: Sides,
  settings: ComparisonSettings,
): JudgedFigure[] {
  const names = new Set(wanted.map(nameOf));
  // A figure that neither side has (the pace of responses of one token) cannot decide.
  const family = measured.filter(
    ({ figure, base, new: next }) => names.has(nameOf(figure)) && (base !== null || next !== null),
  );
  const levels = holmLevels(
    family.map(({ difference }) => difference?.p ?? 1),
    FAMILY_ALPHA / settings.comparisons,
  );
  const withheld = withholding(sides);
  return measured.map((each) => {
    const place = family.indexOf(each);
    const confidence = 1 - (place === -1 ? FAMILY_ALPHA : levels[place]!);
    const judging: Judging = {
      tolerance: settings.tolerance,
      direction: directionOf(each.figure),
      confidence,
    };
    const result = compared(each, place !== -1, judging, sides);
    return { figure: each.figure, result: withheld(each.figure, result) };
  });
}

function compared(
  { figure, base, new: next, difference, why }: Measured,
  decides: boolean,
  judging: Judging,
  sides: Sides,
): ComparedFigure {
  const diff = difference?.value ?? (base === null || next === null ? null : next - base);
  const interval = difference?.interval(judging.confidence) ?? { low: null, high: null };
  const percent = (value: number | null): number | null =>
    value === null || base === null || base === 0 ? null : (value / Math.abs(base)) * 100;
  const verdict = difference === null || base === null ? 'inconclusive' : verdictOf(interval, base, judging);
  return {
    unit: unitIn(figure.metric, [...sides.base, ...sides.new]),
    ...perOf(figure, sides),
    base,
    new: next,
    diff,
    low: interval.low,
    high: interval.high,
    diff_pct: percent(diff),
    low_pct: notBelowZero(percent(interval.low)),
    high_pct: percent(interval.high),
    verdict,
    decides,
    confidence: judging.confidence,
    method: difference?.method ?? null,
    needed: verdict !== 'inconclusive' ? null : neededWith(difference, base, judging, sides),
    why,
  };
}

/** Returns the unit of token figures on both sides together. */
const perOf = ({ metric }: Figure, { base, new: next }: Sides): PerEvent =>
  metricNamed(metric)!.countsTokens ? perEventOf([...base, ...next].map(({ report }) => report)) : {};

function neededWith(
  difference: Difference | null,
  base: number | null,
  judging: Judging,
  { base: runs, new: others }: Sides,
): Needed | null {
  const single = runs.length === 1 && others.length === 1;
  if (difference !== null && base !== null) {
    const requests = Math.min(...[...runs, ...others].map(({ report }) => report.counts.cohort));
    const measured = single ? { requests } : { runs: Math.min(runs.length, others.length) };
    return 'runs' in measured && measured.runs < 2 ? null : neededFor(difference, base, measured, judging);
  }
  if (!single) return null;
  const needed = [runs[0]!, others[0]!].map(({ report }) => report.intervals.needed ?? 0);
  return Math.max(...needed) === 0 ? null : { requests: Math.max(...needed) };
}

function verdict(figures: readonly JudgedFigure[], settings: ComparisonSettings): ComparisonVerdict {
  const family = figures.filter(({ result }) => result.decides);
  const having = (wanted: FigureVerdict): string[] =>
    family.filter(({ result }) => result.verdict === wanted).map(({ figure }) => nameOf(figure));
  const same = having('same');
  const status =
    having('worse').length > 0
      ? 'worse'
      : having('better').length > 0
        ? 'better'
        : same.length === family.length && family.length > 0
          ? 'same'
          : 'inconclusive';
  const missed =
    settings.failOn !== 'never' &&
    (status === 'worse' || (settings.failOn === 'inconclusive' && status === 'inconclusive'));
  return {
    status,
    exitCode: missed ? EXIT.missed : EXIT.ok,
    decided_by: having(status),
    deciding: family.map(({ figure }) => nameOf(figure)),
    tolerance_pct: settings.tolerance * 100,
    fail_on: settings.failOn,
    reasons: [],
  };
}

const invalid = (
  deciding: readonly Figure[],
  settings: ComparisonSettings,
  reasons: InvalidReason[],
): ComparisonVerdict => ({
  status: 'invalid',
  exitCode: EXIT.invalid,
  decided_by: [],
  deciding: deciding.map(nameOf),
  tolerance_pct: settings.tolerance * 100,
  fail_on: settings.failOn,
  reasons,
});

function inPlaces(figures: readonly JudgedFigure[]): Pick<Comparison, 'metrics' | 'rates'> {
  const metrics: Comparison['metrics'] = {};
  const rates: Comparison['rates'] = {};
  for (const { figure, result } of figures) {
    if (figure.aggregation === null) rates[figure.metric] = result;
    else if (result.base !== null || result.new !== null)
      (metrics[figure.metric] ??= {})[figure.aggregation] = result;
  }
  return { metrics, rates };
}

/** Limits a relative difference to −100%: no figure is negative, but the interval of a difference of means may say so. */
const notBelowZero = (percent: number | null): number | null =>
  percent === null ? null : Math.max(-100, percent);
