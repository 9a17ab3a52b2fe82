import type { ComparedSide, Comparison } from '../../compare/comparison-document.ts';
import type { Warning } from '../../compare/warning.ts';
import type { FigureVerdict, Needed } from '../../compare/figure-verdict.ts';
import { type Exits, exitWords } from '../../verdict/exits.ts';
import { clean } from '../layout/clean.ts';
import { differenceCells, valueText } from './figure-text.ts';
import { count, plural, share, significant } from '../../numbers.ts';
import { columnsWithin, hanging } from '../layout/layout.ts';
import { displayWidth } from '../layout/wrap.ts';
import { figuresOf, isShortPair, namedSides, type NamedFigure, type NamedSide } from './pairs.ts';
import { failuresText, lengthText, requestsOf, shortNames, whereText } from './side-text.ts';
import { simulatedWord } from '../layout/simulated.ts';
import { openPage, type Ink, type Page, type Style } from '../layout/style.ts';
import { perEvent } from '../layout/per-event.ts';

const BADGE: Record<Comparison['verdict']['status'], readonly [words: string, ink: keyof Ink]> = {
  same: ['SAME', 'good'],
  better: ['BETTER', 'good'],
  worse: ['WORSE', 'bad'],
  inconclusive: ['INCONCLUSIVE', 'warn'],
  invalid: ['INVALID', 'bad'],
};

/** Figures that are also shown if they have values. */
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
 * Returns a comparison for a terminal: the verdict, the two sides, the deciding figures and some others, and warnings. Every
 * difference has an interval, or is not shown. Ends with a newline.
 */
export function renderComparison(comparison: Comparison, style: Style, exits?: Exits): string {
  const page = openPage(style);
  const { verdict, warnings } = comparison;
  const sections = [
    [...headline(comparison, page, exits), ...bulleted(verdict.reasons, page)],
    sides(comparison, page),
    figures(comparison, page),
    bulleted(warnings, page).map(page.ink.warn),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

export const bulleted = (notes: readonly Pick<Warning, 'text'>[], page: Page): string[] =>
  notes.flatMap(({ text }) => hanging(`  ${page.signs.bullet}`, clean(text), page));

function headline(comparison: Comparison, page: Page, exits: Exits | undefined): string[] {
  const { verdict } = comparison;
  const [words, ink] = BADGE[verdict.status];
  const text = `${simulatedWord(comparison, page)}${clean(sentenceOf(comparison))}${exitWords(verdict, exits)}`;
  const lines = hanging(`${page.ink[ink](words)}  `, text, page);
  const indicative = indicativeNote(comparison);
  if (indicative !== null) lines.push(...hanging('  ', indicative, page).map(page.ink.faint));
  return lines;
}

/** Returns the limits of a comparison of two single runs; `null` for several runs. */
export const indicativeNote = ({ strength, verdict }: Comparison): string | null =>
  strength === 'rounds' || verdict.status === 'invalid'
    ? null
    : 'Indicative: one run per side. A machine that is 1% slower during one of them looks like a change of the server; several interleaved runs per side distinguish the two.';

/** Returns the verdict as a sentence. */
export function sentenceOf(comparison: Comparison): string {
  const { verdict, base, new: next } = comparison;
  const [one, other] = namedSides(comparison).map(({ name }) => name);
  const by = verdict.decided_by.join(', ');
  const all = base.runs.length + next.runs.length;
  const sentences: Record<Comparison['verdict']['status'], string> = {
    worse: `${other} is worse than ${one}, by ${by}`,
    better: `${other} is better than ${one}, by ${by}`,
    same: `${other} is the same as ${one}, within ${significant(verdict.tolerance_pct, 2)}%`,
    inconclusive: `not enough evidence to tell whether ${other} is better or worse than ${one}`,
    invalid: `${count(verdict.reasons.length)} of ${plural(all, 'run')} cannot be trusted`,
  };
  return sentences[verdict.status];
}

/** Longer names have a line of their own. */
const LONGEST_LABEL = 20;
const LEAST_LABEL = 10;

function sides(comparison: Comparison, page: Page): string[] {
  const named = namedSides(comparison);
  const room = Math.max(LEAST_LABEL, ...named.map(({ name }) => displayWidth(clean(name)))) + 2;
  const linesOf = ({ name: given, side }: NamedSide, k: number): string[] => {
    const name = clean(given);
    const text = sideText(side, k === 0);
    return room - 2 > LONGEST_LABEL
      ? hanging('', name, page)
          .map(page.ink.strong)
          .concat(hanging('  ', text, page))
      : hanging(page.ink.strong(name) + ' '.repeat(room - displayWidth(name)), text, page);
  };
  return named.flatMap(linesOf);
}

function sideText(found: ComparedSide, isBase: boolean): string {
  const { url, model, simulated, error_rate, cached_share } = found;
  const what = simulated && url === 'simulated' ? 'simulated' : url;
  const length = lengthText(found);
  const parts = [
    ...(isBase ? ['base'] : []),
    whereText(found),
    clean(model === null || model === what ? what : `${model} at ${what}`),
    `${count(requestsOf(found))} requests`,
    ...(error_rate === null || error_rate === 0
      ? []
      : [`${share(error_rate)} failed: ${failuresText(found)}`]),
    ...(length === null ? [] : [length]),
    ...(cached_share === null ? [] : [`${share(cached_share)} of the input cached`]),
  ];
  return parts.join('; ');
}

export function rowsOf(comparison: Comparison): NamedFigure[] {
  const all = figuresOf(comparison);
  const deciding = all.filter(({ figure }) => figure.decides);
  const others = ALSO_SHOWN.flatMap((wanted) =>
    all.filter(({ name, figure }) => name === wanted && !figure.decides && figure.base !== null),
  );
  return [...deciding, ...others];
}

export const isShortComparison = ({ base, new: next }: Comparison): boolean =>
  isShortPair({ sides: { base, new: next } });

const VERDICT_INK: Record<FigureVerdict, keyof Ink> = {
  same: 'good',
  better: 'good',
  worse: 'bad',
  inconclusive: 'warn',
};

/** Minimum width of the heads of the two value columns, which are names and can be cut. */
const LEAST_HEAD = 8;

function figures(comparison: Comparison, page: Page): string[] {
  const rows = rowsOf(comparison);
  if (rows.length === 0) return [];
  const isShort = isShortComparison(comparison);
  const body = rows.map(({ name, figure }) =>
    [
      (figure.decides ? page.ink.strong(name) : name) + perEvent(figure),
      valueText(figure.base, figure.unit, page),
      valueText(figure.new, figure.unit, page),
    ].concat(differenceCells(figure, page, isShort), page.ink[VERDICT_INK[figure.verdict]](figure.verdict)),
  );
  const head = (names: readonly string[]): string[] => ['Figure', ...names, 'difference', 'interval', ''];
  const widest = (at: number): number =>
    Math.max(...[head(['', '']), ...body].map((cells) => displayWidth(cells[at]!)));
  // The width that the other columns leave for the two heads.
  const others = [0, 3, 4, 5].reduce((sum, at) => sum + widest(at) + 2, 0);
  const room = Math.max(LEAST_HEAD, widest(1), widest(2), Math.floor((page.width - others - 2) / 2));
  const names = shortNames(
    namedSides(comparison).map(({ name }) => name),
    room,
    page,
  );
  const table = columnsWithin([head(names), ...body], ['left', 'right', 'right', 'right', 'left', 'left'], {
    width: page.width,
    // The order in which a narrow terminal omits columns, as in docs/compare.md.
    expendable: [...names, 'interval', 'difference'],
  });
  return [
    ...table,
    ...figureNotes(comparison)
      .flatMap((note) => hanging('  ', note, page))
      .map(page.ink.faint),
  ];
}

/** Returns notes on how to read the figures, and on why some are not judged. */
export function figureNotes(comparison: Comparison): string[] {
  const rows = rowsOf(comparison);
  const { verdict } = comparison;
  const reasons = new Map<string, string[]>();
  for (const { name, figure } of rows)
    if (figure.why !== null) reasons.set(figure.why, [...(reasons.get(figure.why) ?? []), name]);
  const judging =
    verdict.status === 'invalid'
      ? 'There is no verdict, because the figures of a run that cannot be trusted are not evidence.'
      : `The verdict is based on ${verdict.deciding.join(', ')}, which share one 5% chance of a false alarm. The others have 95% intervals and decide nothing. ${unitOf(comparison)}`;
  return [
    judging,
    ...[...reasons].map(
      ([why, names]) => `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not judged: ${clean(why)}.`,
    ),
    ...neededNote(rows),
  ];
}

/** Returns how many runs or requests the deciding figures need. */
function neededNote(rows: readonly NamedFigure[]): string[] {
  const open = rows.filter(({ figure }) => figure.decides && figure.needed !== null);
  if (open.length === 0) return [];
  const text = (needed: Needed): string =>
    'runs' in needed ? `${count(needed.runs)} runs per side` : `${count(needed.requests)} requests per run`;
  return [
    `Needed to decide, if the difference and the spread stay as they are: ${open.map(({ name, figure }) => `${name} about ${text(figure.needed!)}`).join(', ')}.`,
  ];
}

function unitOf({ base, new: next, paired }: Comparison): string {
  const [a, b] = [base.runs.length, next.runs.length];
  if (paired) return `${plural(a, 'pair')} of runs, each pair one value.`;
  return a === 1 && b === 1
    ? 'The intervals account for queueing, which makes neighbouring requests alike.'
    : `${count(a)} against ${plural(b, 'run')}, each run one value.`;
}
