import type { Report, SloReport } from '../../analysis/report.ts';
import { formatCondition } from '../../slo/grammar.ts';
import { metricNamed } from '../../metrics/registry.ts';
import { count, share, significant, span, tokenRate } from '../../numbers.ts';
import { columns, entry, hanging } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';
import { lackingText } from './lacking.ts';
import { perEventOf } from '../../verdict/token-unit.ts';
import { perEvent, perEventIn } from '../layout/per-event.ts';

/** Returns goodput, attainment with its interval, and the counts of each SLO. */
export function attainment(report: Report, page: Page): string[] {
  const { rates, counts, slo } = report;
  const lines: string[] = [];
  const text = rates.goodput_rpm === null ? lackingText(report, 'goodput_rpm', page) : goodput(report, page);
  if (text !== '') lines.push(...entry('Goodput', text, page));
  if (slo === null) return lines;
  lines.push(...entry('Attainment', attained(slo, counts, page), page), ...overTime(slo, counts, page));
  return [...lines, '', ...objectives(slo, report, page)];
}

/** Returns attainment with its interval as text. */
export function attained(
  { attainment }: SloReport,
  counts: Pick<Report['counts'], 'good' | 'judged'>,
  page: Pick<Page, 'ink'>,
): string {
  const { value, low, high, kind } = attainment;
  if (value === null)
    return counts.judged > 0
      ? 'none: the imported files do not hold what it needs'
      : 'none: no request could be judged';
  const of = `${page.ink.strong(share(value))}, ${count(counts.good)} of ${count(counts.judged)} good`;
  return low === null || high === null ? of : `${of}; ${interval(low, high, kind)}`;
}

/** Requests per part, on average, below which the parts show only chance. */
const ENOUGH_PER_PART = 10;

/** Returns the attainment of the requests that started in each tenth of W. */
function overTime(
  { over_time: found }: SloReport,
  { judged }: Pick<Report['counts'], 'judged'>,
  page: Page,
): string[] {
  const text = overTimeText(found, judged, page);
  return text === null ? [] : entry('Over time', text, page);
}

/** Returns attainment over time as text; `null` if there are too few requests. */
export function overTimeText(
  found: SloReport['over_time'],
  judged: number,
  { signs }: Pick<Page, 'signs'>,
): string | null {
  if (found === null || judged < ENOUGH_PER_PART * found.parts.length) return null;
  const parts = found.parts.map(({ attainment }) =>
    attainment === null ? signs.none : share(attainment, attainment === 1 || attainment === 0 ? 3 : 2),
  );
  return `${parts.join(' ')} (by start time, ${span(found.part_s)} each)`;
}

/** Returns goodput in its units, with the rate of all completed requests. */
export function goodput(report: Report, page: Pick<Page, 'ink'>): string {
  const { rates, slo } = report;
  const headline = page.ink.strong(`${significant(rates.goodput_rpm ?? 0)} req/min`);
  if (slo === null) return `${headline}: without an SLO, every successful request counts as good`;
  const same = [`${significant(rates.goodput_rps ?? 0)} req/s`];
  if (rates.goodput_tps !== null)
    same.push(`${tokenRate(rates.goodput_tps)} output tok/s${perEvent(perEventOf([report]))}`);
  const of = rates.rpm === null ? '' : ` of ${significant(rates.rpm)} completed`;
  return `${headline}${of} (${same.join(', ')})`;
}

function interval(low: number, high: number, kind: SloReport['attainment']['kind']): string {
  return kind === 'lost'
    ? `${share(low)} to ${share(high)} depending on lost requests`
    : `95% interval ${share(low)} to ${share(high)} (independent)`;
}

/** Page widths from which the longest SLO fits next to the full head, and also with the note that its tokens are events. */
const ROOMY = 76;
const ROOMIER = 92;

function objectives(slo: SloReport, report: Report, page: Page): string[] {
  const inapplicable = page.width < ROOMY ? 'n/a' : 'not applicable';
  const isRoomier = page.width >= ROOMIER;
  const head = ['met', 'missed', inapplicable, 'failed'].map(page.ink.faint);
  const rows = Object.entries(slo.each).map(([name, each]) => [
    objective(name, slo.limits[name]) + (isRoomier ? perEventIn(name, report) : ''),
    count(each.met),
    count(each.missed),
    count(each.not_applicable),
    count(each.failed),
  ]);
  const table = columns(
    [[page.ink.strong('SLO'), ...head], ...rows],
    ['left', 'right', 'right', 'right', 'right'],
  );
  const names = isRoomier ? [] : Object.keys(slo.each).filter((name) => perEventIn(name, report) !== '');
  const notes = names.map((name) => `${name}:${perEventIn(name, report)}, not per token`);
  return [...table, ...notes.flatMap((note) => hanging('  ', note, page)).map(page.ink.faint)];
}

/** Returns an SLO in the notation of `--slo`, so that it can be copied. */
export function objective(name: string, limit: number | undefined): string {
  const metric = metricNamed(name);
  if (limit === undefined || metric === undefined) return name;
  const op = metric.better === 'higher' ? '>=' : '<=';
  return formatCondition({ metric: name, op, value: limit, unit: metric.unit, text: '' });
}
