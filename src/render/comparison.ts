import type { ComparedSide, Comparison } from '../compare/document.ts';
import type { FigureVerdict, Needed } from '../compare/figure-verdict.ts';
import { clean } from './clean.ts';
import { differenceCells, valueText } from './figure-text.ts';
import { count, plural, share, significant, tokens } from './format.ts';
import { columns, entry, hanging } from './layout.ts';
import { figuresOf, type NamedFigure } from './pairs.ts';
import { simulatedWord } from './simulated.ts';
import { openPage, type Ink, type Page, type Style } from './style.ts';
import { perEvent } from './token-unit.ts';

const BADGE: Record<Comparison['verdict']['status'], readonly [words: string, ink: keyof Ink]> = {
  same: ['SAME', 'good'],
  better: ['BETTER', 'good'],
  worse: ['WORSE', 'bad'],
  inconclusive: ['INCONCLUSIVE', 'warn'],
  invalid: ['INVALID', 'bad'],
};

/** Shown beside those that decide, where they have values. */
const ALSO_SHOWN = [
  'ttft p50',
  'ttft p99',
  'tpot p95',
  'itl p99',
  'e2e mean',
  'e2e p95',
  'goodput_rps',
  'output_tps',
  'error_rate',
] as const;

/**
 * A comparison on a terminal: the verdict, the two sides, the figures that decide and some that do not, with what makes them
 * doubtful. Every difference stands with its interval, or without a number. Ends with a newline.
 */
export function renderComparison(comparison: Comparison, style: Style): string {
  const page = openPage(style);
  const { verdict, warnings } = comparison;
  const sections = [
    [...headline(comparison, page), ...verdict.reasons.flatMap((text) => bulleted(text, page))],
    [...side('Base', comparison.base, page), ...side('New', comparison.new, page)],
    figures(comparison, page),
    warnings.flatMap((text) => bulleted(text, page)).map(page.ink.warn),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

export const bulleted = (text: string, page: Page): string[] =>
  hanging(`  ${page.signs.bullet}`, clean(text), page);

function headline(comparison: Comparison, page: Page): string[] {
  const { verdict, strength } = comparison;
  const [words, ink] = BADGE[verdict.status];
  const text = `${simulatedWord(comparison, page)}${sentenceOf(comparison)} (exit ${verdict.exitCode})`;
  const lines = hanging(`${page.ink[ink](words)}  `, text, page);
  if (strength === 'indicative' && verdict.status !== 'invalid')
    lines.push(...hanging('  ', INDICATIVE, page).map(page.ink.faint));
  return lines;
}

const INDICATIVE =
  'Indicative: a side of one run. A machine that drifts by 1% between two runs looks like a change of the server; several runs a side, measured in turns, tell them apart.';

export function sentenceOf({ verdict, base, new: next }: Comparison): string {
  const by = verdict.decided_by.join(', ');
  const all = base.runs.length + next.runs.length;
  const sentences: Record<Comparison['verdict']['status'], string> = {
    worse: `new is worse than base, by ${by}`,
    better: `new is better than base, by ${by}`,
    same: `new is like base, within ${significant(verdict.tolerance_pct, 2)}%`,
    inconclusive: 'nobody can tell from these runs',
    invalid: `do not compare: ${count(verdict.reasons.length)} of ${plural(all, 'run')} must not be trusted`,
  };
  return sentences[verdict.status];
}

function side(label: string, { url, model, simulated, runs, ...beside }: ComparedSide, page: Page): string[] {
  const requests = runs.reduce((sum, run) => sum + run.requests, 0);
  const what = simulated && url === 'simulated' ? 'simulated' : url;
  const where = runs.length === 1 ? runs[0]!.dir : `${plural(runs.length, 'run')} from ${runs[0]!.dir} on`;
  const parts = [
    clean(where),
    clean(model === null ? what : `${model} at ${what}`),
    `${count(requests)} requests`,
    ...(beside.error_rate === null || beside.error_rate === 0 ? [] : [`${share(beside.error_rate)} failed`]),
    ...(beside.output_tokens === null ? [] : [lengthText(beside.output_tokens, beside.token_source)]),
  ];
  return entry(label, parts.join(', '), page);
}

/** Mean length of the answers of a side, and what counted it. */
const lengthText = (length: number, source: string | null): string =>
  source === 'events'
    ? `${tokens(length)} events per answer, counted in place of tokens`
    : `${tokens(length)} tokens an answer by ${source ?? 'no source'}`;

export function rowsOf(comparison: Comparison): NamedFigure[] {
  const all = figuresOf(comparison);
  const deciding = all.filter(({ figure }) => figure.decides);
  const others = ALSO_SHOWN.flatMap((wanted) =>
    all.filter(({ name, figure }) => name === wanted && !figure.decides && figure.base !== null),
  );
  return [...deciding, ...others];
}

const VERDICT_INK: Record<FigureVerdict, keyof Ink> = {
  same: 'good',
  better: 'good',
  worse: 'bad',
  inconclusive: 'warn',
};

function figures(comparison: Comparison, page: Page): string[] {
  const rows = rowsOf(comparison);
  if (rows.length === 0) return [];
  const { ink } = page;
  const head = [
    ink.strong('Figure'),
    ink.faint('base'),
    ink.faint('new'),
    ink.faint('difference'),
    ink.faint('interval'),
    '',
  ];
  const body = rows.map(({ name, figure }) => [
    (figure.decides ? ink.strong(name) : name) + perEvent(figure),
    valueText(figure.base, figure.unit, page),
    valueText(figure.new, figure.unit, page),
    ...differenceCells(figure, page),
    ink[VERDICT_INK[figure.verdict]](figure.verdict),
  ]);
  const aligns = ['left', 'right', 'right', 'right', 'left', 'left'] as const;
  return [...columns([head, ...body], aligns), ...footnotes(rows, comparison, page)];
}

function footnotes(rows: readonly NamedFigure[], comparison: Comparison, page: Page): string[] {
  const { verdict } = comparison;
  const reasons = new Map<string, string[]>();
  for (const { name, figure } of rows)
    if (figure.why !== null) reasons.set(figure.why, [...(reasons.get(figure.why) ?? []), name]);
  const notes = [
    `${verdict.deciding.join(', ')} decide together, with a chance of 5% that any is called different where nothing is; the others are only shown, with 95% intervals. ${unitOf(comparison)}`,
    ...[...reasons].map(([why, names]) => `Not told: ${names.join(', ')} (${why}).`),
    ...neededNote(rows),
  ];
  return notes.flatMap((note) => hanging('  ', note, page)).map(page.ink.faint);
}

/** What would tell the figures that decide. */
export function neededNote(rows: readonly NamedFigure[]): string[] {
  const open = rows.filter(({ figure }) => figure.decides && figure.needed !== null);
  if (open.length === 0) return [];
  const text = (needed: Needed): string =>
    'runs' in needed ? `${count(needed.runs)} runs a side` : `${count(needed.requests)} requests a run`;
  return [
    `About so much would tell, if all stays as it is: ${open.map(({ name, figure }) => `${name} ${text(figure.needed!)}`).join(', ')}.`,
  ];
}

function unitOf({ base, new: next, paired }: Comparison): string {
  const [a, b] = [base.runs.length, next.runs.length];
  if (paired) return `${plural(a, 'pair')} of runs, each pair one value.`;
  return a === 1 && b === 1
    ? 'The intervals allow for queueing, which makes neighbours alike.'
    : `${count(a)} against ${plural(b, 'run')}, each run one value.`;
}
