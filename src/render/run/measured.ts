import type { Report } from '../../analysis/report.ts';
import { loadText } from '../../load-text.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, share, span } from '../../numbers.ts';
import { entry } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';

/** Returns what was measured: endpoint, load, requests. */
export function measured(report: Report, page: Page): string[] {
  return [
    ...endpoint(report, page),
    ...(report.data === undefined ? [] : entry('Data', dataText(report.data), page)),
    ...entry('Load', measuredLoad(report), page),
    ...entry('Requests', requestsText(report), page),
  ];
}

function endpoint({ endpoint: { url, api, model, simulated, virtual } }: Report, page: Page): string[] {
  const where = virtual === true ? `${clean(api)} API` : `${clean(url)}, ${clean(api)} API`;
  const name = clean(model ?? '');
  const what = name === '' ? where : `${where}, model ${name}`;
  if (!simulated) return entry('Endpoint', what, page);
  const how = virtual === true ? 'on a virtual clock: nothing was sent, and' : 'by goodput itself:';
  const warning = `${page.ink.warn('SIMULATED')} ${how} no model produced these numbers`;
  return [...entry('Endpoint', warning, page), ...entry('', what, page)];
}

/** Returns true if the file of an imported run does not hold its load. */
const isUnknown = ({ concurrency, rate_rps, stages }: Report['load']): boolean =>
  concurrency === null && rate_rps === null && stages === undefined;

/** Returns the load and the window in words. */
export function measuredLoad({ load, run, imported }: Report): string {
  const parts = [
    imported !== undefined && isUnknown(load) ? 'unknown load' : loadText(load, (ms) => span(ms / 1000)),
  ];
  if (imported?.lacks.includes('starts')) {
    parts.push(`${plural(load.requests ?? 0, 'request')} in a window of unknown length`);
    return parts.join(', ');
  }
  const warmup = load.warmup_s > 0 ? `after ${span(load.warmup_s)} warm-up` : 'without warm-up';
  const window = `${span(load.window_s)} window`;
  parts.push(
    load.requests === null && load.sessions === undefined
      ? `${window} ${warmup}`
      : `${load.requests === null ? plural(load.sessions ?? 0, 'session') : plural(load.requests, 'request')} in a ${window} ${warmup}`,
  );
  if (load.loop === 'open' && load.clock === 'sent' && imported === undefined)
    parts.push('latencies from the send, not the planned instant');
  if (run.seed !== null) parts.push(`seed ${run.seed}`);
  return parts.join(', ');
}

/** Returns which data sets were sent, and how often their sessions repeated. */
export function dataText({
  files,
  format,
  sessions,
  distinct,
  most_repeated,
}: NonNullable<Report['data']>): string {
  const names = files.map(({ path }) => clean(path)).join(', ');
  const sent =
    distinct === null
      ? ''
      : `: ${count(distinct)} distinct sent${most_repeated === null || most_repeated < 2 ? '' : `, the most repeated ${count(most_repeated)} times`}`;
  return `${names} (${clean(format)}), ${plural(sessions, 'session')}${sent}`;
}

/** Returns how many requests were planned, sent and judged, and with which result. */
export function requestsText({ counts: c, rates, imported }: Report): string {
  const rate = c.failed > 0 && rates.error_rate !== null ? ` (${share(rates.error_rate)})` : '';
  const judged = [`${count(c.ok)} ok`, `${count(c.failed)} failed${rate}`];
  if (c.cut_missed > 0) judged.push(`${count(c.cut_missed)} cut off after missing a limit`);
  const planned = imported?.lacks.includes('planned') ? '' : `${count(c.planned)} planned, `;
  const parts = [`${planned}${count(c.sent)} sent, ${count(c.judged)} judged: ${judged.join(', ')}`];
  if (c.censored > 0) parts.push(`${count(c.censored)} cut off undecided, not counted`);
  if (c.lost > 0) parts.push(`${count(c.lost)} lost without a record`);
  return parts.join('; ');
}
