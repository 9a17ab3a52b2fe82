import { SATURATION_RPS } from './jittery-server.ts';
import { LENGTHS, LOADS, singlesOf, truthOf, type Single } from './compare-rows.ts';

/** Published coverage in percent, by length of the run and load: 1,000 runs per cell. */
const PUBLISHED: Record<string, readonly (readonly number[])[]> = {
  'ttft mean': [
    [94, 93, 62, 73],
    [95, 94, 82, 85],
    [96, 95, 92, 86],
  ],
  'tpot mean': [
    [92, 91, 88, 80],
    [96, 92, 92, 90],
    [95, 95, 96, 94],
  ],
  goodput_rps: [
    [95, 96, 96, 88],
    [96, 97, 93, 77],
    [96, 96, 94, 81],
  ],
  attainment: [
    [96, 96, 76, 84],
    [96, 94, 89, 84],
    [95, 95, 93, 90],
  ],
  'attainment of 99%': [
    [99, 99, 100, 100],
    [98, 98, 99, 100],
    [97, 96, 97, 100],
  ],
  'ttft p50': [
    [97, 96, 90, 70],
    [98, 98, 90, 84],
    [98, 96, 95, 89],
  ],
  'ttft p95': [
    [98, 97, 68, 87],
    [98, 96, 76, 81],
    [98, 97, 89, 83],
  ],
  'ttft p99': [
    [99, 98, 96, 98],
    [99, 98, 95, 95],
    [98, 98, 96, 96],
  ],
};
const PUBLISHED_RUNS = 1000;

/** Other figures with intervals, without a published coverage. */
const OTHERS = [
  'tpot p50',
  'tpot p95',
  'tpot p99',
  'e2e mean',
  'e2e p50',
  'e2e p95',
  'e2e p99',
  'rps',
  'output_tps',
];

/** Cells this many standard errors below the published coverage are listed: about one cell in 200 is by chance. */
const FAR = 2.6;

interface Cell {
  covered: number;
  n: number;
  open: number;
}

const covers = ([low, high]: readonly [number | null, number | null], truth: number): boolean =>
  (low === null || low <= truth) && (high === null || truth <= high);

/** Returns the true values of a run at a load, by figure. */
function truths(load: number): Record<string, number> {
  const rate = load * SATURATION_RPS;
  return {
    ...truthOf(load),
    attainment: 0.9,
    'attainment of 99%': 0.99,
    // The rate of answers equals the rate of requests.
    rps: rate,
    goodput_rps: 0.9 * rate,
  };
}

function cellOf(singles: readonly Single[], figure: string, truth: number): Cell {
  const intervals = singles.map((single) => single.intervals[figure]).filter((each) => each !== undefined);
  return {
    covered: intervals.filter((each) => covers(each, truth)).length,
    n: intervals.length,
    open: intervals.filter(([, high]) => high === null).length,
  };
}

/** Returns the standard errors between a coverage and the published one. */
function distance({ covered, n }: Cell, published: number): number {
  // Never 0, because even a coverage of 100% is subject to chance.
  const variance = (share: number, runs: number): number => Math.max(share * (1 - share), 0.5 / runs) / runs;
  const [a, b] = [covered / n, published / 100];
  return (a - b) / Math.sqrt(variance(a, n) + variance(b, PUBLISHED_RUNS));
}

const percent = (count: number, n: number): string => (n === 0 ? '–' : ((count / n) * 100).toFixed(0));

export function coverageTables(): string[] {
  const known = LENGTHS.map((requests) =>
    LOADS.map((load) => ({ singles: singlesOf(load, requests), truth: truths(load) })),
  );
  const head = `| % of intervals that contain the true value, by load ${LOADS.join(' / ')} | ${LENGTHS.map((n) => `${n} requests`).join(' | ')} |`;
  const rule = `|---|${LENGTHS.map(() => '---|').join('')}`;
  const runs = `| runs | ${known.map((byLoad) => byLoad.map(({ singles }) => singles.length).join(' / ')).join(' | ')} |`;
  const rowOf = (figure: string): string => {
    const cells = known.map((byLoad, k) => {
      const found = byLoad.map(({ singles, truth }) => cellOf(singles, figure, truth[figure]!));
      const published = PUBLISHED[figure]?.[k];
      const texts = found.map((cell, at) => {
        const far = published !== undefined && cell.n > 0 && distance(cell, published[at]!) < -FAR;
        const text = percent(cell.covered, cell.n);
        return far ? `**${text}**` : text;
      });
      const open = found.some((cell) => cell.open > 0)
        ? `, open ${found.map((cell) => percent(cell.open, cell.n)).join('/')}`
        : '';
      return `${texts.join('/')}${published === undefined ? '' : ` (${published.join('/')})`}${open}`;
    });
    return `| ${figure} | ${cells.join(' | ')} |`;
  };
  const tables = [[head, rule, runs, ...[...Object.keys(PUBLISHED), ...OTHERS].map(rowOf)].join('\n')];
  tables.push(gateTable(known.flat()));
  return tables;
}

/**
 * Returns the coverage of runs that pass the gate on requests in flight, over all lengths and loads; the published
 * value is next to it.
 */
function gateTable(cells: readonly { singles: readonly Single[]; truth: Record<string, number> }[]): string {
  const gates = [0, 30, 60, 100];
  const published: Record<string, readonly number[]> = {
    'ttft mean': [88, 92, 93, 94],
    attainment: [89, 93, 94, 95],
    'ttft p95': [90, 94, 95, 97],
  };
  const accepted = (singles: readonly Single[], gate: number): Single[] =>
    singles.filter(({ effective }) => effective >= gate);
  // Every length and load has the same weight, as in the published figures.
  const mean = (values: readonly (number | null)[], weights: readonly number[]): string => {
    let sum = 0;
    let weight = 0;
    for (const [k, value] of values.entries())
      if (value !== null) {
        sum += value * weights[k]!;
        weight += weights[k]!;
      }
    return weight === 0 ? '–' : ((100 * sum) / weight).toFixed(0);
  };
  const shareOf = (gate: number): number[] =>
    cells.map(({ singles }) => (singles.length === 0 ? 0 : accepted(singles, gate).length / singles.length));
  const rows = Object.entries(published).map(([figure, known]) => {
    const texts = gates.map((gate, k) => {
      const coverage = cells.map(({ singles, truth }) => {
        const { covered, n } = cellOf(accepted(singles, gate), figure, truth[figure]!);
        return n === 0 ? null : covered / n;
      });
      return `${mean(coverage, shareOf(gate))} (${known[k]})`;
    });
    return `| ${figure} | ${texts.join(' | ')} |`;
  });
  const passing = gates.map((gate, k) => {
    const shares = shareOf(gate);
    const all = shares.reduce((sum, each) => sum + each, 0) / shares.length;
    return `${(all * 100).toFixed(0)} (${[100, 48, 28, 16][k]})`;
  });
  return [
    '| % of intervals that contain the true value, for runs with this many effective requests in flight | all | ≥ 30 | ≥ 60 | ≥ 100 |',
    '|---|---|---|---|---|',
    `| % of the runs | ${passing.join(' | ')} |`,
    ...rows,
  ].join('\n');
}
