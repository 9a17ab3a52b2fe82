import type { ComparedFigure } from '../compare/document.ts';
import type { Compared } from '../compare/ranking.ts';
import { csvTable, type Row } from './csv-table.ts';
import { figuresOf, type Pair, pairsOf } from './pairs.ts';

/**
 * A row a figure of each pair of endpoints (RFC 4180), with the keys of the document; `whole` is the verdict on the pair. A
 * pair without figures, as where a run is invalid, has one row that says why.
 */
export const renderComparisonCsv = (found: Compared): string =>
  csvTable(
    pairsOf(found)
      .flatMap(rowsOf)
      .map((row) => [['simulated', found.simulated === true], ...row]),
  );

function rowsOf(pair: Pair): Row[] {
  const figures = figuresOf(pair);
  if (figures.length > 0) return figures.map(({ name, figure }) => row(pair, name, figure, figure.why));
  return [row(pair, null, null, pair.verdict.reasons.join(' '))];
}

function row(
  { base, new: next, verdict }: Pair,
  name: string | null,
  figure: ComparedFigure | null,
  why: string | null,
): Row {
  const needed = figure?.needed ?? null;
  return [
    ['base', base],
    ['new', next],
    ['whole', verdict.status],
    ['figure', name],
    ['unit', figure?.unit ?? null],
    ['per', figure?.per ?? null],
    ['base_value', figure?.base ?? null],
    ['new_value', figure?.new ?? null],
    ['diff', figure?.diff ?? null],
    ['low', figure?.low ?? null],
    ['high', figure?.high ?? null],
    ['diff_pct', figure?.diff_pct ?? null],
    ['low_pct', figure?.low_pct ?? null],
    ['high_pct', figure?.high_pct ?? null],
    ['verdict', figure?.verdict ?? null],
    ['decides', figure?.decides ?? null],
    ['confidence', figure?.confidence ?? null],
    ['method', figure?.method ?? null],
    ['needed_runs', needed !== null && 'runs' in needed ? needed.runs : null],
    ['needed_requests', needed !== null && 'requests' in needed ? needed.requests : null],
    ['why', why],
  ];
}
