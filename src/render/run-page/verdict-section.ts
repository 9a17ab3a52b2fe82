import type { Report } from '../../analysis/report.ts';
import { metricNamed } from '../../metrics/registry.ts';
import { clean } from '../layout/clean.ts';
import { count, share, significant, tokenRate } from '../../numbers.ts';
import { perEvent, perEventIn } from '../layout/per-event.ts';
import { attained, goodput, objective } from '../run/attainment.ts';
import { auditFigures } from '../run/audit.ts';
import { reasonOf, valueOf } from '../run/gates.ts';
import { OUTCOME, unfinished } from '../run/headline.ts';
import { unitFor } from '../run/latencies.ts';
import { dataText, measuredLoad, requestsText } from '../run/measured.ts';
import { sessionTexts } from '../run/sessions.ts';
import type { Judged } from '../run/text.ts';
import type { Verdict } from '../../verdict/judge.ts';
import { perEventOf } from '../../verdict/token-unit.ts';
import { table, type Tile, tileList } from '../page/figure.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { latencyCell, none, STYLE, words } from './texts.ts';

const BADGE: Record<Verdict['status'], readonly [words: string, tone: 'good' | 'bad' | 'warn' | 'plain']> = {
  pass: ['PASS', 'good'],
  fail: ['FAIL', 'bad'],
  invalid: ['INVALID', 'bad'],
  none: ['NO GATES', 'plain'],
  interrupted: ['INTERRUPTED', 'warn'],
};

/** Returns the verdict in one line, what was measured, and the key figures. */
export function runHead(judged: Judged): Html {
  const { report, audit, verdict } = judged;
  const [badge, tone] = BADGE[verdict.status];
  const { endpoint, run } = report;
  const model = clean(endpoint.model ?? '');
  const where = endpoint.virtual === true ? 'on a virtual clock: nothing was sent' : clean(endpoint.url);
  const early = unfinished(report, STYLE);
  return html`<div class="verdict">
      <h1><span class="badge ${tone}">${badge}</span> <span class="run">${clean(run.name)}</span></h1>
      <p class="outcome">
        ${OUTCOME[verdict.status](verdict, audit)}; audit:
        <span class="${audit.status === 'valid' ? 'good' : audit.status === 'suspect' ? 'warn' : 'bad'}">${audit.status}</span>
      </p>
      ${early === null ? NOTHING : html`<p class="early">${early}</p>`}
      <p class="facts">
        ${model === '' ? NOTHING : html`<span>${model}</span>`}<span>${where}, ${clean(endpoint.api)} API</span><span>${measuredLoad(report)}</span><span>${clean(run.startedAt).replace(/\.\d+Z$/, 'Z')}</span>
      </p>
    </div>
    ${tiles(report)} `;
}

/** Returns the gates, the reasons of the audit, and the notes. */
export function verdictSection({ report, audit, verdict }: Judged): Html {
  const notes = [...audit.findings, ...report.notes]
    .map(({ text }) => words(text))
    .filter((text) => text !== '');
  const hint = verdict.hint === null ? '' : words(verdict.hint);
  const figures = auditFigures(audit);
  return html`${
    verdict.gates.length === 0
      ? html`<p class="missing">No gates were declared, so the run neither passed nor failed. ${hint}</p>`
      : gateTable(verdict.gates)
  }
    <p class="line">
      <strong>Audit</strong>
      <span class="${audit.status === 'valid' ? 'good' : audit.status === 'suspect' ? 'warn' : 'bad'}">${audit.status}</span>${figures === '' ? '' : `: ${figures}`}
    </p>
    ${
      audit.reasons.length === 0
        ? NOTHING
        : html`<ul class="reasons">
            ${audit.reasons.map(({ text, advice }) => html`<li>${words(text)} <span class="faint">${words(advice)}</span></li>`)}
          </ul>`
    }
    ${
      notes.length === 0
        ? NOTHING
        : html`<h3>Notes</h3>
            <ul class="notes">
              ${notes.map((text) => html`<li>${text}</li>`)}
            </ul>`
    }
    ${report.data === undefined ? NOTHING : html`<p class="line"><strong>Data</strong> ${dataText(report.data)}</p>`}
    <p class="line"><strong>Requests</strong> ${requestsText(report)}</p>
    ${report.sessions === undefined ? NOTHING : html`<p class="line"><strong>Sessions</strong> ${sessionTexts(report.sessions).join('; ')}</p>`} `;
}

/** Returns the gates with their values, and a column of notes if any has one. */
function gateTable(gates: Verdict['gates']): Html {
  const notes = gates.map((gate) =>
    [
      gate.inconclusive === true ? 'inconclusive' : gate.uncertain === true ? 'uncertain' : '',
      words(reasonOf(gate)),
    ]
      .filter((text) => text !== '')
      .join(': '),
  );
  const hasNote = notes.some((note) => note !== '');
  return table(
    'Gates',
    ['gate', 'result', 'value'].concat(hasNote ? ['note'] : []),
    gates.map((gate, at) =>
      [
        html`<code>${clean(gate.gate)}</code>` as Html | string,
        gate.pass ? html`<span class="good">✓ pass</span>` : html`<span class="bad">✗ FAIL</span>`,
        valueOf(gate),
      ].concat(hasNote ? [notes[at]!] : []),
    ),
    { isText: [1, 3] },
  );
}

/** Returns goodput and attainment in words, and the counts of each SLO. */
export function sloTexts(report: Report): Html {
  const { slo, counts, rates } = report;
  const lines = [
    ...(rates.goodput_rpm === null
      ? []
      : [html`<p class="line"><strong>Goodput</strong> ${goodput(report, STYLE)}</p>`]),
    ...(slo === null
      ? []
      : [html`<p class="line"><strong>Attainment</strong> ${attained(slo, counts, STYLE)}</p>`]),
  ];
  if (slo === null) return html`${lines}`;
  return html`${lines}
  ${table(
    'SLOs',
    ['SLO', 'met', 'missed', 'not applicable', 'failed'],
    Object.entries(slo.each).map(([name, { met, missed, not_applicable, failed }]) =>
      [
        html`<code>${objective(name, slo.limits[name])}</code>${perEventIn(name, report)}` as Html | string,
      ].concat([met, missed, not_applicable, failed].map(count)),
    ),
  )}`;
}

/** Returns the key figures; `data-key` names each in the summary document. */
function tiles(report: Report): Html {
  const { rates, slo, metrics } = report;
  const per = perEvent(perEventOf([report]));
  const value = (number: number | null, text: (value: number) => string): Html | string =>
    number === null ? none('no request has a value') : text(number);
  const all: Tile[] = [];
  const add = (...tile: Tile): void => {
    all.push(tile);
  };
  if (slo !== null) {
    add('slo.attainment.value', 'Attainment', value(slo.attainment.value, share));
    add('rates.goodput_rps', 'Goodput', value(rates.goodput_rps, significant), 'req/s');
  } else add('rates.rps', 'Completed', value(rates.rps, significant), 'req/s');
  for (const [name, column] of TILES) {
    const summary = metrics[name];
    if (summary === undefined) continue;
    const unit = unitFor(summary);
    add(
      `metrics.${name}.${column}`,
      `${name.toUpperCase()} ${column}${perEventIn(name, report)}`,
      latencyCell(summary, column, unit.ms),
      unit.name,
    );
  }
  add('rates.output_tps', `Output${per}`, value(rates.output_tps, tokenRate), 'tok/s');
  add('rates.error_rate', metricNamed('error_rate')!.label, value(rates.error_rate, share));
  return tileList(all);
}

const TILES = [
  ['ttft', 'p50'],
  ['ttft', 'p95'],
  ['tpot', 'p50'],
  ['tpot', 'p95'],
] as const;
