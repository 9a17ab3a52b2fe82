import { existsSync, readFileSync } from 'node:fs';
import {
  familiesFile,
  LOADS,
  pairsFile,
  rowsIn,
  truthFile,
  type Family,
  type Outcome,
  type PairRow,
  type Single,
  type Truth,
} from './compare.ts';

const different = ({ status }: Outcome): boolean => status === 'worse' || status === 'better';
const apart = (outcome: Outcome): boolean => outcome.apart.length > 0;

function share<T>(rows: readonly T[], holds: (row: T) => boolean): string {
  if (rows.length === 0) return '–';
  const count = rows.filter(holds).length;
  return `${((count / rows.length) * 100).toFixed(1)} % (${count} of ${rows.length})`;
}

/** Coverage that statistics.md measured for one run of 1,000 requests, at the four loads. */
const PUBLISHED: Record<string, readonly number[]> = {
  'ttft mean': [95, 94, 82, 85],
  'tpot mean': [96, 92, 92, 90],
  attainment: [96, 94, 89, 84],
  'ttft p50': [98, 98, 90, 84],
  'ttft p95': [98, 96, 76, 81],
};

const covers = (interval: Single[string] | undefined, truth: number): boolean =>
  interval != null &&
  (interval.low === null || interval.low <= truth) &&
  (interval.high === null || truth <= interval.high);

/** All tables, as Markdown. */
export function compareReport(): string {
  const byLoad = LOADS.map((load) => rowsIn<Family>(familiesFile(load)));
  const all = byLoad.flat();
  const row = (title: string, each: (rows: readonly Family[]) => string): string =>
    `| ${title} | ${byLoad.map(each).join(' | ')} | ${each(all)} |`;
  const pairs = rowsIn<PairRow>(pairsFile());
  return [
    `| five rounds of 1,000 requests | ${LOADS.join(' | ')} | all |`,
    '|---|---|---|---|---|---|',
    row('equals called different', (rows) => share(rows, ({ equals }) => different(equals))),
    row('equals: some deciding interval leaves 0 out', (rows) => share(rows, ({ equals }) => apart(equals))),
    row('drifting equals called different', (rows) => share(rows, ({ drifting }) => different(drifting))),
    row('drifting equals: some interval leaves 0 out', (rows) =>
      share(rows, ({ drifting }) => apart(drifting)),
    ),
    row('a step 5 % slower called worse', (rows) => share(rows, ({ slower }) => slower.status === 'worse')),
    row('a step 5 % slower: some interval leaves 0 out', (rows) =>
      share(rows, ({ slower }) => apart(slower)),
    ),
    '',
    '| two runs of two minutes at 8 requests/s | |',
    '|---|---|',
    `| equals called worse | ${share(pairs, ({ equals }) => equals.status === 'worse')} |`,
    `| equals called different | ${share(pairs, ({ equals }) => different(equals))} |`,
    `| a step 10 % slower called worse | ${share(pairs, ({ slower }) => slower.status === 'worse')} |`,
    '',
    `| coverage of one run of 1,000 requests (published) | ${LOADS.join(' | ')} |`,
    '|---|---|---|---|---|',
    ...Object.keys(PUBLISHED).map((figure) => coverageRow(figure, byLoad)),
    '',
  ].join('\n');
}

function coverageRow(figure: string, byLoad: readonly (readonly Family[])[]): string {
  const cells = byLoad.map((rows, k) => {
    const file = truthFile(LOADS[k]!);
    if (!existsSync(file) || rows.length === 0) return '–';
    const truth = JSON.parse(readFileSync(file, 'utf8')) as Truth;
    const value: Record<string, number> = {
      'ttft mean': truth.ttft_mean,
      'tpot mean': truth.tpot_mean,
      'ttft p50': truth.ttft_p50,
      'ttft p95': truth.ttft_p95,
      attainment: 0.9,
    };
    const singles = rows.flatMap((row) => row.singles);
    const covered = singles.filter((single) => covers(single[figure], value[figure]!)).length;
    return `${((covered / singles.length) * 100).toFixed(1)} % of ${singles.length} (${PUBLISHED[figure]![k]})`;
  });
  return `| ${figure} | ${cells.join(' | ')} |`;
}
