import { stringify } from 'yaml';
import type { Report } from '../../analysis/report.ts';
import { METRICS, metricNamed } from '../../metrics/registry.ts';
import type { RunHeader } from '../../record/header.ts';
import { clean } from '../layout/clean.ts';
import { count, duration, share } from '../../numbers.ts';
import { quote } from '../layout/quote.ts';
import { WHY } from '../run/latencies.ts';
import {
  finishReasons,
  inFlight,
  requestRates,
  reuseText,
  tokenLines,
  tokenRates,
} from '../run/throughput.ts';
import type { Grouping, SeriesDocument } from '../../series/series-document.ts';
import { table } from '../page/figure.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { none, STYLE, words } from './texts.ts';

const line = (label: string, text: string): Html =>
  text === '' ? NOTHING : html`<p class="line"><strong>${label}</strong> ${words(text)}</p>`;

/** Returns rates and token counts, planned and counted. */
export function throughputTexts(report: Report): Html {
  return html`${line('Throughput', [requestRates(report), tokenRates(report)].filter((text) => text !== '').join('; '))}${line('In flight', inFlight(report))}${line(
    'Tokens',
    tokenLines(report, STYLE)
      .filter((text) => text !== '')
      .join('; '),
  )}${line('Reuse', reuseText(report))}${line('Finish', finishReasons(report, STYLE))}`;
}

/** Returns the failures by class, each with an example. */
export function failureTable({ failures, counts }: Report): Html {
  if (failures.length === 0) return NOTHING;
  return table(
    'Failures',
    ['outcome', 'requests', 'share of judged', 'status', 'example'],
    failures.map((each) => [
      each.outcome,
      count(each.count),
      counts.judged === 0 ? none('no request was judged') : share(each.count / counts.judged),
      each.status === null ? none('no response') : String(each.status),
      clean(each.example),
    ]),
    { isText: [4] },
  );
}

/** Returns a table of each grouping. */
export function groupTables(groupings: readonly Grouping[]): Html {
  const time = (value: number | null): Html | string =>
    value === null ? none('no request has a value') : duration(value);
  return html`${groupings.map(({ by, groups }) =>
    table(
      `By ${by}`,
      [by, 'requests', 'ok', 'failed', 'TTFT p50', 'TTFT p99'],
      groups.map((group) => [
        clean(group.name),
        count(group.requests),
        count(group.ok),
        count(group.failed),
        time(group.ttft_p50_ms),
        time(group.ttft_p99_ms),
      ]),
    ),
  )}`;
}

/** Returns how to show the run again, what was measured where, and the definition of each metric on the page. */
export function detailsSection(header: RunHeader, report: Report, series: SeriesDocument): Html {
  const { environment, scenario } = header;
  const dir = clean(report.run.dir);
  const again = dir !== '' && dir === report.run.dir ? `goodput report ${quote(dir)}` : '';
  const shown = new Set([
    'attainment',
    'goodput_rps',
    'error_rate',
    'ttft',
    'ttft_sent',
    'ttfa',
    'tpot',
    'itl',
    'e2e',
    'max_gap',
    'rps',
    'sent_rps',
    'output_tps',
    'concurrency',
    ...series.slos.map(({ metric }) => metric),
  ]);
  return html`${again === '' ? NOTHING : html`<p class="line"><strong>Show again</strong> <code>${again}</code></p>`}
    ${line('Measured by', `goodput ${report.run.version}, ${report.run.seed === null ? '' : `seed ${report.run.seed}, `}run ${report.run.id}`)}
    ${environment === null ? NOTHING : line('Machine', `${environment.cpu}, ${environment.cores} cores, ${Math.round(environment.memory_bytes / 2 ** 30)} GiB, ${environment.os}, Node ${environment.node}`)}
    <details>
      <summary>Scenario, as resolved</summary>
      <pre tabindex="0">${stringify(scenario)}</pre>
    </details>
    <details>
      <summary>Definitions of the metrics on this page</summary>
      ${table(
        'Metrics, as docs/metrics.md defines them',
        ['metric', 'name', 'formula', 'unit', 'needs'],
        METRICS.filter(({ name }) => shown.has(name)).map(({ name, label, formula, unit, needs }) => [
          html`<code>${name}</code>`,
          label,
          formula,
          unit,
          needs,
        ]),
        { isText: [1, 2, 3, 4] },
      )}
    </details> `;
}

/** Returns why the charts of a metric are missing; empty if none is. */
export function withheldText({ withheld }: SeriesDocument): string {
  const names = DRAWN.filter((name) => name in withheld);
  return Object.entries(Object.groupBy(names, (name) => withheld[name]!))
    .map(
      ([reason, all]) =>
        `Not shown (${WHY[reason as keyof typeof WHY] ?? reason}): ${all!.map((name) => metricNamed(name)?.label ?? name).join(', ')}.`,
    )
    .join(' ');
}

/** Metrics that the timeline draws. */
const DRAWN = ['ttft', 'itl', 'max_gap'];
