import type { Arrivals } from '../../dataset/inspect/arrivals.ts';
import type { Coverage } from '../../dataset/inspect/coverage.ts';
import type { InspectionDocument } from '../../dataset/inspect/inspection.ts';
import type { LengthGroup } from '../../dataset/inspect/group-lengths.ts';
import type { LengthFigures } from '../../dataset/inspect/length-figures.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, share, significant } from '../../numbers.ts';
import { columns, entry } from '../layout/layout.ts';
import { openPage, type Page, type Style } from '../layout/style.ts';
import { qualityLines } from './quality.ts';

const MOST_LISTED = 8;

/** Returns what a data set contains, as text. */
export function renderInspection(document: InspectionDocument, style: Style): string {
  const page = openPage(style);
  const { format, files, records, skipped, sessions, turns, arrivals, coverage, quality, groups } = document;
  const lines = [
    ...files.flatMap(({ path, bytes, sha256 }, at) =>
      entry(
        at === 0 ? 'Files' : '',
        `${path === '-' ? 'stdin' : clean(path)}: ${plural(bytes, 'byte')}, SHA-256 ${sha256.slice(0, 12)}…`,
        page,
      ),
    ),
    ...entry('Format', format, page),
    ...entry(
      'Records',
      `${count(records)} read${skipped > 0 ? `, ${count(skipped)} skipped: no user or tool message` : ''}`,
      page,
    ),
    ...entry(
      'Sessions',
      `${count(sessions)}${turns.mean === null ? '' : `, ${significant(turns.mean)} turns on average, at most ${count(turns.max)}`}`,
      page,
    ),
    '',
    ...lengthTable(document, page),
    '',
    ...(groups === undefined ? [] : [...groupTable(groups, page), '']),
    ...contents(document, page),
    ...(arrivals === null || arrivals.rate_rps === null
      ? []
      : entry('Arrivals', arrivalsText(arrivals), page)),
    ...entry(
      'Coverage',
      coverage.entropy_bits === null
        ? page.signs.none
        : `${coverageText(coverage)}${coverage.largest_share! > 0.5 && sessions > 1 ? `, ${page.ink.warn('more than half')}` : ''}`,
      page,
    ),
    '',
    ...qualityLines(quality, page),
    '',
  ];
  return lines.join('\n');
}

function lengthTable({ unit, input, output, correlation }: InspectionDocument, page: Page): string[] {
  const figure = (value: number | null): string => (value === null ? page.signs.none : significant(value));
  const keys = ['mean', 'sd', 'p50', 'p90', 'p95', 'p99', 'max'] as const;
  const row = (name: string, figures: LengthFigures): string[] => [
    name,
    count(figures.count),
    ...keys.map((key) => figure(figures[key])),
  ];
  return [
    ...columns(
      [
        [unit === 'tokens' ? 'Tokens' : 'Words', 'turns', ...keys].map(page.ink.strong),
        row('input', input),
        row('output', output),
      ],
      ['left', 'right', ...keys.map(() => 'right' as const)],
    ),
    ...(correlation.pearson === null
      ? []
      : [
          '',
          ...entry(
            'Correlation',
            `of input and output: Pearson ${significant(correlation.pearson, 2)}, Spearman ${figure(correlation.spearman)}`,
            page,
          ),
        ]),
  ];
}

/** The groups shown; `--json` has all. */
const MOST_GROUPS = 20;

function groupTable(groups: readonly LengthGroup[], page: Page): string[] {
  const figure = (value: number | null): string => (value === null ? page.signs.none : significant(value));
  const more = groups.length - MOST_GROUPS;
  return [
    ...columns(
      [
        ['Group', 'sessions', 'input mean', 'p50', 'p95', 'output mean', 'p50', 'p95'].map(page.ink.strong),
        ...groups
          .slice(0, MOST_GROUPS)
          .map(({ group, sessions, input, output }) =>
            [group === '' ? page.signs.none : clean(group).slice(0, 20), count(sessions)].concat(
              [input.mean, input.p50, input.p95, output.mean, output.p50, output.p95].map(figure),
            ),
          ),
      ],
      ['left', ...Array.from({ length: 7 }, () => 'right' as const)],
    ),
    ...(more > 0 ? [`and ${plural(more, 'more group')} (--json has all)`] : []),
  ];
}

function contents(document: InspectionDocument, page: Page): string[] {
  const {
    unit,
    languages,
    special_tokens,
    frequent_tokens,
    verb_noun_pairs,
    outliers,
    duplicates,
    reusable_prefix,
  } = document;
  return [
    ...listed('Languages', Object.entries(languages), page),
    ...listed('Special', Object.entries(special_tokens), page),
    ...listed('Frequent', frequent(frequent_tokens), page, `${unit}, with stop words`),
    ...listed('Tasks', Object.entries(verb_noun_pairs), page, 'first verb and object of English records'),
    ...(outliers === null
      ? []
      : entry(
          'Outliers',
          `${count(outliers.low)} unusually short and ${count(outliers.high)} unusually long inputs`,
          page,
        )),
    ...(duplicates === null
      ? []
      : entry(
          'Duplicates',
          `${count(duplicates.exact)} exact, ${count(duplicates.near)} near (Jaccard index of at least 0.8; 5% of such pairs at the limit are missed)`,
          page,
        )),
    ...(reusable_prefix === null
      ? []
      : entry(
          'Prefixes',
          `${count(reusable_prefix.tokens)} prompt tokens (${share(reusable_prefix.share)}) repeat the beginning of an earlier prompt: what a prefix cache can reuse`,
          page,
        )),
  ];
}

/** Returns tokens that appear more than once; in quotes, because a token can begin with a space. */
const frequent = (tokens: InspectionDocument['frequent_tokens']): (readonly [string, number])[] =>
  tokens.flatMap(({ token, count: times }) => (times > 1 ? [[JSON.stringify(token), times] as const] : []));

function listed(
  label: string,
  all: readonly (readonly [name: string, count: number])[],
  page: Page,
  what = 'records',
): string[] {
  if (all.length === 0) return [];
  const more = all.length - MOST_LISTED;
  const text = all.slice(0, MOST_LISTED).map(([name, records]) => `${clean(name)} ${count(records)}`);
  return entry(label, `${text.join(', ')}${more > 0 ? `, and ${more} more` : ''} (${what})`, page);
}

/** Returns the statistics of arrivals in words. */
export function arrivalsText({ rate_rps, gap_cv, gamma_shape, dispersion, tick_ms }: Arrivals): string {
  if (rate_rps === null) return 'all at one instant';
  const bins = Object.entries(dispersion).flatMap(([bin, value]: [string, number | null]) =>
    value === null ? [] : [`${significant(value)} at ${bin}`],
  );
  return [
    `${significant(rate_rps)} sessions/s`,
    `CV of gaps ${significant(gap_cv)}${gamma_shape === null ? '' : ` (gamma shape ${significant(gamma_shape)})`}`,
    ...(bins.length === 0 ? [] : [`dispersion ${bins.join(', ')}`]),
    ...(tick_ms === null ? [] : [`instants on ticks of ${count(tick_ms)} ms`]),
  ].join('; ');
}

/** Returns how evenly sessions are spread, in words. */
export const coverageText = ({ cells, entropy_bits, largest_share }: Coverage): string =>
  `${plural(cells, 'cell')} of source, language and length; entropy ${significant(entropy_bits)} bits; the largest has ${share(largest_share)}`;
