import { completionIn } from '../analysis/completion-share.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { blocksOf, designEffect } from './noise.ts';
import type { SearchWindow, WindowEnd, WindowPlan } from './search-window.ts';
import { type JudgeSettings, WindowJudge } from './window-judge.ts';

/** Facts of a window's run that are not in its samples. */
export interface Carried {
  /** W, which its `run.json` defines. */
  window: { start_us: Microseconds; end_us: Microseconds };
  ended: WindowEnd;
  void: string | null;
  contended: string | null;
  suspect: string | null;
  run: string | null;
  /** Instant at which the run ended. */
  last_us: Microseconds;
}

/** Returns the results of a window from its samples; recorded windows are read in the same way. */
export function searchWindowOf(
  plan: Pick<WindowPlan, 'number' | 'kind' | 'level' | 'seed'>,
  carried: Carried,
  samples: Iterable<Sample>,
  settings: JudgeSettings,
): SearchWindow {
  const { start_us: from, end_us: to } = carried.window;
  const window_s = (to - from) / 1e6;
  const judge = new WindowJudge(settings);
  const blocks = blocksOf(window_s);
  const good = Array.from({ length: blocks }, () => 0);
  const count = Array.from({ length: blocks }, () => 0);
  const missed: Record<string, number> = {};
  let sent = 0;
  let sessions = 0;
  let completed = 0;
  let successes = 0;
  let e2e_us = 0;
  let growth = 0;
  for (const sample of samples) {
    const judged = judge.judge(sample);
    const { start_us } = judged;
    const { ended_us } = sample;
    if (start_us < to) {
      sent++;
      if ((sample.turn ?? 0) === 0) sessions++;
    }
    completed += completionIn(sample, settings.loop, from, to);
    growth += Number(start_us < to && ended_us >= to) - Number(start_us < from && ended_us >= from);
    if (start_us < from || start_us >= to) continue;
    if (sample.outcome === 'ok') {
      successes++;
      e2e_us += ended_us - start_us;
    }
    if (judged.good === null) continue;
    const block = Math.min(blocks - 1, Math.floor(((start_us - from) / (to - from)) * blocks));
    count[block]!++;
    if (judged.good) good[block]!++;
    for (const slo of judge.missed(judged)) missed[slo] = (missed[slo] ?? 0) + 1;
  }
  const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
  return {
    number: plan.number,
    kind: plan.kind,
    level: plan.level,
    seed: plan.seed,
    ended: carried.ended,
    void: carried.void,
    contended: carried.contended,
    suspect: carried.suspect,
    run: carried.run,
    warmup_s: from / 1e6,
    window_s,
    took_s: carried.last_us / 1e6,
    sent,
    sessions,
    n: sum(count),
    good: sum(good),
    design: designEffect(good, count),
    e2e_s: successes === 0 ? null : e2e_us / successes / 1e6,
    completed_rps: window_s === 0 ? 0 : completed / window_s,
    growth_rps: window_s === 0 ? 0 : growth / window_s,
    missed,
  };
}
