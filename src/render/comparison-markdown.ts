import type { ComparedFigure, ComparedSide, Comparison } from '../compare/document.ts';
import type { RankedComparison } from '../compare/ranking.ts';
import { neededNote, rowsOf, sentenceOf } from './comparison.ts';
import { differenceCells, valueText } from './figure-text.ts';
import { count, share, tokens } from './format.ts';
import { markdownCode, markdownSentence, markdownTable } from './markup.ts';
import { simulatedTitle } from './simulated.ts';
import { openPage } from './style.ts';
import { perEvent } from './token-unit.ts';

const page = openPage({ color: false, unicode: true, width: 100 });

const BADGE: Record<Comparison['verdict']['status'], string> = {
  same: '✅ SAME',
  better: '✅ BETTER',
  worse: '❌ WORSE',
  inconclusive: '❔ INCONCLUSIVE',
  invalid: '🚫 INVALID',
};

const bullets = (texts: readonly string[]): string =>
  texts.map((text) => `- ${markdownSentence(text)}`).join('\n');

const joined = (blocks: readonly string[]): string =>
  `${blocks.filter((block) => block !== '').join('\n\n')}\n`;

/** A comparison for a pull request or a step summary: GitHub-flavoured Markdown, the verdict first. Ends with a newline. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const { verdict, base, new: next, warnings, strength } = comparison;
  const rows = rowsOf(comparison);
  return joined([
    `### ${BADGE[verdict.status]}: ${markdownSentence(sentenceOf(comparison))}${simulatedTitle(comparison)}`,
    bullets(verdict.reasons),
    strength === 'indicative' && verdict.status !== 'invalid'
      ? 'Indicative: a side of one run. A machine that drifts by 1% between two runs looks like a change of the server.'
      : '',
    markdownTable(
      ['', 'endpoint', 'runs', 'requests', 'failed', 'tokens an answer'],
      [sideRow('base', base), sideRow('new', next)],
      ['left', 'left', 'right', 'right', 'right', 'left'],
    ),
    rows.length === 0
      ? ''
      : markdownTable(
          ['figure', 'base', 'new', 'difference', 'interval', 'verdict'],
          rows.map(({ name, figure }) => figureRow(name, figure)),
          ['left', 'right', 'right', 'right', 'left', 'left'],
        ),
    rows.length === 0
      ? ''
      : `**Bold** figures decide. ${neededNote(rows).map(markdownSentence).join(' ')}`.trim(),
    bullets(warnings),
  ]);
}

function sideRow(label: string, side: ComparedSide): string[] {
  const { name, url, runs, error_rate, output_tokens, token_source } = side;
  return [
    name === undefined || name === label ? label : `${label}: ${markdownCode(name)}`,
    markdownCode(url),
    count(runs.length),
    count(runs.reduce((sum, run) => sum + run.requests, 0)),
    error_rate === null ? '–' : share(error_rate),
    output_tokens === null ? '–' : `${tokens(output_tokens)} by ${token_source ?? 'no source'}`,
  ];
}

function figureRow(name: string, figure: ComparedFigure): string[] {
  return [
    (figure.decides ? `**${name}**` : name) + perEvent(figure),
    valueText(figure.base, figure.unit, page),
    valueText(figure.new, figure.unit, page),
    ...differenceCells(figure, page),
    figure.decides ? `**${figure.verdict}**` : figure.verdict,
  ].map((cell) => cell.replaceAll('_', String.raw`\_`));
}

/** The ranking of several endpoints, in the same form. */
export function renderRankingMarkdown(found: RankedComparison): string {
  const { verdict, endpoints, ranking, warnings } = found;
  return joined([
    `### ${verdict.status.toUpperCase()}: ${count(endpoints.length)} endpoints, ${count(endpoints[0]?.runs.length ?? 0)} rounds${simulatedTitle(found)}`,
    bullets(verdict.reasons),
    markdownTable(
      ['endpoint', ...verdict.deciding, 'failed', 'rate-limited', 'tokens an answer'],
      endpoints.map(({ name, figures, error_rate, failures, output_tokens, token_source }) => [
        markdownCode(name),
        ...verdict.deciding.map((figure) => {
          const found = figures[figure];
          return found === undefined ? '–' : valueText(found.value, found.unit, page) + perEvent(found);
        }),
        error_rate === null ? '–' : share(error_rate),
        count(failures['rate_limited'] ?? 0),
        output_tokens === null
          ? '–'
          : `${tokens(output_tokens)} by ${token_source?.replaceAll('_', String.raw`\_`) ?? 'no source'}`,
      ]),
      ['left', ...verdict.deciding.map(() => 'right' as const), 'right', 'right', 'left'],
    ),
    ranking.length === 0
      ? ''
      : markdownTable(
          ['by', 'order'],
          ranking.map(({ figure, order }) => [
            figure.replaceAll('_', String.raw`\_`),
            order.map(({ name, rank }) => `${rank ?? '–'}. ${markdownCode(name)}`).join(', '),
          ]),
          ['left', 'left'],
        ),
    bullets(warnings),
  ]);
}
