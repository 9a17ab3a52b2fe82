import type { Report } from '../../analysis/report.ts';
import { RUN_METRICS, type RunMetric, type TextLine } from '../../metrics/registry.ts';
import { TOKEN_SOURCES, type TokenSource } from '../../sample.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, share, significant, tokenRate, tokens } from '../../numbers.ts';
import { entry } from '../layout/layout.ts';
import { truncate } from '../layout/wrap.ts';
import { perEventOf } from '../../verdict/token-unit.ts';
import { perEvent } from '../layout/per-event.ts';
import type { Page } from '../layout/style.ts';
import { lackingText } from './lacking.ts';

/** Returns the rates of requests and tokens, input and output separately, and how tokens were counted. */
export function throughput(report: Report, page: Page): string[] {
  return [
    ...labelled(
      'Throughput',
      [requestRates(report) || lackingText(report, 'rps', page), tokenRates(report)],
      page,
    ),
    ...labelled('In flight', [inFlight(report) || lackingText(report, 'concurrency', page)], page),
    ...labelled('Tokens', tokenLines(report, page), page),
    ...labelled('Reuse', [reuseText(report)], page),
    ...labelled('Finish', [finishReasons(report, page)], page),
  ];
}

/** Returns the texts that are not empty, one below the other, next to their label. */
function labelled(label: string, texts: readonly string[], page: Page): string[] {
  return texts.filter((text) => text !== '').flatMap((text, i) => entry(i === 0 ? label : '', text, page));
}

/** Returns `lead value`, or nothing if there is no value. */
const figure = (lead: string, value: number | null, format: (value: number) => string): string[] =>
  value === null ? [] : [`${lead} ${format(value)}`];

/** Returns the run metrics of a line of the report. */
const metricsOn = (line: TextLine['line']): RunMetric[] =>
  RUN_METRICS.filter(({ textLine }) => textLine?.line === line);

const rateText = (
  { name, textLine }: RunMetric,
  rates: Report['rates'],
  format: (value: number) => string,
): string[] => figure(textLine?.word ?? name, rates[name], format);

export function requestRates({ rates, load, sessions }: Report): string {
  const shown = metricsOn('requests');
  const parts = shown.flatMap((metric) => rateText(metric, rates, significant));
  if (parts.length === 0) return '';
  const perMinute = RUN_METRICS.filter(({ perMinuteOf }) =>
    shown.some(({ name }) => name === perMinuteOf),
  ).map(({ name, unit }) => (rates[name] === null ? '' : ` (${significant(rates[name])} ${unit})`));
  const starts = sessions?.started_per_s ?? null;
  const inSessions =
    load.unit === undefined || starts === null ? '' : `; ${significant(starts)} sessions/s started`;
  return `${parts.join(', ')} ${load.unit === undefined ? 'req/s' : 'requests/s'}${perMinute.join('')}${inSessions}`;
}

export function tokenRates(report: Report): string {
  const { rates, metrics } = report;
  const per = perEvent(perEventOf([report])).trim();
  const speed = metrics['user_tps']?.p50 ?? null;
  const texts = (countsTokens: boolean): string[] =>
    metricsOn('tokens')
      .filter((metric) => metric.countsTokens === countsTokens)
      .flatMap((metric) => rateText(metric, rates, tokenRate));
  const output = texts(true);
  const input = texts(false);
  const perUser = figure('per user', speed, tokenRate);
  if (per === '') {
    const total = [...output, ...input];
    const one = perUser.map((text) => `${text} tok/s (median)`);
    return [...(total.length === 0 ? [] : [`${total.join(', ')} tok/s`]), ...one].join('; ');
  }
  const counted = [...output, ...perUser.map((text) => `${text} (median)`)];
  const isWithheld = metrics['ntpot']?.why.p50 === 'per_event';
  const parts = [
    ...(isWithheld ? ['no output rate: several words per event'] : []),
    ...(counted.length === 0 ? [] : [`${per}: ${counted.join(', ')}`]),
    ...input,
  ];
  return counted.length + input.length === 0 ? parts.join('; ') : `${parts.join('; ')} tok/s`;
}

export function inFlight({ rates }: Report): string {
  return metricsOn('in_flight')
    .flatMap((metric) => rateText(metric, rates, metric.textLine?.isWhole === true ? count : significant))
    .join(', ');
}

const SOURCE: Record<TokenSource, string> = {
  usage: "the server's usage",
  token_ids: 'token ids',
  continuous_usage: 'continuous usage',
  logprobs: 'logprobs',
  tokenizer: 'the given tokenizer',
  unstated: 'the other tool, which does not say how',
  events: 'events',
};

export function tokenLines({ tokens: t }: Report, page: Page): string[] {
  const sources = TOKEN_SOURCES.map((source) => ({ source, n: t.from[source] ?? 0 })).filter(
    ({ n }) => n > 0,
  );
  const by = sources.map(({ source, n }) => `${SOURCE[source]} (${count(n)})`).join(', ');
  const isEvents = t.from.events !== undefined && t.from.events > 0;
  const lengths = [
    ...length('input', t.input),
    ...length('output', t.output, isEvents && sources.length === 1 ? ' events' : ''),
  ].join(', ');
  const parts = [
    ...some(t.cached, 'cached input'),
    ...some(t.reasoning, 'reasoning'),
    ...some(t.hidden, 'hidden (not streamed)'),
  ];
  const words = t.words_per_event ?? null;
  const several = words === null ? '' : `; ${significant(words)} words per event`;
  const warning = `${page.ink.warn('EVENTS')}, not tokens: a server may send several tokens in one event${several}`;
  return [
    by === '' ? '' : `counted by ${by}`,
    isEvents ? warning : '',
    lengths === '' ? '' : `per request ${lengths}`,
    parts.join(', '),
  ];
}

function length(
  what: string,
  { planned_mean: planned, actual_mean: actual }: Report['tokens']['input'],
  unit = '',
): string[] {
  if (actual === null) return [];
  return [`${what} ${tokens(actual)}${unit}${planned === null ? '' : ` (planned ${tokens(planned)})`}`];
}

const some = (value: number | null, what: string): string[] =>
  value === null || value === 0 ? [] : [`${count(value)} ${what}`];

/** Returns the planned and the counted reuse of prompt prefixes; nothing without `hash_ids`. */
export function reuseText({ reuse }: Report): string {
  if (reuse === undefined) return '';
  const { planned, counted } = reuse;
  const parts = [
    ...(planned === null ? [] : [`${share(planned)} planned`]),
    counted === null ? 'the server counted no cached tokens' : `${share(counted)} counted as cached`,
  ];
  return `input that repeats the beginning of an earlier request: ${parts.join(', ')}`;
}

const LONGEST_REASON = 24;
const MOST_REASONS = 4;

export function finishReasons({ counts: { finish } }: Report, page: Page): string {
  const reasons = Object.entries(finish).toSorted(([, a], [, b]) => b - a);
  const shown = reasons
    .slice(0, MOST_REASONS)
    .map(
      ([reason, n]) =>
        `${truncate(clean(reason) || '""', LONGEST_REASON, page.signs.ellipsis)} (${count(n)})`,
    );
  const rest = reasons.length - shown.length;
  return [...shown, ...(rest > 0 ? [plural(rest, 'other reason')] : [])].join(', ');
}
