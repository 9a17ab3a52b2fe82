import type { GateValue } from '../analysis/report.ts';
import { metricNamed } from '../metrics/registry.ts';
import type { Figure } from '../slo/grammar.ts';
import type { ComparedRun, Sides } from './compared-run.ts';
import { areMixed } from './currency.ts';
import type { Difference } from './difference.ts';
import type { Names } from './comparison-warnings.ts';
import { FIGURES, isPairFigure, valueIn } from './figures.ts';
import { RunGroups } from './run-groups.ts';
import { RunPair } from './run-pair.ts';

/** A figure before it has a verdict. */
export interface Measured {
  figure: Figure;
  base: number | null;
  new: number | null;
  difference: Difference | null;
  /** Why there is no difference. */
  why: string | null;
}

/** Returns every figure of both sides with its difference, or why there is none. */
export function measuredOf(
  sides: Sides,
  names: Names,
  { single, paired }: { single: boolean; paired: boolean },
): Measured[] {
  const source = single ? new RunPair(sides.base[0]!, sides.new[0]!) : new RunGroups(sides, paired);
  const isMixed = areMixed([...sides.base, ...sides.new]);
  const tooShort = single ? whyNoInterval(sides) : null;
  return FIGURES.filter((figure) => !single || isPairFigure(figure)).map((figure) => {
    if (isMixed && metricNamed(figure.metric)!.needsStated === 'cost')
      return {
        figure,
        base: null,
        new: null,
        difference: null,
        why: 'the costs are in different currencies',
      };
    const base = meanValue(sides.base, figure);
    const next = meanValue(sides.new, figure);
    const difference = tooShort === null && base !== null && next !== null ? source.difference(figure) : null;
    const why =
      difference !== null
        ? null
        : (withheldIn(sides, figure) ?? tooShort ?? whyNone({ figure, base, new: next }, names, single));
    return { figure, base, new: next, difference, why };
  });
}

const WITHHELD: Partial<Record<NonNullable<GateValue['why']>, string>> = {
  imported: 'the imported files do not hold it',
  per_event: 'events with several words each stand for tokens',
  buffered: 'the responses were buffered in transit',
  impossible: 'it is impossible on the stated machine',
};

/** Returns why a run of either side does not report the figure; `null` if every run does. */
function withheldIn({ base, new: next }: Sides, { metric, aggregation }: Figure): string | null {
  for (const { values } of [...base, ...next]) {
    const { why } = values.value(metric, aggregation);
    const text = why === null ? undefined : WITHHELD[why];
    if (text !== undefined) return text;
  }
  return null;
}

/** Returns why two single runs have no interval: each must be long enough for its own. */
function whyNoInterval({ base, new: next }: Sides): string | null {
  for (const { dir, report } of [base[0]!, next[0]!]) {
    const { why, length } = report.intervals;
    if (why === 'imported') return `${dir} was imported without start times`;
    if (why === 'load') return 'the plan changes the rate';
    if (why === 'lost') return `${dir} lost requests`;
    if (length === 'inconclusive') return `${dir} is too short`;
  }
  return null;
}

/** Returns true for a share of no or of all requests. */
const isWhole = (share: number): boolean => share === 0 || share === 1;

function whyNone(
  { figure: { metric }, base, new: next }: Pick<Measured, 'figure' | 'base' | 'new'>,
  names: Names,
  single: boolean,
): string {
  if (base === null && next === null) return 'neither side has a value';
  if (base === null || next === null) return `${base === null ? names.base : names.new} has no value`;
  const { series } = metricNamed(metric)!;
  if (series === 'good' && base === 1 && next === 1) return 'no miss on either side';
  if (series === 'failed' && base === 0 && next === 0) return 'no failure on either side';
  if ((series === 'good' || series === 'failed') && isWhole(base) && isWhole(next))
    return 'all requests of a side have the same result';
  return single ? 'too few values' : 'too few runs have a value';
}

function meanValue(runs: readonly ComparedRun[], figure: Figure): number | null {
  let sum = 0;
  for (const run of runs) {
    const value = valueIn(run, figure);
    if (value === null) return null;
    sum += value;
  }
  return sum / runs.length;
}
