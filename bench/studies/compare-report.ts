import {
  DECIDING,
  familiesFile,
  LOADS,
  pairsFile,
  rowsIn,
  type Deciding,
  type FamilyRow,
  type Outcome,
  type PairRow,
} from './compare-rows.ts';
import { coverageTables } from './coverage-report.ts';
import { shareText } from './exact-share.ts';

type Arm = 'equals' | 'drifting' | 'slower';

const different = ({ status }: Outcome): boolean => status === 'worse' || status === 'better';

/** Returns true if the interval at Holm's level excludes 0. */
function leavesOut({ figures }: Outcome, name: Deciding): boolean {
  const { low_pct = null, high_pct = null } = figures[name] ?? {};
  return (low_pct !== null && low_pct > 0) || (high_pct !== null && high_pct < 0);
}

/** Returns the same for an interval without correction for multiple figures. */
const ALPHA = 0.05;

const someLeavesOut = (outcome: Outcome): boolean => DECIDING.some((name) => leavesOut(outcome, name));
const someBelow = ({ figures }: Outcome, alpha: number): boolean =>
  DECIDING.some((name) => (figures[name]?.p ?? 1) < alpha);

function share<T>(rows: readonly T[], holds: (row: T) => boolean): string {
  return shareText(rows.filter(holds).length, rows.length);
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Returns all tables as Markdown. */
export function compareReport(): string {
  const byLoad = LOADS.map((load) => rowsIn<FamilyRow>(familiesFile(load)));
  const pairs = rowsIn<PairRow>(pairsFile());
  return [
    rounds(byLoad),
    reasons(byLoad.flat()),
    twoRuns(pairs),
    singlePairs(byLoad),
    ...coverageTables(),
  ].join('\n\n');
}

function rounds(byLoad: readonly (readonly FamilyRow[])[]): string {
  const all = byLoad.flat();
  const row = (title: string, arm: Arm, holds: (outcome: Outcome) => boolean): string[] => [
    title,
    ...[...byLoad, all].map((rows) => share(rows, (each) => holds(each[arm]))),
  ];
  return table(
    [
      '% of families of five rounds of 1,000 requests (95% interval of the share), by load',
      ...LOADS.map(String),
      'all',
    ],
    [
      ['families', ...[...byLoad, all].map((rows) => String(rows.length))],
      row('equal servers called different', 'equals', different),
      row('drifting equal servers called different', 'drifting', different),
      row('equal servers called the same', 'equals', ({ status }) => status === 'same'),
      row('equal servers: some deciding interval excludes 0', 'equals', someLeavesOut),
      row('drifting equal servers: some deciding interval excludes 0', 'drifting', someLeavesOut),
      row('a step 5% slower called worse', 'slower', ({ status }) => status === 'worse'),
      row('a step 5% slower: some deciding interval excludes 0', 'slower', someLeavesOut),
    ],
  );
}

/** Returns the false alarms by figure and together: uncorrected, after Holm, and after the tolerance. */
function reasons(rows: readonly FamilyRow[]): string {
  const arms: Arm[] = ['equals', 'drifting'];
  const cells = (each: (arm: Arm) => string[]): string[] => arms.flatMap(each);
  const ofFigure = (name: Deciding): string[] => [
    name,
    ...cells((arm) => {
      const out = rows.filter((row) => leavesOut(row[arm], name));
      const within = out.filter((row) => row[arm].figures[name]!.verdict === 'same');
      return [
        share(rows, (row) => (row[arm].figures[name]?.p ?? 1) < ALPHA),
        shareText(out.length, rows.length),
        `${within.length} of ${out.length}`,
      ];
    }),
  ];
  const ofAny = cells((arm) => {
    const out = rows.filter((row) => someLeavesOut(row[arm]));
    return [
      share(rows, (row) => someBelow(row[arm], ALPHA)),
      shareText(out.length, rows.length),
      `${out.filter((row) => !different(row[arm])).length} of ${out.length}`,
    ];
  });
  const head = (arm: string): string[] => [
    `${arm}: own 95% interval`,
    'after Holm',
    'of these within the tolerance',
  ];
  return table(
    ['% of families whose interval excludes 0', ...head('equal servers'), ...head('drifting equal servers')],
    [...DECIDING.map(ofFigure), ['any of the four', ...ofAny]],
  );
}

function twoRuns(rows: readonly PairRow[]): string {
  const worse = ({ status }: Outcome): boolean => status === 'worse';
  return table(
    ['% of pairs of single runs of two minutes at 8 requests/s', `${rows.length} pairs`],
    [
      ['equal servers called worse', share(rows, ({ equals }) => worse(equals))],
      ['equal servers called different', share(rows, ({ equals }) => different(equals))],
      [
        'equal servers: some deciding interval excludes 0',
        share(rows, ({ equals }) => someLeavesOut(equals)),
      ],
      ['drifting equal servers called worse', share(rows, ({ drifting }) => worse(drifting))],
      ['drifting equal servers called different', share(rows, ({ drifting }) => different(drifting))],
      [
        'drifting equal servers: some deciding interval excludes 0',
        share(rows, ({ drifting }) => someLeavesOut(drifting)),
      ],
      ['a step 10% slower called worse', share(rows, ({ slower }) => worse(slower))],
    ],
  );
}

/** Returns the table of two single runs of 1,000 requests with independent plans: A/A, and a step 5% slower. */
const PUBLISHED_PAIRS: Partial<Record<Deciding, { equals: string; slower: string }>> = {
  'ttft mean': { equals: '4/4/3/4', slower: '58/38/9/15' },
  attainment: { equals: '3/5/4/3', slower: '23/21/11/14' },
  'ttft p95': { equals: '1/3/12/6', slower: '9/9/17/7' },
};

function singlePairs(byLoad: readonly (readonly FamilyRow[])[]): string {
  const percent = (name: Deciding, arm: 'equals' | 'slower'): string =>
    byLoad
      .map((rows) => {
        const all = rows.flatMap(({ pairs }) => pairs.map((pair) => pair[arm][name]));
        const out = all.filter((p) => p !== null && p < 0.05).length;
        return all.length === 0 ? '–' : ((out / all.length) * 100).toFixed(1);
      })
      .join(' / ');
  const published = (name: Deciding, arm: 'equals' | 'slower'): string => {
    const known = PUBLISHED_PAIRS[name];
    return known === undefined ? '' : ` (${known[arm]})`;
  };
  const counts = byLoad.map((rows) => rows.length * 5).join(', ');
  return table(
    [
      `% of pairs of single runs of 1,000 requests whose 95% interval excludes 0, by load (${counts} pairs)`,
      'equal servers',
      'a step 5% slower',
    ],
    DECIDING.map((name) => [
      `${name} (${name === 'ttft p95' ? 'M' : 'W'})`,
      percent(name, 'equals') + published(name, 'equals'),
      percent(name, 'slower') + published(name, 'slower'),
    ]),
  );
}
