import { basename } from 'node:path';
import type { InspectionDocument } from '../../dataset/inspect/inspection.ts';
import type { LengthFigures } from '../../dataset/inspect/length-figures.ts';
import type { InspectionPlots } from '../../dataset/inspect/plots.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, share, significant } from '../../numbers.ts';
import { missing, table, tileList } from '../page/figure.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { renderPage, type Section } from '../page/page.ts';
import { PlacedCharts } from '../page/placed-chart.ts';
import { arrivalChart, lengthCharts } from './inspection-charts.ts';
import { arrivalsText, coverageText } from './inspection.ts';

/** The result of an inspection, with the numbers that its page draws. */
export interface FoundInspection {
  document: InspectionDocument;
  plots: InspectionPlots;
}

/** Rows of a table of counts or groups; `--json` has all. */
const MOST_ROWS = 20;

/** Returns the page of a data set. Ends with a newline. */
export function renderInspectionPage({ document, plots }: FoundInspection): string {
  const placed = new PlacedCharts();
  const { files, groups, arrivals } = document;
  const names = files.map(({ path }) => (path === '-' ? 'stdin' : clean(basename(path))));
  const name = names.length > 2 ? `${names[0]!} and ${names.length - 1} more files` : names.join(', ');
  const sections: Section[] = [
    { id: 'lengths', title: 'Lengths', body: lengthSection(document, placed.draw(lengthCharts(plots))) },
    { id: 'contents', title: 'Contents', body: contentSection(document) },
    { id: 'duplicates', title: 'Duplicates', body: duplicateSection(document) },
    ...(arrivals === null
      ? []
      : [
          {
            id: 'arrivals',
            title: 'Arrivals',
            body: html`<p class="line">${arrivalsText(arrivals)}</p>
              ${placed.draw(arrivalChart(plots))}`,
          },
        ]),
    ...(groups === undefined ? [] : [{ id: 'groups', title: 'Groups', body: groupSection(groups) }]),
    { id: 'quality', title: 'Quality', body: qualitySection(document) },
    { id: 'files', title: 'Files', body: fileSection(document) },
  ];
  return renderPage({
    title: `Data set ${name} – goodput`,
    simulated: false,
    head: html`<div class="verdict">
        <h1><span class="badge plain">DATA SET</span> <span class="run">${name}</span></h1>
      </div>
      ${tiles(document)}`,
    sections,
    data: { charts: placed.charts, points: null },
    numbers: 'goodput data inspect FILE -o series:plots.json',
  });
}

const figure = (value: number | null): string => (value === null ? '–' : significant(value));

function tiles({ sessions, turns, unit, input, output, duplicates }: InspectionDocument): Html {
  const unique =
    duplicates === null || sessions === 0 ? null : (sessions - duplicates.exact - duplicates.near) / sessions;
  return tileList([
    ['sessions', 'Sessions', count(sessions)],
    ['turns', 'Turns per session', figure(turns.mean)],
    ['input', `Input (${unit}, mean)`, figure(input.mean)],
    ['output', `Output (${unit}, mean)`, figure(output.mean)],
    ['unique', 'Unique', unique === null ? '–' : share(unique)],
  ]);
}

const LENGTH_KEYS = ['mean', 'sd', 'min', 'p1', 'p25', 'p50', 'p75', 'p90', 'p95', 'p99', 'max'] as const;

function lengthSection(document: InspectionDocument, charts: Html): Html {
  const { unit, input, output, correlation, outliers } = document;
  const row = (name: string, figures: LengthFigures): string[] => [
    name,
    count(figures.count),
    ...LENGTH_KEYS.map((key) => figure(figures[key])),
  ];
  return html`<p class="note">
      ${unit === 'tokens' ? 'Lengths are in tokens.' : 'Lengths are in words; --tokenizer counts tokens.'}
      Input: the own messages of a turn. Output: its recorded answer.
    </p>
    ${table(`Lengths in ${unit}`, ['side', 'turns', ...LENGTH_KEYS], [row('input', input), row('output', output)])}
    ${
      correlation.pearson === null
        ? NOTHING
        : html`<p class="line">${`Correlation of input and output: Pearson ${significant(correlation.pearson, 2)}, Spearman ${figure(correlation.spearman)}.`}</p>`
    }
    ${
      outliers === null
        ? NOTHING
        : html`<p class="line">${`${count(outliers.low)} unusually short and ${count(outliers.high)} unusually long inputs.`}</p>`
    }
    ${charts.markup === '' ? missing('No turn has a length above 0, so there is nothing to draw.') : charts}`;
}

/** Returns a table of counts with bars; nothing without counts. */
function countTable(
  title: string,
  heads: readonly [name: string, count: string],
  rows: readonly (readonly [name: string, count: number])[],
  of: number,
): Html {
  if (rows.length === 0) return NOTHING;
  const most = rows.reduce((largest, [, value]) => Math.max(largest, value), 0);
  const bar = (value: number): Html =>
    html`<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${(100 * value) / most}" height="10" /></svg>`;
  return html`<div>
    <h3>${title}</h3>
    ${table(
      title,
      [...heads, 'share'],
      rows
        .slice(0, MOST_ROWS)
        .map(([name, value]) => [clean(name), count(value), html`${bar(value)} ${share(value / of)}`]),
    )}
    ${rowsLeft(rows)}
  </div>`;
}

/** Returns how many rows are not shown; nothing if all are. */
function rowsLeft({ length }: readonly unknown[]): Html {
  const more = length - MOST_ROWS;
  return more > 0 ? html`<p class="note">${`and ${plural(more, 'more row')} (--json has all)`}</p>` : NOTHING;
}

function contentSection(document: InspectionDocument): Html {
  const { languages, special_tokens, frequent_tokens, verb_noun_pairs, sessions, unit } = document;
  const texts = Object.values(languages).reduce((sum, records) => sum + records, 0);
  if (texts === 0) return missing('No record has a text: all are given by length.');
  const tokens = Math.max(1, (document.input.mean ?? 0) * document.input.count);
  return html`<div class="charts three">
    ${countTable('Languages', ['language', 'records'], Object.entries(languages), texts)}
    ${countTable('Special tokens', ['token', 'records'], Object.entries(special_tokens), sessions)}
    ${countTable(
      'Most frequent, with stop words',
      [unit === 'tokens' ? 'token' : 'word', 'times'],
      frequent_tokens.map(({ token, count: times }) => [JSON.stringify(token), times] as const),
      tokens,
    )}
    ${countTable(
      'Tasks: first verb and its object, of English records',
      ['verb and object', 'records'],
      Object.entries(verb_noun_pairs),
      languages['en'] ?? 1,
    )}
  </div>`;
}

function duplicateSection({ sessions, duplicates, reusable_prefix }: InspectionDocument): Html {
  return html`${
    duplicates === null
      ? missing('No record has a text to compare.')
      : countTable(
          'Records',
          ['kind', 'records'],
          [
            ['unique', sessions - duplicates.exact - duplicates.near],
            ['exact duplicates', duplicates.exact],
            ['near duplicates', duplicates.near],
          ],
          Math.max(1, sessions),
        )
  }
  <p class="note">
    Near duplicates have a Jaccard index of at least 0.8 of their five-word shingles; 5% of such pairs at the
    limit are missed. goodput data dedupe removes duplicates.
  </p>
  ${
    reusable_prefix === null
      ? NOTHING
      : html`<p class="line">${`${count(reusable_prefix.tokens)} prompt tokens (${share(reusable_prefix.share)}) repeat the beginning of an earlier prompt: what a prefix cache can reuse.`}</p>`
  }`;
}

function groupSection(groups: NonNullable<InspectionDocument['groups']>): Html {
  return html`${table(
    'Lengths by group',
    ['group', 'sessions', 'input mean', 'p50', 'p95', 'output mean', 'p50', 'p95'],
    groups
      .slice(0, MOST_ROWS)
      .map(({ group, sessions, input, output }) =>
        [group === '' ? '–' : clean(group), count(sessions)].concat(
          [input.mean, input.p50, input.p95, output.mean, output.p50, output.p95].map(figure),
        ),
      ),
  )}
  ${rowsLeft(groups)}`;
}

function qualitySection({ quality, coverage }: InspectionDocument): Html {
  return html`${table(
    'Quality marks',
    ['mark', 'finding'],
    Object.entries(quality).map(([mark, found]: [string, string]) => [mark, found]),
    { isText: [1] },
  )}
  ${coverage.entropy_bits === null ? NOTHING : html`<p class="line">${`Coverage: ${coverageText(coverage)}.`}</p>`}`;
}

function fileSection({ files, format, records, skipped }: InspectionDocument): Html {
  return html`<p class="line">${`Format ${format}. ${plural(records, 'record')} read${skipped > 0 ? `, ${count(skipped)} skipped: no user or tool message` : ''}.`}</p>
    ${table(
      'Files',
      ['file', 'bytes', 'SHA-256'],
      files.map(({ path, bytes, sha256 }) => [path === '-' ? 'stdin' : clean(path), count(bytes), sha256]),
      { isText: [2] },
    )}`;
}
