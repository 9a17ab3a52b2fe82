import type { ComparedFigure } from '../../compare/comparison-document.ts';
import type { Compared } from '../../compare/ranking.ts';
import { csvTable, type Row, type Value } from '../writers/csv-table.ts';
import { sizeOf } from './figure-text.ts';
import { figuresOf, type Pair, pairsOf, shortRunsOf } from './pairs.ts';

/**
 * Returns CSV (RFC 4180) with one row per figure and pair of endpoints; `whole` is the verdict on the pair. Differences of shares are
 * in percentage points (`diff_pp`), all others in percent of the base (`diff_pct`). Classes of failures and the cached share of the
 * input have rows without a verdict. An invalid pair has a first row with the reason.
 */
export const renderComparisonCsv = (found: Compared): string =>
  csvTable(pairsOf(found).flatMap((pair) => rowsOf(pair, found.simulated === true)));

interface Line {
  figure: string | null;
  unit: string | null;
  base: Value;
  new: Value;
  judged: ComparedFigure | null;
  why: string | null;
}

function rowsOf(pair: Pair, simulated: boolean): Row[] {
  const judged = figuresOf(pair).map(({ name, figure }): Line => ({
    figure: name,
    unit: figure.unit,
    base: figure.base,
    new: figure.new,
    judged: figure,
    why: figure.why,
  }));
  const none = { figure: null, unit: null, base: null, new: null, judged: null };
  const { reasons } = pair.verdict;
  const invalid = reasons.length === 0 ? [] : [{ ...none, why: reasons.map(({ text }) => text).join(' ') }];
  return [...invalid, ...judged, ...contextLines(pair)].map((line) => rowOf(pair, line, simulated));
}

/** Returns the figures that explain the speeds and have no verdict. */
function contextLines({ sides: { base, new: next } }: Pair): Line[] {
  const outcomes = new Set([base, next].flatMap(({ failures }) => Object.keys(failures)));
  const lines = [...outcomes].toSorted().map((outcome): Line => ({
    figure: `failures ${outcome}`,
    unit: 'requests',
    base: base.failures[outcome] ?? 0,
    new: next.failures[outcome] ?? 0,
    judged: null,
    why: null,
  }));
  if (base.cached_share === null && next.cached_share === null) return lines;
  const { cached_share: cached } = base;
  return lines.concat({
    figure: 'cached_share',
    unit: 'ratio',
    base: cached,
    new: next.cached_share,
    judged: null,
    why: null,
  });
}

function rowOf(pair: Pair, { judged, ...line }: Line, simulated: boolean): Row {
  const needed = judged?.needed ?? null;
  const sized = judged === null ? null : sizeOf(judged);
  const [percent, points] = sized?.unit === 'pp' ? [null, sized] : [sized, null];
  return [
    ['simulated', simulated],
    ['base', pair.base],
    ['new', pair.new],
    ['whole', pair.verdict.status],
    ['figure', line.figure],
    ['unit', line.unit],
    ['per', judged?.per ?? null],
    ['base_value', line.base],
    ['new_value', line.new],
    ['diff', judged?.diff ?? null],
    ['low', judged?.low ?? null],
    ['high', judged?.high ?? null],
    ['diff_pct', percent?.value ?? null],
    ['low_pct', percent?.low ?? null],
    ['high_pct', percent?.high ?? null],
    ['diff_pp', points?.value ?? null],
    ['low_pp', points?.low ?? null],
    ['high_pp', points?.high ?? null],
    ['verdict', judged?.verdict ?? null],
    ['decides', judged?.decides ?? null],
    ['confidence', judged?.confidence ?? null],
    ['method', judged?.method ?? null],
    ['needed_runs', needed !== null && 'runs' in needed ? needed.runs : null],
    ['needed_requests', needed !== null && 'requests' in needed ? needed.requests : null],
    ['base_short_runs', shortRunsOf(pair.sides.base)],
    ['new_short_runs', shortRunsOf(pair.sides.new)],
    ['why', line.why],
  ];
}
