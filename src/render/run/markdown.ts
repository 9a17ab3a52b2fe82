import { metricNamed } from '../../metrics/registry.ts';
import type { GateResult } from '../../verdict/gate.ts';
import type { Verdict } from '../../verdict/judge.ts';
import { auditStatus } from './audit.ts';
import { attained, goodput, objective, overTimeText } from './attainment.ts';
import { clean } from '../layout/clean.ts';
import { count } from '../../numbers.ts';
import { reasonOf, valueOf } from './gates.ts';
import { groupTable, headedColumns } from './groups.ts';
import { OUTCOME, unfinished } from './headline.ts';
import { cell, COLUMNS, shownMetrics, unitFor } from './latencies.ts';
import { lackingText } from './lacking.ts';
import { telemetryTexts } from './telemetry.ts';
import { markdownCode, markdownSentence, markdownTable } from '../writers/markup.ts';
import { dataText, measuredLoad, requestsText } from './measured.ts';
import { sessionTexts } from './sessions.ts';
import { quote } from '../layout/quote.ts';
import { simulatedTitle } from '../layout/simulated.ts';
import { gridTable } from './slo-grid.ts';
import { openPage } from '../layout/style.ts';
import { perEventIn } from '../layout/per-event.ts';
import { statedTexts } from './stated.ts';
import type { Judged } from './text.ts';
import { requestRates, reuseText, tokenRates } from './throughput.ts';

const page = openPage({ color: false, unicode: true, width: 100 });

const BADGE: Record<Verdict['status'], string> = {
  pass: '✅ PASS',
  fail: '❌ FAIL',
  invalid: '🚫 INVALID',
  none: 'NO GATES',
  interrupted: '🛑 INTERRUPTED',
};

const MOST_SENTENCES = 8;

/** Returns the report as GitHub-flavoured Markdown, the verdict first, for a pull request or a step summary. Ends with a newline. */
export function renderMarkdown(judged: Judged): string {
  const { report, audit, verdict } = judged;
  const blocks = [
    title(judged),
    bullets([unfinished(report, page) ?? '', verdict.hint ?? '']),
    bullets(audit.reasons.map(({ text, advice }) => `${text} ${advice}`)),
    gates(verdict.gates),
    figures(judged),
    objectives(judged),
    grid(judged),
    latencies(judged),
    groups(judged),
    failures(judged),
    bullets([...audit.findings, ...report.notes].map(({ text }) => text)),
    origin(judged),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function title({ report, audit, verdict }: Judged): string {
  const outcome = markdownSentence(OUTCOME[verdict.status](verdict, audit));
  return `### ${BADGE[verdict.status]}: ${markdownCode(report.run.name)}, ${outcome}${simulatedTitle(report.endpoint)}`;
}

function bullets(sentences: readonly string[]): string {
  const texts = sentences.map(markdownSentence).filter((text) => text !== '');
  const shown = texts.slice(0, MOST_SENTENCES).map((text) => `- ${text}`);
  const rest = texts.length - shown.length;
  return [...shown, ...(rest > 0 ? [`- and ${rest} more in summary.json`] : [])].join('\n');
}

function gates(results: readonly GateResult[]): string {
  if (results.length === 0) return '';
  const rows = results.map((gate) => [
    gate.pass ? '✅ pass' : '❌ **FAIL**',
    markdownCode(gate.gate),
    markdownSentence(valueOf(gate)),
    markdownSentence(reasonOf(gate)),
  ]);
  return markdownTable(['', 'gate', 'value', ''], rows, ['left', 'left', 'right', 'left']);
}

function figures({ report, audit }: Judged): string {
  const { rates, slo, counts, endpoint } = report;
  const rows: [string, string][] = [];
  if (rates.goodput_rpm !== null) rows.push(['goodput', goodput(report, page)]);
  if (slo !== null) rows.push(['attainment', attained(slo, counts, page)]);
  const over = overTimeText(slo?.over_time ?? null, counts.judged, page);
  if (over !== null) rows.push(['over time', over]);
  rows.push(
    ['requests', requestsText(report)],
    ...(report.sessions === undefined
      ? []
      : [['sessions', sessionTexts(report.sessions).join('; ')] as [string, string]]),
    [
      'throughput',
      [requestRates(report) || lackingText(report, 'rps', page), tokenRates(report)]
        .filter((text) => text !== '')
        .join('; '),
    ],
    ...(report.data === undefined ? [] : [['data', dataText(report.data)] as [string, string]]),
    ...(report.reuse === undefined ? [] : [['prefix reuse', reuseText(report)] as [string, string]]),
    ...[...statedTexts(report), ...telemetryTexts(report)].map(({ label, texts }): [string, string] => [
      label.toLowerCase(),
      texts.join('; '),
    ]),
    ['load', measuredLoad(report)],
    ['audit', auditStatus(audit)],
  );
  const cells = rows.map(([name, text]) => [name, markdownSentence(text)]);
  const model = endpoint.model === null ? '' : `, model ${markdownCode(endpoint.model)}`;
  cells.push(['endpoint', `${markdownCode(endpoint.url)}, ${markdownSentence(endpoint.api)} API${model}`]);
  return markdownTable(['', ''], cells, ['left', 'left']);
}

function objectives({ report }: Judged): string {
  const { slo } = report;
  if (slo === null) return '';
  const rows = Object.entries(slo.each).map(([name, { met, missed, not_applicable, failed }]) =>
    [markdownCode(objective(name, slo.limits[name])) + perEventIn(name, report)].concat(
      [met, missed, not_applicable, failed].map(count),
    ),
  );
  const head = ['SLO', 'met', 'missed', 'not applicable', 'failed'];
  return markdownTable(head, rows, ['left', 'right', 'right', 'right', 'right']);
}

function grid({ report: { slo_grid } }: Judged): string {
  if (slo_grid === undefined) return '';
  const { down, across, head, rows, fixed } = gridTable(slo_grid);
  const title = `Attainment by SLO limits${fixed.length === 0 ? '' : `, with ${fixed.map(markdownCode).join(', ')}`}:`;
  const corner = [down, ...(across === null ? [] : [across])].map(markdownCode).join(' ');
  const table = markdownTable([corner, ...head], rows, ['left', ...head.map(() => 'right' as const)]);
  return `${title}\n\n${table}`;
}

function latencies({ report }: Judged): string {
  const rows = shownMetrics(report)
    .filter(
      ([, { count: values, why }]) => values > 0 || !['samples', 'failures'].includes(why.p50 ?? 'samples'),
    )
    .map(([name, summary]) => {
      const unit = unitFor(summary);
      const label = (metricNamed(name)?.label ?? '') + perEventIn(name, report);
      const cells = COLUMNS.map((column) => cell(summary, column, unit.ms, page));
      return [`\`${name}\` ${label}, ${unit.name}`].concat(cells);
    });
  if (rows.length === 0) return '';
  return markdownTable(['latency', ...COLUMNS], rows, ['left', ...COLUMNS.map(() => 'right' as const)]);
}

function groups({ report }: Judged): string {
  const table = groupTable(report);
  if (table === null || table.rows.length === 0) return '';
  const shown = headedColumns(report, table);
  const rows = table.rows.map((row) => [
    markdownCode(row.group),
    ...shown.map(({ column }) => column.text(row, page)),
  ]);
  const head = [markdownCode(table.by), ...shown.map(({ head }) => head)];
  return `${markdownTable(head, rows, ['left', ...shown.map(() => 'right' as const)])}\n\n${table.sum}`;
}

function failures({ report }: Judged): string {
  if (report.failures.length === 0) return '';
  const rows = report.failures
    .slice(0, MOST_SENTENCES)
    .map((each) => [
      markdownCode(each.outcome),
      count(each.count),
      each.status === null ? '' : String(each.status),
      markdownCode(each.example),
    ]);
  return markdownTable(['failure', 'requests', 'status', 'example'], rows, [
    'left',
    'right',
    'right',
    'left',
  ]);
}

function origin({ report: { run } }: Judged): string {
  const dir = clean(run.dir);
  const again =
    dir === '' || dir !== run.dir ? '' : `; show again: ${markdownCode(`goodput report ${quote(dir)}`)}`;
  return `${markdownSentence(`started ${run.startedAt}, goodput ${run.version}`)}${again}`;
}
