import type { Comparison } from '../../compare/comparison-document.ts';
import type { Warning } from '../../compare/warning.ts';
import type { RankedComparison } from '../../compare/ranking.ts';
import { figureNotes, indicativeNote, isShortComparison, rowsOf, sentenceOf } from './comparison.ts';
import { differenceCells, valueText } from './figure-text.ts';
import { count } from '../../numbers.ts';
import { markdownCode, markdownSentence, markdownTable } from '../writers/markup.ts';
import { namedSides, type NamedFigure, type NamedSide } from './pairs.ts';
import { contextRows, endpointRows, placesOf, RANKS, rankedSentence } from './ranking.ts';
import { cachedText, failedText, lengthText, requestsOf, whereText } from './side-text.ts';
import { simulatedTitle } from '../layout/simulated.ts';
import { openPage } from '../layout/style.ts';
import { perEvent } from '../layout/per-event.ts';

const page = openPage({ color: false, unicode: true, width: 100 });

const BADGE: Record<Comparison['verdict']['status'], string> = {
  same: '✅ SAME',
  better: '✅ BETTER',
  worse: '❌ WORSE',
  inconclusive: '❔ INCONCLUSIVE',
  invalid: '🚫 INVALID',
};

const bullets = (notes: readonly Pick<Warning, 'text'>[]): string =>
  notes.map(({ text }) => `- ${markdownSentence(text)}`).join('\n');

const joined = (blocks: readonly string[]): string =>
  `${blocks.filter((block) => block !== '').join('\n\n')}\n`;

/** Returns a comparison as GitHub-flavoured Markdown, the verdict first, for a pull request or a step summary. Ends with a newline. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const { verdict, warnings } = comparison;
  const rows = rowsOf(comparison);
  const sides = namedSides(comparison);
  const isShort = isShortComparison(comparison);
  return joined([
    `### ${BADGE[verdict.status]}: ${markdownSentence(sentenceOf(comparison))}${simulatedTitle(comparison)}`,
    bullets(verdict.reasons),
    markdownSentence(indicativeNote(comparison) ?? ''),
    markdownTable(
      ['', 'endpoint', 'model', 'runs', 'requests', 'failed', 'input cached', 'tokens per answer', 'folder'],
      sides.map((each, k) => sideRow(each, k === 0)),
      ['left', 'left', 'left', 'right', 'right', 'left', 'right', 'left', 'left'],
    ),
    rows.length === 0
      ? ''
      : markdownTable(
          ['figure', ...sides.map(({ name }) => markdownCode(name)), 'difference', 'interval', 'verdict'],
          rows.map((row) => figureRow(row, isShort)),
          ['left', 'right', 'right', 'right', 'left', 'left'],
        ),
    rows.length === 0
      ? ''
      : `**Bold** figures decide. ${figureNotes(comparison).map(markdownSentence).join(' ')}`,
    bullets(warnings),
  ]);
}

function sideRow({ name, side }: NamedSide, isBase: boolean): string[] {
  return [
    markdownCode(name) + (isBase ? ' (base)' : ''),
    markdownCode(side.url),
    side.model === null ? '–' : markdownCode(side.model),
    count(side.runs.length),
    count(requestsOf(side)),
    markdownSentence(failedText(side, page)),
    cachedText(side, page),
    markdownSentence(lengthText(side) ?? '–'),
    markdownSentence(whereText(side)),
  ];
}

function figureRow({ name, figure }: NamedFigure, isShort: boolean): string[] {
  const escaped = markdownSentence(name);
  return [
    (figure.decides ? `**${escaped}**` : escaped) + perEvent(figure),
    ...[
      valueText(figure.base, figure.unit, page),
      valueText(figure.new, figure.unit, page),
      ...differenceCells(figure, page, isShort),
    ].map(figureCell),
    figure.decides ? `**${figure.verdict}**` : figure.verdict,
  ];
}

/** Escapes the mark of a short run; a number with its sign and unit cannot be markup. */
const figureCell = (text: string): string => text.replaceAll(/[*_]/g, String.raw`\$&`);

/** Returns the ranking of several endpoints in the same way. */
export function renderRankingMarkdown(found: RankedComparison): string {
  const { verdict, ranking, warnings } = found;
  return joined([
    `### ${verdict.status.toUpperCase()}: ${markdownSentence(rankedSentence(found))}${simulatedTitle(found)}`,
    bullets(verdict.reasons),
    tableOf(endpointRows(found, page).rows),
    tableOf(contextRows(found, page).rows),
    ranking.length === 0
      ? ''
      : markdownTable(
          ['by', 'order'],
          ranking.map((each) => [
            markdownSentence(each.figure),
            placesOf(each, found, page)
              .map(({ name, rank, difference }) => {
                const place =
                  rank === null ? `${markdownCode(name)} has no rank` : `${rank}. ${markdownCode(name)}`;
                return difference === '' ? place : `${place} (${figureCell(difference)})`;
              })
              .join('; '),
          ]),
          ['left', 'left'],
        ),
    ranking.length === 0 ? '' : markdownSentence(RANKS),
    bullets(warnings),
  ]);
}

/** Returns a table whose rows begin with a name. */
function tableOf([head, ...body]: string[][]): string {
  return markdownTable(
    head!.map(markdownSentence),
    body.map(([name, ...cells]) => [markdownCode(name!), ...cells.map(markdownSentence)]),
    head!.map((_, at) => (at === 0 ? 'left' : 'right')),
  );
}
