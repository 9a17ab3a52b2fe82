import { clean, sentence } from './layout/clean.ts';
import { clock, count, duration, share, significant } from '../numbers.ts';
import { bar, sparkline } from './layout/sparkline.ts';
import { openPage, type Ink, type Page, type Style } from './layout/style.ts';
import { displayWidth, truncate, wrap } from './layout/wrap.ts';
import type { KeptFigure, ProgressHistory } from './progress-history.ts';
import { PHASE, type ProgressState } from './progress.ts';

const LABEL_WIDTH = 12;
const WIDEST_BAR = 40;
const WIDEST_SPARKLINE = 60;
/** Columns of a duration such as `98.2 ms`. */
const DURATION_WIDTH = 7;

/** A text in the colour of its meaning. */
type Part = readonly [text: string, ink?: keyof Ink];

/** Returns the live panel of a run: lines of at most `width` columns, at most 12 of them. */
export function panel(state: ProgressState, history: ProgressHistory, style: Style, width: number): string[] {
  const page = openPage(style);
  const room = width - LABEL_WIDTH;
  const line = (label: string, parts: readonly Part[]): string =>
    `${page.ink.strong(label)}${' '.repeat(LABEL_WIDTH - label.length)}${fitted(parts, room, page)}`;
  const named = capitalised(PHASE[state.phase]);
  return [
    line(named, phaseParts(state, room, page)),
    line('Requests', requestParts(state)),
    ...failureParts(state, page).map((parts) => line('Failures', parts)),
    line('TTFT', latencyParts('ttft', state, history, room, page)),
    line(state.tokens_per_event === 1 ? 'ITL' : 'Gap', latencyParts('gap', state, history, room, page)),
    line('Output', [[outputText(state, page)]]),
    ...attainmentParts(state, page).map((parts) => line('Attainment', parts)),
    ...auditParts(state, room, page).map((parts, k) => line(k === 0 ? 'Audit' : '', parts)),
  ];
}

const capitalised = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** Returns the parts in their colours, cut off at `width` columns. */
function fitted(parts: readonly Part[], width: number, { ink, signs }: Page): string {
  let left = width;
  let line = '';
  for (const [text, meaning] of parts) {
    if (left < signs.ellipsis.length) break;
    const cut = truncate(text, left, signs.ellipsis);
    line += meaning === undefined ? cut : ink[meaning](cut);
    left -= displayWidth(cut);
    if (cut !== text) break;
  }
  return line.trimEnd();
}

function phaseParts(state: ProgressState, room: number, page: Page): Part[] {
  const { elapsed_ms: elapsed, left_ms: left, planned, ok, failed } = state;
  const ended = planned === null || planned === 0 ? null : (ok + failed) / planned;
  const done = left === null ? ended : elapsed + left === 0 ? 1 : elapsed / (elapsed + left);
  const most = state.phase === 'drain' ? 'at most ' : '';
  const text = left === null ? clock(elapsed) : timesText(elapsed, left, most);
  if (done === null) return [[text]];
  const width = Math.min(WIDEST_BAR, room - text.length - 2);
  return [[`${bar(done, width, page.unicode)}  `], [text]];
}

/** Returns the elapsed time, the whole, and the rest: full seconds that add up. */
function timesText(elapsed_ms: number, left_ms: number, most: string): string {
  const whole = Math.round((elapsed_ms + left_ms) / 1000);
  const elapsed = Math.min(whole, Math.floor(elapsed_ms / 1000));
  return `${clock(elapsed * 1000)} of ${clock(whole * 1000)}, ${most}${clock((whole - elapsed) * 1000)} left`;
}

function requestParts({ sent, planned, in_flight, ok, failed }: ProgressState): Part[] {
  return [
    [`sent ${count(sent)}${planned === null ? '' : ` of ${count(planned)}`}`],
    [`, in flight ${count(in_flight)}, ok ${count(ok)}, `],
    failed > 0 ? [`failed ${count(failed)}`, 'bad'] : ['failed 0'],
  ];
}

function failureParts({ judged: { failure } }: ProgressState, page: Page): Part[][] {
  if (failure === null) return [];
  const times = page.unicode ? '×' : 'x';
  const { outcome, status, example } = failure;
  const texts = [status === null ? '' : `HTTP ${status}`, clean(example)].filter((text) => text !== '');
  return [
    [[`${count(failure.count)} ${times} ${outcome}`, 'bad'], ...texts.map((text): Part => [`: ${text}`])],
  ];
}

/** Returns p50 and p99 of the last seconds, each followed by its course over the run. */
function latencyParts(
  name: 'ttft' | 'gap',
  state: ProgressState,
  history: ProgressHistory,
  room: number,
  page: Page,
): Part[] {
  const each = Math.floor((room - 2) / 2);
  const columns = Math.min(WIDEST_SPARKLINE, each - DURATION_WIDTH - 5);
  return (['p50', 'p99'] as const).flatMap((percentile, k): Part[] => {
    const figure: KeptFigure = `${name}_${percentile}_ms`;
    const value = state[figure];
    const text = value === null ? page.signs.none : duration(value);
    const course = sparkline(history.values(figure), columns, { unicode: page.unicode });
    return [
      [k === 0 ? '' : '  '],
      [`${percentile} ${text.padEnd(DURATION_WIDTH)} `],
      [k === 0 ? course.padEnd(columns) : course],
    ];
  });
}

const outputText = ({ output_tps: speed, per_event }: ProgressState, page: Page): string =>
  speed === null ? page.signs.none : `${significant(speed)} tok/s${per_event === true ? ' per event' : ''}`;

function attainmentParts({ judged: so }: ProgressState, page: Page): Part[][] {
  if (!so.has_slos && so.gate === null) return [];
  if (so.attainment === null) return [[[page.signs.none]]];
  const text = `${share(so.attainment)}, ${count(so.good)} of ${count(so.judged)} good`;
  if (so.gate === null) return [[[text]]];
  const { met, text: gate } = so.gate;
  const sign = met ? page.signs.pass : page.signs.fail;
  const judgement = `${sign}${met ? 'meets' : 'misses'} ${clean(gate)} so far`;
  return [[[`${text}  `], [judgement, met ? 'good' : 'bad']]];
}

const LIGHT = { valid: 'good', suspect: 'warn', invalid: 'bad' } as const;
const MOST_REASON_LINES = 2;

/** Returns the status of the audit with its first reason, on two lines if it is long. */
function auditParts({ judged: { audit } }: ProgressState, room: number, page: Page): Part[][] {
  const light = `${page.unicode ? '●' : '*'} ${audit.status}`;
  const ink = LIGHT[audit.status];
  if (audit.reason === null) return [[[light, ink], [' so far']]];
  const reason = sentence(audit.reason, page.unicode);
  const indent = displayWidth(light) + 2;
  const lines = wrap(reason, room - indent);
  const shown = lines.slice(0, MOST_REASON_LINES - 1);
  if (lines.length > shown.length) shown.push(lines.slice(shown.length).join(' '));
  return shown.map((text, k) => (k === 0 ? [[light, ink], [`: ${text}`]] : [[' '.repeat(indent) + text]]));
}
