import { searchWindowOf } from '../../src/capacity/measure-window.ts';
import type { Due, SearchWindow, WindowPlan } from '../../src/capacity/search-window.ts';
import { WindowWatch } from '../../src/capacity/window-watch.ts';
import { latestGood } from '../../src/capacity/window-judge.ts';
import { arrivals } from '../../src/plan/arrivals.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import type { BatchingSettings } from '../../src/simulator/engine/batching.ts';
import type { CostModel } from '../../src/simulator/engine/cost.ts';
import { openWorkload } from '../../src/workload/workload.ts';

/** A simulated server with its workload and SLOs. */
export interface Pair {
  name: string;
  scenario: Pick<Scenario, 'workload' | 'endpoint' | 'simulator' | 'load' | 'slo'>;
  engine: BatchingSettings;
  cost: CostModel;
}

/** Runs search windows in virtual time, in memory. */
export function virtualProber(pair: Pair, target: number): (plan: WindowPlan) => SearchWindow {
  return (plan) => {
    const single = plan.kind === 'single';
    const scenario = {
      ...pair.scenario,
      seed: plan.seed,
      load: {
        ...pair.scenario.load,
        rate: single ? null : plan.level,
        concurrency: single ? plan.level : null,
        warmup: plan.warmup_s * 1000,
        duration: single ? null : (plan.window_s + plan.cooldown_s) * 1000,
        requests: single ? plan.window_s : null,
        drain: 600_000,
      },
    };
    const settings = {
      slos: pair.scenario.slo,
      loop: single ? ('closed' as const) : ('open' as const),
      clock: 'planned' as const,
      capped: false,
    };
    const watch = new WindowWatch(plan, target, settings, single ? null : dueOf(scenario, plan));
    let ended: SearchWindow['ended'] = 'full';
    const run = simulateRun(scenario, {
      engine: pair.engine,
      cost: pair.cost,
      ...(single
        ? {}
        : {
            steer: (samples, run) => {
              watch.add(samples);
              const enough = watch.decide(run.now_us);
              if (enough === null) return;
              ended = enough.ended;
              run.conclude(enough.end_us);
            },
          }),
    });
    const last_us = run.samples.reduce((last, { ended_us }) => Math.max(last, ended_us), 0);
    return searchWindowOf(
      plan,
      { window: run.window, ended, void: null, contended: null, suspect: null, run: null, last_us },
      run.samples,
      settings,
    );
  };
}

function dueOf(scenario: Pick<Scenario, 'seed' | 'load' | 'workload' | 'slo'>, plan: WindowPlan): Due[] {
  const to_us = (plan.warmup_s + plan.window_s) * 1e6;
  const workload = openWorkload(scenario);
  const due: Due[] = [];
  for (const { i, planned_us } of arrivals(scenario)) {
    if (planned_us >= to_us) break;
    const after = latestGood(scenario.slo, workload.session(i).turns[0]!.output);
    due.push({ i, start_us: planned_us, latest_us: after === null ? null : planned_us + after * 1000 });
  }
  return due;
}
