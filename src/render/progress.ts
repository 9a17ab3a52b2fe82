import type { JudgedSoFar } from '../verdict/live-judgement.ts';
import { clock, count, duration, significant } from '../numbers.ts';
import { truncate } from './layout/wrap.ts';

/** The state of a run. */
export interface ProgressState {
  phase: 'preflight' | 'warmup' | 'measure' | 'drain';
  /** Since the run's origin. */
  at_ms: number;
  /** Since the phase began. */
  elapsed_ms: number;
  /** Until the phase ends; `null` if that is unknown. */
  left_ms: number | null;
  sent: number;
  planned: number | null;
  in_flight: number;
  failed: number;
  ok: number;
  ttft_p50_ms: number | null;
  ttft_p99_ms: number | null;
  gap_p50_ms: number | null;
  gap_p99_ms: number | null;
  /** `null`: unknown. */
  tokens_per_event: number | null;
  output_tps: number | null;
  per_event?: boolean;
  judged: JudgedSoFar;
}

export const PHASE: Record<ProgressState['phase'], string> = {
  preflight: 'preflight',
  warmup: 'warm-up',
  measure: 'measure',
  drain: 'drain',
};

const GAP = '  ';

interface Field {
  /** Priority: fields with the lowest are omitted first. */
  keep: number;
  text: string;
  /** Shorter text for narrow terminals. */
  brief: string;
}

/** Returns one uncoloured ASCII line of at most `width` columns. If it is too long, fields are shortened, then omitted. */
export function progressLine(state: ProgressState, width: number): string {
  const fields = fieldsOf(state);
  const most = Math.max(...fields.map(({ keep }) => keep));
  const lines = [line(fields, 1, 'text'), line(fields, 2, 'text')];
  for (let least = 2; least <= most; least++) lines.push(line(fields, least, 'brief'));
  return lines.find((each) => each.length <= width) ?? truncate(lines.at(-1)!, Math.max(0, width), '');
}

const line = (fields: readonly Field[], least: number, form: 'text' | 'brief'): string =>
  fields
    .filter(({ keep }) => keep >= least)
    .map((field) => field[form])
    .join(GAP);

const same = (keep: number, text: string): Field => ({ keep, text, brief: text });

function fieldsOf(state: ProgressState): Field[] {
  const { elapsed_ms: elapsed, left_ms: left, planned, output_tps: speed } = state;
  const { ttft_p50_ms: ttft, ttft_p99_ms: slow, gap_p50_ms: gap } = state;
  const phase = `${PHASE[state.phase]} ${clock(elapsed)}`;
  return [
    left === null
      ? same(7, phase)
      : { keep: 7, text: `${phase}, ${clock(left)} left`, brief: `${phase}/${clock(elapsed + left)}` },
    same(5, `sent ${count(state.sent)}${planned === null ? '' : `/${count(planned)}`}`),
    same(4, `in flight ${count(state.in_flight)}`),
    same(1, `ok ${count(state.ok)}`),
    same(6, `failed ${count(state.failed)}`),
    ...(ttft === null
      ? []
      : [
          {
            keep: 3,
            text: `ttft p50 ${duration(ttft)}${slow === null ? '' : `, p99 ${duration(slow)}`}`,
            brief: `ttft ${duration(ttft)}`,
          },
        ]),
    ...(gap === null ? [] : [same(1, `gap p50 ${duration(gap)}`)]),
    ...(speed === null
      ? []
      : [same(2, `${significant(speed)} tok/s${state.per_event === true ? ' per event' : ''}`)]),
  ];
}
