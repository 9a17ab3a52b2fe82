import type { ComparedFigure } from '../compare/document.ts';
import type { RankedComparison, Ranking } from '../compare/ranking.ts';
import { clean } from './clean.ts';
import { bulleted } from './comparison.ts';
import { signed, valueText } from './figure-text.ts';
import { count, plural, share, significant, tokens } from './format.ts';
import { columns, entry, hanging } from './layout.ts';
import { simulatedWord } from './simulated.ts';
import { openPage, type Ink, type Page, type Style } from './style.ts';
import { perEvent } from './token-unit.ts';

const RANKED_BADGE: Record<RankedComparison['verdict']['status'], readonly [words: string, ink: keyof Ink]> =
  {
    ranked: ['RANKED', 'good'],
    same: ['SAME', 'good'],
    inconclusive: ['INCONCLUSIVE', 'warn'],
    invalid: ['INVALID', 'bad'],
  };

const RANKED_SENTENCE: Record<RankedComparison['verdict']['status'], string> = {
  ranked: 'some differences are real',
  same: 'all are alike, within the tolerance',
  inconclusive: 'nobody can tell from these runs',
  invalid: 'do not compare: some runs must not be trusted',
};

/** How ranks and values are to be read. */
const RANKS =
  'The rank is 1 plus the number of endpoints that are better, directly or through others; of endpoints that share a rank none is better. Values are means over the rounds with 95% intervals; all verdicts that rank share one chance of 5% of a false alarm.';

/**
 * Several endpoints on a terminal: a row each with what speeds must be read with, then their order by each figure that
 * decides, and which of the differences are real. Ends with a newline.
 */
export function renderRanking(comparison: RankedComparison, style: Style): string {
  const page = openPage(style);
  const { verdict, warnings } = comparison;
  const [words, ink] = RANKED_BADGE[verdict.status];
  const head = `${simulatedWord(comparison, page)}${rankedSentence(comparison)} (exit ${verdict.exitCode})`;
  const sections = [
    [
      ...hanging(`${page.ink[ink](words)}  `, head, page),
      ...verdict.reasons.flatMap((text) => bulleted(text, page)),
    ],
    endpointTable(comparison, page),
    besideTable(comparison, page),
    comparison.ranking.flatMap((ranking) => rankingLines(ranking, comparison, page)),
    hanging('  ', RANKS, page).map(page.ink.faint),
    warnings.flatMap((text) => bulleted(text, page)).map(page.ink.warn),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

export function rankedSentence({ verdict, endpoints }: RankedComparison): string {
  const rounds = endpoints[0]?.runs.length ?? 0;
  return `${RANKED_SENTENCE[verdict.status]}; ${plural(endpoints.length, 'endpoint')}, ${plural(rounds, 'round')}`;
}

function endpointTable({ endpoints, verdict }: RankedComparison, page: Page): string[] {
  const { ink } = page;
  const rows = endpoints.map(({ name, figures: own }) => [
    name,
    ...verdict.deciding.map((figure) => {
      const found = own[figure];
      if (found === undefined) return page.signs.none;
      const { value, low, high, unit } = found;
      const range =
        low === null || high === null || value === null
          ? ''
          : ` ${page.unicode ? '±' : '+-'}${spread(value, low, high)}`;
      return `${valueText(value, unit, page)}${value === null ? '' : perEvent(found)}${range}`;
    }),
  ]);
  return columns(
    [[ink.strong('Endpoint'), ...verdict.deciding.map((figure) => ink.faint(figure))], ...rows],
    ['left', ...verdict.deciding.map(() => 'right' as const)],
  );
}

/** The wider side of an interval, in percent of the value. */
const spread = (value: number, low: number, high: number): string =>
  value === 0 ? '0%' : `${significant((Math.max(high - value, value - low) / value) * 100, 2)}%`;

/** What speeds must be read with. */
function besideTable({ endpoints }: RankedComparison, page: Page): string[] {
  const { ink } = page;
  const rows = endpoints.map(({ name, runs, error_rate, failures, token_source, output_tokens, model }) => {
    const { rate_limited = 0 } = failures;
    return [
      name,
      count(runs.reduce((sum, run) => sum + run.requests, 0)),
      error_rate === null ? page.signs.none : share(error_rate),
      count(rate_limited),
      output_tokens === null ? page.signs.none : tokens(output_tokens),
      token_source ?? page.signs.none,
      clean(model ?? page.signs.none),
    ];
  });
  const head = ['requests', 'failed', 'rate-limited', 'tokens', 'counted by', 'model'].map(ink.faint);
  return columns([['', ...head], ...rows], ['left', 'right', 'right', 'right', 'right', 'left', 'left']);
}

function rankingLines({ figure, order }: Ranking, { pairs }: RankedComparison, page: Page): string[] {
  const first = order[0]!;
  const [metric, aggregation] = figure.split(' ') as [string, string?];
  const text = order.map(({ name, rank: place }, k) => {
    if (place === null) return `${name} has no value and no rank`;
    if (k === 0) return `${place}. ${name}`;
    const pair = pairs.find(
      (each) =>
        (each.base === first.name && each.new === name) || (each.base === name && each.new === first.name),
    )!;
    const found = aggregation === undefined ? pair.rates[metric] : pair.metrics[metric]?.[aggregation];
    if (found?.diff_pct == null || (found.low === null && found.high === null)) return `${place}. ${name}`;
    return pair.base === first.name
      ? `${place}. ${name} (${signed(found.diff_pct)}, ${rangeOf(found)})`
      : `${place}. ${name} (${first.name} ${signed(found.diff_pct)} against it, ${rangeOf(found)})`;
  });
  return entry(figure.slice(0, 11), text.join('; '), page);
}

function rangeOf({ low_pct, high_pct }: ComparedFigure): string {
  const end = (value: number | null): string => (value === null ? 'open' : signed(value));
  return `${end(low_pct)} to ${end(high_pct)}`;
}
