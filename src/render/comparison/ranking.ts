import type { RankedComparison, Ranking, RoundsFigure } from '../../compare/ranking.ts';
import { type Exits, exitWords } from '../../verdict/exits.ts';
import { clean } from '../layout/clean.ts';
import { bulleted } from './comparison.ts';
import { differenceText, reversed, valueText } from './figure-text.ts';
import { count, plural, share, significant, tokens } from '../../numbers.ts';
import { columnsWithin, hanging } from '../layout/layout.ts';
import { isShortPair, pairsOf } from './pairs.ts';
import { cachedText, failureClass, requestsOf, shortNames } from './side-text.ts';
import { simulatedWord } from '../layout/simulated.ts';
import { openPage, type Ink, type Page, type Style } from '../layout/style.ts';
import { perEvent } from '../layout/per-event.ts';

const RANKED_BADGE: Record<RankedComparison['verdict']['status'], readonly [words: string, ink: keyof Ink]> =
  {
    ranked: ['RANKED', 'good'],
    same: ['SAME', 'good'],
    inconclusive: ['INCONCLUSIVE', 'warn'],
    invalid: ['INVALID', 'bad'],
  };

const RANKED_SENTENCE: Record<RankedComparison['verdict']['status'], string> = {
  ranked: 'some differences are real',
  same: 'no difference beyond the tolerance',
  inconclusive: 'not enough evidence for any order',
  invalid: 'some runs cannot be trusted',
};

/** Explains ranks and values. */
export const RANKS =
  'The rank is 1 plus the number of endpoints that are better, directly or through others; of endpoints that share a rank none is better. In brackets: the difference from the first. Values are means over the rounds with 95% intervals. All verdicts of a ranking share one 5% chance of a false alarm.';

const LONGEST_NAME = 24;

/**
 * Returns a ranking for a terminal: one row per endpoint with the deciding figures, one with what explains them, then the order by
 * each deciding figure with the differences. Ends with a newline.
 */
export function renderRanking(comparison: RankedComparison, style: Style, exits?: Exits): string {
  const page = openPage(style);
  const { verdict, warnings, ranking } = comparison;
  const [words, ink] = RANKED_BADGE[verdict.status];
  const head = `${simulatedWord(comparison, page)}${rankedSentence(comparison)}${exitWords(verdict, exits)}`;
  const sections = [
    [...hanging(`${page.ink[ink](words)}  `, head, page), ...bulleted(verdict.reasons, page)],
    table(endpointRows(comparison, page), page),
    table(contextRows(comparison, page), page),
    ranking.flatMap((each) => rankingLines(each, comparison, page)),
    ranking.length === 0 ? [] : hanging('  ', RANKS, page).map(page.ink.faint),
    bulleted(warnings, page).map(page.ink.warn),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** Returns the verdict of a ranking as a sentence. */
export function rankedSentence({ verdict, endpoints }: RankedComparison): string {
  const rounds = endpoints[0]?.runs.length ?? 0;
  return `${RANKED_SENTENCE[verdict.status]}; ${plural(endpoints.length, 'endpoint')}, ${plural(rounds, 'round')}`;
}

/** A head and its rows, and the columns that a narrow terminal omits, in this order. */
interface Rows {
  rows: string[][];
  expendable: string[];
}

/** Returns an aligned table. Long names in the first column are cut; columns in `LEFT` are aligned left. */
function table({ rows: [head, ...body], expendable }: Rows, page: Page): string[] {
  const names = shortNames(
    body.map(([name]) => name!),
    LONGEST_NAME,
    page,
  );
  // Only the last column is wrapped, so an empty one is appended.
  const rows = [head!, ...body.map((cells, k) => [names[k]!].concat(cells.slice(1)))].map((cells) =>
    cells.concat(''),
  );
  const aligns = ['', ...head!.slice(1), 'model'].map((name) => (LEFT.has(name) ? 'left' : 'right'));
  return columnsWithin(rows, aligns, { width: page.width, expendable, elsewhere: '--json has them' });
}

const LEFT: ReadonlySet<string> = new Set(['', 'counted by', 'model']);

const COST = 'cost_per_good_request';
const COST_HEAD = 'cost per good';

/** Returns one row per endpoint with the deciding figures. docs/compare.md has the order in which a narrow terminal omits them. */
export function endpointRows({ endpoints, verdict }: RankedComparison, page: Page): Rows {
  const rows = endpoints.map(({ name, figures }) => [
    name,
    ...verdict.deciding.map((figure) => {
      const found = figures[figure];
      if (found === undefined || found.value === null) return page.signs.none;
      return valueText(found.value, found.unit, page) + perEvent(found) + rangeText(found, page);
    }),
  ]);
  const heads = verdict.deciding.map((figure) => (figure === COST ? COST_HEAD : figure));
  // A cost is known only where prices are stated, which is a question about the cost.
  const expendable = heads.toReversed().toSorted((a, b) => Number(a === COST_HEAD) - Number(b === COST_HEAD));
  return { rows: [['Endpoint', ...heads], ...rows], expendable };
}

/** Returns the wider side of an interval: in percentage points for a share, else in percent of the value. */
function rangeText({ unit, value, low, high }: RoundsFigure, page: Page): string {
  if (value === null || low === null || high === null) return '';
  const half = Math.max(high - value, value - low);
  const sign = page.unicode ? '±' : '+-';
  if (unit === 'ratio') return ` ${sign}${significant(half * 100, 2)} pp`;
  return value === 0 ? '' : ` ${sign}${significant((half / value) * 100, 2)}%`;
}

/** Returns one row per endpoint with what explains the speeds; each class of failures that occurred has a column. */
export function contextRows({ endpoints }: RankedComparison, page: Page): Rows {
  const occurred = new Set(endpoints.flatMap(({ failures }) => Object.keys(failures)));
  const classes = [...occurred].filter((outcome) => outcome !== 'rate_limited').toSorted();
  const cells = endpoints.map((side) => [
    side.name,
    count(requestsOf(side)),
    side.error_rate === null ? page.signs.none : share(side.error_rate),
    ...['rate_limited', ...classes].map((outcome) => count(side.failures[outcome] ?? 0)),
    cachedText(side, page),
    side.output_tokens === null ? page.signs.none : tokens(side.output_tokens),
    side.token_source ?? page.signs.none,
    clean(side.model ?? page.signs.none),
  ]);
  const others = classes.map(failureClass);
  return {
    rows: [
      [
        'Endpoint',
        'requests',
        'failed',
        'rate-limited',
        ...others,
        'cached',
        'tokens',
        'counted by',
        'model',
      ],
      ...cells,
    ],
    expendable: ['model', 'counted by', 'requests', 'tokens', ...others.toReversed(), 'cached'],
  };
}

const NO_BREAK = '\u00a0';
/** Returns a text that is not wrapped: lines are broken only at ordinary spaces. */
const unbroken = (text: string): string => text.replaceAll(' ', NO_BREAK);

function rankingLines(ranking: Ranking, comparison: RankedComparison, page: Page): string[] {
  const labels = comparison.ranking.map(({ figure }) => figure.length);
  const label = page.ink.strong(ranking.figure) + ' '.repeat(Math.max(...labels) + 2 - ranking.figure.length);
  const text = placesOf(ranking, comparison, page)
    .map(({ name, rank, difference }) => {
      if (rank === null) return unbroken(`${clean(name)} has no rank (no value)`);
      const place = unbroken(`${rank}. ${clean(name)}`);
      return difference === '' ? place : `${place} ${unbroken(`(${difference})`)}`;
    })
    .join('; ');
  return hanging(label, text, page).map((line) => line.replaceAll(NO_BREAK, ' '));
}

/** Returns the order by a figure, each endpoint with its difference from the first: `+3.20 pp, +1.10 pp to +5.30 pp`. */
export function placesOf(
  { figure, order }: Ranking,
  comparison: RankedComparison,
  page: Page,
): { name: string; rank: number | null; difference: string }[] {
  const first = order[0]!;
  const [metric, aggregation] = figure.split(' ') as [string, string?];
  return order.map(({ name, rank }) => {
    const pair = pairsOf(comparison).find(
      (each) =>
        (each.base === first.name && each.new === name) || (each.base === name && each.new === first.name),
    );
    const found = aggregation === undefined ? pair?.rates[metric] : pair?.metrics[metric]?.[aggregation];
    if (pair === undefined || found === undefined || rank === null) return { name, rank, difference: '' };
    const shown = pair.base === first.name ? found : reversed(found);
    return { name, rank, difference: differenceText(shown, page, isShortPair(pair)) };
  });
}
