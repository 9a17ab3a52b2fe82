import type { RequestFigures } from '../metrics/request-figures.ts';
import type { RunHeader, Window } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import { nearestRank, percentileNamed } from '../statistics/percentile.ts';
import type { Microseconds, Milliseconds } from '../units.ts';
import { isInCohort } from './cohort.ts';
import { isCut, type Judgement } from './judging.ts';
import { objectAt } from './note.ts';

/** Figures of the sessions that began in W (docs/metrics.md, "Sessions"). */
export interface SessionReport {
  /** Sessions that began in W. */
  started: number;
  /** Starts per second in W; `null` if W has no length. */
  started_per_s: number | null;
  /** Those that ended: `completed` and `cut`. The figures below are about them. */
  count: number;
  /** Their last turn ended. */
  completed: number;
  /** A failed turn ended them. */
  cut: number;
  /** They were not over when the run ended, or a later turn would have been due after W. */
  unfinished: number;
  /** Mean number of turns that were sent; `null` if no session ended. */
  turns_mean: number | null;
  /** From the start of the first turn to the end of the last, pauses included. */
  duration_ms: Record<'mean' | 'p50' | 'p95' | 'max', Milliseconds | null>;
  /** Sessions in which every turn was good. */
  good: number;
  /** Share of good sessions; `null` if no session ended. */
  attainment: number | null;
  /** Good sessions per minute of W. */
  good_per_min: number | null;
}

/** A session so far. */
interface Progress {
  start_us: Microseconds;
  ended_us: Microseconds;
  turns: number;
  sent: number;
  last: number;
  lastOutcome: Sample['outcome'];
  isGood: boolean;
  beganInWindow: boolean;
}

/** Collects the turns of each session. */
export class SessionFigures {
  readonly #load: RunHeader['load'];
  readonly #window: Window;
  readonly #continues: boolean;
  readonly #sessions = new Map<number, Progress>();

  /** @param window the window, or the planned one of a run that never closed */
  constructor(header: RunHeader, window: Window) {
    this.#load = header.load;
    this.#window = window;
    const workload = objectAt(header, 'workload');
    const following: unknown = Reflect.get(workload, 'sessions') ?? Reflect.get(workload, 'data');
    this.#continues =
      typeof following === 'object' && following !== null && Reflect.get(following, 'onError') === 'continue';
  }

  add(sample: Sample, { start_us }: RequestFigures, judgement: Judgement): void {
    const { i, session = i, turn = 0, turns = 1, outcome, ended_us } = sample;
    let progress = this.#sessions.get(session);
    if (progress === undefined) {
      progress = {
        start_us,
        ended_us,
        turns,
        sent: 0,
        last: -1,
        lastOutcome: outcome,
        isGood: true,
        beganInWindow: false,
      };
      this.#sessions.set(session, progress);
    }
    if (turn === 0) {
      progress.start_us = start_us;
      progress.beganInWindow = isInCohort(sample, start_us, this.#load, this.#window);
    }
    if (turn > progress.last) {
      progress.last = turn;
      progress.lastOutcome = outcome;
    }
    if (sample.sent_us !== null) progress.sent++;
    progress.ended_us = Math.max(progress.ended_us, ended_us);
    progress.isGood &&= judgement === 'good';
  }

  /** @param window_us the length of W */
  report(window_us: Microseconds): SessionReport {
    const began = [...this.#sessions.values()].filter(({ beganInWindow }) => beganInWindow);
    const ends = began.map((progress) => ({ ...progress, end: this.#endOf(progress) }));
    const ended = ends.filter(({ end }) => end !== 'unfinished');
    const durations = ended
      .map(({ start_us, ended_us }) => (ended_us - start_us) / 1000)
      .toSorted((a, b) => a - b);
    const at = (name: string): number | null =>
      durations[nearestRank(percentileNamed(name), durations.length) - 1] ?? null;
    const mean = (values: readonly number[]): number | null =>
      values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
    const per = (count: number, unit_us: Microseconds): number | null =>
      window_us === 0 ? null : count / (window_us / unit_us);
    const good = ended.filter(({ isGood }) => isGood).length;
    const cut = ended.filter(({ end }) => end === 'cut').length;
    return {
      started: began.length,
      started_per_s: per(began.length, 1e6),
      count: ended.length,
      completed: ended.length - cut,
      cut,
      unfinished: ends.length - ended.length,
      turns_mean: mean(ended.map(({ sent }) => sent)),
      duration_ms: { mean: mean(durations), p50: at('p50'), p95: at('p95'), max: durations.at(-1) ?? null },
      good,
      attainment: ended.length === 0 ? null : good / ended.length,
      good_per_min: per(good, 60e6),
    };
  }

  #endOf({ last, turns, lastOutcome }: Progress): 'completed' | 'cut' | 'unfinished' {
    if (isCut(lastOutcome)) return 'unfinished';
    if (lastOutcome !== 'ok' && !this.#continues) return 'cut';
    return last === turns - 1 ? 'completed' : 'unfinished';
  }
}
