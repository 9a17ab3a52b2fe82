import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Due, SearchWindow, WindowPlan } from '../capacity/search-window.ts';
import { WindowWatch } from '../capacity/window-watch.ts';
import { type JudgeSettings, latestGood } from '../capacity/window-judge.ts';
import { carryOut, type RunMode } from '../measure/carry-out.ts';
import { finish } from '../measure/finish.ts';
import type { RunHooks } from '../measure/hooks.ts';
import { arrivals } from '../plan/arrivals.ts';
import type { SearchStep } from '../record/header.ts';
import type { Steer } from '../lifecycle/steering.ts';
import type { Flags } from '../scenario/keys/option-table.ts';
import type { Resolved, Scenario } from '../scenario/keys/scenario.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import type { SingleRun } from '../scenario/runs.ts';
import type { ReadData } from '../lifecycle/run-options.ts';
import { openWorkload } from '../workload/workload.ts';
import { newAttempt } from './attempts.ts';
import type { SearchTarget } from './search-target.ts';
import { readSearchWindow } from './recorded-window.ts';

/** The input that all windows of one search share. */
export interface SearchInput {
  run: SingleRun;
  /** Folder of the search; each window gets a run folder in it. */
  dir: string;
  wanted: Pick<SearchTarget, 'axis' | 'target'>;
  mode: RunMode;
  data: ReadData | null;
  /** Base URL of the embedded endpoint; `null` if the search has none. */
  embeddedUrl: string | null;
}

/** Carries out the windows of a capacity search, each as a run with its own folder. */
export class SearchWindowRunner {
  readonly #input: SearchInput;
  readonly #hooks: RunHooks;

  constructor(input: SearchInput, hooks: RunHooks) {
    this.#input = input;
    this.#hooks = hooks;
  }

  /** @throws {GoodputError} if the run could not do its work (disk, worker) */
  async carryOut(plan: WindowPlan): Promise<SearchWindow> {
    const { dir, data, mode, embeddedUrl, wanted } = this.#input;
    const { stop } = this.#hooks;
    const { number, kind, level } = plan;
    const out = join(dir, newAttempt(await readdir(dir), windowFolder(number)));
    const resolved = this.#scenarioOf(plan, out);
    const search: SearchStep = { number, kind, level, target: wanted.target, ended: null };
    const steer = this.#steerOf(plan, resolved.scenario, search);
    const removeListener = stop.listen(() => {
      search.ended = 'interrupted';
    });
    try {
      const result = await carryOut({ mode, resolved, data, search, steer, embeddedUrl }, this.#hooks);
      // If the endpoint answers no single request, the search reports that as its answer.
      const isUnanswered = kind === 'single' && result.error?.kind === 'unusable';
      const { error } = await finish(isUnanswered ? { ...result, error: null } : result, { strict: false });
      if (error !== null) throw error;
    } finally {
      removeListener();
    }
    return readSearchWindow(dir, basename(out));
  }

  /** Resolves the scenario with the load of the window, as flags would set it. */
  #scenarioOf(plan: WindowPlan, out: string): Resolved {
    const { run, wanted } = this.#input;
    const single = plan.kind === 'single';
    const load: Flags = single
      ? { concurrency: '1', requests: String(plan.window_s), warmup: '0s', drain: '10m' }
      : {
          ...(wanted.axis === 'rate' ? { rate: `${plan.level}/s` } : { concurrency: String(plan.level) }),
          duration: `${plan.window_s + plan.cooldown_s}s`,
          warmup: `${plan.warmup_s}s`,
          drain: '10s',
        };
    const { sources } = run;
    const name = `probe-${plan.number}-${plan.kind}`;
    const flags: Flags = { ...sources.flags, ...load, seed: String(plan.seed), out, name };
    return resolveScenario({ ...sources, flags }).resolved;
  }

  #steerOf(plan: WindowPlan, scenario: Scenario, step: SearchStep): Steer {
    if (plan.kind === 'single') {
      step.ended = 'full';
      return () => undefined;
    }
    // When later turns are due depends on the answers, so they are not known beforehand.
    const isKnown = scenario.load.concurrency === null && !openWorkload(scenario, this.#input).hasTurns;
    const due = isKnown ? dueOf(scenario, plan, this.#input.data) : null;
    const watch = new WindowWatch(plan, this.#input.wanted.target, judgeSettings(scenario), due);
    return (samples, run) => {
      watch.add(samples);
      const enough = step.ended === null ? watch.decide(run.now_us) : null;
      if (enough === null) return;
      step.ended = enough.ended;
      run.conclude(enough.end_us);
    };
  }
}

const windowFolder = (number: number): string => `probe-${String(number).padStart(3, '0')}`;

const judgeSettings = ({ slo, load }: Pick<Scenario, 'slo' | 'load'>): JudgeSettings => ({
  slos: slo,
  loop: load.concurrency === null ? 'open' : 'closed',
  clock: load.clock,
  capped: load.maxConcurrency !== null,
});

/** Returns the requests that the plan has due in the warm-up and the window. */
function dueOf(scenario: Scenario, plan: WindowPlan, data: ReadData | null): Due[] {
  const to_us = (plan.warmup_s + plan.window_s) * 1e6;
  const workload = openWorkload(scenario, { data });
  const due: Due[] = [];
  for (const { i, planned_us } of arrivals(scenario)) {
    if (planned_us >= to_us) break;
    const after = latestGood(scenario.slo, workload.session(i).turns[0]!.output);
    due.push({ i, start_us: planned_us, latest_us: after === null ? null : planned_us + after * 1000 });
  }
  return due;
}
