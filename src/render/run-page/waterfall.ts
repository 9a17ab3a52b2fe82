import { clean } from '../layout/clean.ts';
import { decimal, duration, rounded, roundedTo } from '../../numbers.ts';
import { truncate } from '../layout/wrap.ts';
import type { RequestSpan } from '../../series/series-document.ts';
import { table } from '../page/figure.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { none } from './texts.ts';

const WIDTH = 1100;
/** Room for the text behind the longest bar. */
const RIGHT = 210;
const ROW = 18;
const LEFT = 132;
const TOP = 22;

/** A part of a request: its class in the style sheet, and its name in the legend. */
const PARTS = [
  ['wait', 'waiting to be sent'],
  ['connect', 'sent, waiting for headers'],
  ['prefill', 'headers, waiting for the first token'],
  ['stream', 'streaming'],
  ['gap', 'longest gaps'],
  ['rest', 'after the last token'],
] as const;

type PartName = (typeof PARTS)[number][0];

/** Returns the requests as bars from their planned instants, and a table with their instants and errors. */
export function waterfall(spans: readonly RequestSpan[]): Html {
  const longest = Math.max(...spans.map(({ planned_s, ended_s }) => ended_s - planned_s), 1e-6);
  const scale = (WIDTH - LEFT - RIGHT) / longest;
  const height = TOP + spans.length * ROW + 4;
  const ticks = ticksTo(longest);
  return html`<figure class="waterfall" id="waterfall">
    <figcaption><h3>Requests from their planned instant (time)</h3></figcaption>
    <ul class="keys">
      ${PARTS.map(
        ([name, label]) =>
          html`<li>
            <svg viewBox="0 0 14 10" aria-hidden="true"><rect class="${name}" width="14" height="10" /></svg>${label}
          </li>`,
      )}
      <li>
        <svg viewBox="0 0 14 10" aria-hidden="true"><path class="fail" d="M3 1L11 9M11 1L3 9" /></svg>failed
      </li>
    </ul>
    <div class="scroll" tabindex="0" role="region" aria-label="Requests as bars">
      <svg class="bars"
        viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${`${spans.length} requests as bars; the table below has their instants.`}">
        ${ticks.map((at) => html`<line class="grid" x1="${round(LEFT + at * scale)}" x2="${round(LEFT + at * scale)}" y1="${TOP - 4}" y2="${height}" /><text class="tick" x="${round(LEFT + at * scale)}" y="12">${at === 0 ? '0' : duration(at * 1000)}</text>`)}
        ${spans.map((span, row) => bar(span, TOP + row * ROW, scale))}
      </svg>
    </div>
    ${instants(spans)}
  </figure> `;
}

const round = (value: number): number => roundedTo(value, 1);

/** Returns round times from 0 to at most `longest`, in seconds. */
function ticksTo(longest: number): number[] {
  const rough = longest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  return Array.from({ length: Math.floor(longest / step) + 1 }, (_, k) => rounded(k * step, 6));
}

function bar(span: RequestSpan, top: number, scale: number): Html {
  const { planned_s, sent_s, headers_s, first_s, last_s, ended_s, judgement } = span;
  const x = (at: number): number => LEFT + (at - planned_s) * scale;
  const part = (name: PartName, from: number | null, to: number | null, inset = 3): Html =>
    from === null || to === null || to <= from
      ? NOTHING
      : html`<rect class="${name}" x="${round(x(from))}" y="${top + inset}" width="${Math.max(0.8, round((to - from) * scale))}" height="${ROW - 2 * inset}"/>`;
  const begun = sent_s ?? ended_s;
  const answered = headers_s ?? first_s ?? ended_s;
  const isBad = judgement === 'failed';
  const name = `${span.i} ${isBad ? span.outcome : judgement === 'good' ? 'good' : 'missed'}`;
  const parts = [
    part('wait', planned_s, begun),
    ...(sent_s === null
      ? []
      : [
          part('connect', sent_s, answered),
          part('prefill', headers_s, first_s ?? ended_s),
          part('stream', first_s, last_s),
          ...span.gaps.map((gap) => part('gap', gap.from_s, gap.to_s, 5)),
          part('rest', last_s, ended_s, 6),
        ]),
  ];
  const end = round(x(ended_s));
  const cross = isBad ? html`<path class="fail" d="M${end - 4} ${top + 5}l8 8m0 -8l-8 8"/>` : NOTHING;
  return html`<g><title>${describe(span)}</title><text class="name${isBad ? ' bad' : ''}" x="${LEFT - 8}" y="${top + 13}">${name}</text>${parts}${cross}<text class="what" x="${end + (isBad ? 10 : 6)}" y="${top + 13}">${what(span)}</text></g>
`;
}

const LONGEST_TEXT = 34;

/** Returns what was wrong with a request in few words: the limits that it missed, or the start of its error. */
function what({ judgement, missed, error, ttft_ms, e2e_ms, max_gap_ms }: RequestSpan): string {
  if (judgement === 'failed') return truncate(clean(error ?? ''), LONGEST_TEXT, '…');
  const known = new Map([
    ['ttft', ttft_ms],
    ['e2e', e2e_ms],
    ['max_gap', max_gap_ms],
  ]);
  return missed
    .map((metric) => {
      const value = known.get(metric) ?? null;
      return value === null ? metric : `${metric} ${duration(value)}`;
    })
    .join(', ');
}

const describe = (span: RequestSpan): string =>
  [
    `Request ${span.i}: ${span.outcome}`,
    span.missed.length === 0 ? '' : `missed ${span.missed.join(', ')}`,
    span.ttft_ms === null ? '' : `TTFT ${duration(span.ttft_ms)}`,
    span.e2e_ms === null ? '' : `E2E ${duration(span.e2e_ms)}`,
    span.max_gap_ms === null ? '' : `longest stall ${duration(span.max_gap_ms)}`,
    clean(span.error ?? ''),
  ]
    .filter((text) => text !== '')
    .join(', ');

/** Returns the instants of each request, from its planned one. */
function instants(spans: readonly RequestSpan[]): Html {
  const after = ({ planned_s }: RequestSpan, at: number | null): Html | string =>
    at === null ? none('did not happen') : duration((at - planned_s) * 1000);
  const hasReplica = spans.some(({ replica }) => replica !== null);
  return html`<details class="numbers">
    <summary>Instants and errors of these requests</summary>
    ${table(
      'Times after the planned instant',
      [
        'request',
        'result',
        'planned',
        'sent',
        'headers',
        'first token',
        'last token',
        'end',
        'in / out tokens',
        ...(hasReplica ? ['replica'] : []),
        'error',
      ],
      spans.map((span) => [
        String(span.i),
        span.judgement === 'failed'
          ? `${span.outcome}${span.status === null ? '' : ` ${span.status}`}`
          : span.missed.length > 0
            ? `missed ${span.missed.join(', ')}`
            : span.judgement,
        `${decimal(span.planned_s, 3)} s`,
        after(span, span.sent_s),
        after(span, span.headers_s),
        after(span, span.first_s),
        after(span, span.last_s),
        after(span, span.ended_s),
        `${span.input_tokens ?? '–'} / ${span.output_tokens ?? '–'}`,
        ...(hasReplica ? [clean(span.replica ?? '')] : []),
        clean(span.error ?? ''),
      ]),
      { isText: [1, ...(hasReplica ? [9, 10] : [9])] },
    )}
  </details>`;
}
