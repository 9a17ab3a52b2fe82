import type { Report } from '../../analysis/report.ts';
import { formatRate, formatStage } from '../../units.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, share, span } from '../layout/format.ts';
import { entry } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';

/** Returns what was measured: endpoint, load, requests. */
export function measured(report: Report, page: Page): string[] {
  return [
    ...endpoint(report, page),
    ...entry('Load', loadText(report), page),
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

/** The load in words: loop, rate, window, seed. */
export function loadText({ load: l, run }: Report): string {
  const parts = l.loop === 'open' ? [openLoop(l)] : [`closed loop, ${count(l.concurrency ?? 0)} at a time`];
  if (l.max_concurrency !== null) parts.push(`at most ${count(l.max_concurrency)} in flight`);
  const warmup = l.warmup_s > 0 ? `after ${span(l.warmup_s)} warm-up` : 'without warm-up';
  const window = `${span(l.window_s)} window`;
  parts.push(
    l.requests === null ? `${window} ${warmup}` : `${plural(l.requests, 'request')} in a ${window} ${warmup}`,
  );
  if (l.loop === 'open' && l.clock === 'sent') parts.push('latencies from the send, not the planned instant');
  parts.push(`seed ${run.seed}`);
  return parts.join(', ');
}

function openLoop({ arrivals, burstiness, rate_rps, stages = [] }: Report['load']): string {
  const how = arrivals === 'poisson' ? 'Poisson' : (arrivals ?? 'planned');
  const shape = burstiness === undefined ? '' : ` (burstiness ${burstiness})`;
  const rates =
    rate_rps === null
      ? stages.map(({ from_rps, to_rps, for_s }) => formatStage(from_rps, to_rps, span(for_s)))
      : [formatRate(rate_rps)];
  return `open loop, ${how}${shape}${rates.length === 0 ? '' : ` ${rates.join(', then ')}`}`;
}

/** Returns how many requests were planned, sent and judged, and with which result. */
export function requestsText({ counts: c, rates }: Report): string {
  const rate = c.failed > 0 && rates.error_rate !== null ? ` (${share(rates.error_rate)})` : '';
  const judged = [`${count(c.ok)} ok`, `${count(c.failed)} failed${rate}`];
  if (c.cut_missed > 0) judged.push(`${count(c.cut_missed)} cut off after missing a limit`);
  const parts = [
    `${count(c.planned)} planned, ${count(c.sent)} sent, ${count(c.judged)} judged: ${judged.join(', ')}`,
  ];
  if (c.censored > 0) parts.push(`${count(c.censored)} cut off undecided, not counted`);
  if (c.lost > 0) parts.push(`${count(c.lost)} lost without a record`);
  return parts.join('; ');
}
