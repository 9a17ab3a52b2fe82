import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import type { Due, WindowEnd, WindowPlan } from './search-window.ts';
import { type JudgeSettings, WindowJudge } from './window-judge.ts';

/** Minimum of decided requests before a window may be aborted. */
const FEWEST_DECIDED = 20;
/** Share of the target below which a window is aborted: 50% good at a target of 90%. */
const FAR_BELOW = 5 / 9;
/** Standard errors between attainment and target that make a bracket window clear. */
const CLEAR = 2;

/** The end of a window: W ends at `end_us`, and nothing more is sent. */
export interface Enough {
  end_us: Microseconds;
  ended: WindowEnd;
}

/**
 * Watches a window and decides when it ends. The load continues after W until W's requests have ended:
 * without it the last of them would run on an idle server.
 *
 * Bracket windows end early: aborted if most requests are bad (the best of the measured rules), and with a shorter
 * W if attainment is far from the target. Refinement windows have a fixed length.
 */
export class WindowWatch {
  readonly #plan: WindowPlan;
  readonly #target: number;
  readonly #judge: WindowJudge;
  readonly #from_us: Microseconds;
  #to_us: Microseconds;
  #ended: WindowEnd = 'full';
  /** Open loop: the requests of warm-up and W; closed loop: not known beforehand. */
  readonly #due: readonly Due[] | null;
  #firstOpen = 0;
  readonly #over = new Set<number>();
  /** Start → good or not, of the requests of W (at its longest) that have ended. */
  readonly #decided: { start_us: Microseconds; good: boolean }[] = [];
  /** Closed loop: the first request that began after W, of those that have ended. */
  #firstAfter = Infinity;
  #overBefore = 0;

  constructor(plan: WindowPlan, target: number, settings: JudgeSettings, due: readonly Due[] | null) {
    this.#plan = plan;
    this.#target = target;
    this.#judge = new WindowJudge(settings);
    this.#from_us = Math.round(plan.warmup_s * 1e6);
    this.#to_us = Math.round((plan.warmup_s + plan.window_s) * 1e6);
    this.#due = due;
  }

  /** Requests that have ended. */
  add(samples: readonly Sample[]): void {
    for (const sample of samples) {
      const { start_us, good } = this.#judge.judge(sample);
      this.#over.add(sample.i);
      if (start_us >= this.#from_us && good !== null) this.#decided.push({ start_us, good });
      if (start_us >= this.#to_us) this.#firstAfter = Math.min(this.#firstAfter, sample.i);
    }
  }

  /** @returns `null` while it has to go on */
  decide(now_us: Microseconds): Enough | null {
    if (now_us < this.#from_us) return null;
    if (now_us < this.#to_us) {
      if (this.#plan.kind !== 'bracket') return null;
      const { decided, good } = this.#countRequests(now_us);
      if (decided >= FEWEST_DECIDED && good < FAR_BELOW * this.#target * decided)
        return { end_us: now_us, ended: 'aborted' };
      if (now_us < this.#from_us + this.#plan.least_s * 1e6 || !this.#isClear(good, decided)) return null;
      this.#to_us = now_us;
      this.#ended = 'clear';
    }
    const end_us = this.#to_us;
    if (this.#allOver(now_us) || now_us >= end_us + this.#plan.cooldown_s * 1e6)
      return { end_us, ended: this.#ended };
    if (this.#plan.kind !== 'bracket' || this.#due === null) return null;
    const { decided, good, all } = this.#countRequests(now_us);
    const best = good + (all - decided);
    return all >= FEWEST_DECIDED && best < FAR_BELOW * this.#target * all
      ? { end_us, ended: 'aborted' }
      : null;
  }

  #isClear(good: number, decided: number): boolean {
    if (decided === 0) return false;
    const p = (good + 0.3) / (decided + 0.6);
    const error = Math.sqrt((p * (1 - p)) / decided);
    return Math.abs(good / decided - this.#target) > CLEAR * error;
  }

  /** Counts of W's requests: those that have started, those whose result is known, and the good ones. */
  #countRequests(now_us: Microseconds): { all: number; decided: number; good: number } {
    const to_us = Math.min(now_us, this.#to_us);
    const within = this.#decided.filter(({ start_us }) => start_us < to_us);
    const good = within.filter((each) => each.good).length;
    const open = (this.#due ?? []).filter(
      ({ i, start_us }) => start_us >= this.#from_us && start_us < to_us && !this.#over.has(i),
    );
    const overdue = open.filter((each) => isOverdue(each, now_us)).length;
    return { all: within.length + open.length, decided: within.length + overdue, good };
  }

  #allOver(now_us: Microseconds): boolean {
    if (this.#due === null) {
      while (this.#over.has(this.#overBefore)) this.#overBefore++;
      return this.#overBefore >= this.#firstAfter;
    }
    for (; this.#firstOpen < this.#due.length; this.#firstOpen++) {
      const due = this.#due[this.#firstOpen]!;
      if (due.start_us >= this.#to_us) return true;
      if (due.start_us < this.#from_us || this.#over.has(due.i) || isOverdue(due, now_us)) continue;
      return false;
    }
    return true;
  }
}

const isOverdue = ({ latest_us }: Due, now_us: Microseconds): boolean =>
  latest_us !== null && now_us > latest_us;
