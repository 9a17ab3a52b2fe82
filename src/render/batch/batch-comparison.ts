import type { BatchComparison, ComparedSide } from '../../batch/figures/batch-comparison.ts';
import { clean, sentence } from '../layout/clean.ts';
import { count, significant, span, tokenRate } from '../../numbers.ts';
import { columns, hanging } from '../layout/layout.ts';
import { openPage, type Style } from '../layout/style.ts';
import { failuresText, money } from './batch.ts';

/** Returns the text of an online run and a batch side by side. */
export function renderBatchComparison({ sides, ratios, warnings }: BatchComparison, style: Style): string {
  const page = openPage(style);
  const row = (label: string, of: (side: ComparedSide) => string, ratio: number | null = null): string[] => [
    label,
    ...sides.map(of),
    ratio === null ? '' : `${significant(ratio)}x`,
  ];
  const known = (value: number | null, text: (value: number) => string): string =>
    value === null ? page.signs.none : text(value);
  const hasCost = sides.some(({ cost }) => cost !== null);
  const cost = (pick: (cost: NonNullable<ComparedSide['cost']>) => number | null) => (side: ComparedSide) =>
    side.cost === null ? page.signs.none : money(pick(side.cost), side.cost);
  const table = columns(
    [
      ['', ...sides.map(({ kind }) => kind), ''],
      row('requests', ({ requests }) => count(requests)),
      row('ok', ({ ok }) => count(ok)),
      row('failed', (side) => failuresText(side).slice(2) || '0'),
      row('makespan', ({ makespan_s: s }) => known(s, span), ratios.makespan),
      row('requests/s', ({ rps }) => known(rps, significant), ratios.rps),
      row('input tok/s', ({ input_tps: tps }) => known(tps, tokenRate), ratios.input_tps),
      row('output tok/s', ({ output_tps: tps }) => known(tps, tokenRate), ratios.output_tps),
      ...(hasCost
        ? [
            row(
              'cost',
              cost(({ total }) => total),
            ),
            row(
              'per request',
              cost((each) => each.per_request),
              ratios.cost_per_request,
            ),
            row(
              'per 1M output',
              cost((each) => each.per_1m_output),
              ratios.cost_per_1m_output,
            ),
          ]
        : []),
    ],
    ['left', 'right', 'right', 'right'],
  );
  const names = sides.map(({ kind, dir }, at) => `${at + 1}. ${kind}: ${clean(dir)}`);
  const notes = [
    'Rates are over the makespan: from the first byte sent to the last byte received. A batch has no latencies, so there is no verdict.',
    ...warnings,
  ];
  return `${[
    ...names.flatMap((name) => hanging('', name, page)),
    '',
    ...table,
    '',
    ...notes.flatMap((note) => hanging('', sentence(note, page.unicode), page)),
  ].join('\n')}\n`;
}
