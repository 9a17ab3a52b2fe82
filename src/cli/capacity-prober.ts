import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { probeOf } from '../capacity/measure-window.ts';
import type { Due, Probe, ProbePlan } from '../capacity/search-window.ts';
import { ProbeWatch } from '../capacity/window-watch.ts';
import { type JudgeSettings, latestGood } from '../capacity/window-judge.ts';
import { GoodputError } from '../errors.ts';
import type { RunHeader, SearchStep } from '../record/header.ts';
import { openRun } from '../record/reader.ts';
import { arrivals } from '../plan/arrivals.ts';
import type { Progress } from '../render/progress-writer.ts';
import { Run } from '../run/run.ts';
import type { Steer } from '../lifecycle/steering.ts';
import type { Sample } from '../sample.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import type { Resolved, Scenario } from '../scenario/keys/scenario.ts';
import { RecordedSimulation } from '../simulate/recorded-simulation.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import { contentionOf } from '../verdict/contention.ts';
import { openWorkload } from '../workload/workload.ts';
import { freshAttempt } from './attempts.ts';
import { keepReport } from './keep-report.ts';
import { score, type Score } from './score.ts';
import { VERSION } from './version.ts';

/** What the probes of one search have in common. */
export interface ProberInput {
  sources: ScenarioSources;
  /** Folder of the search; each probe gets a run folder in it. */
  dir: string;
  axis: 'rate' | 'concurrency';
  target: number;
  /** Where to send to; `null`: nowhere, on the virtual clock. */
  url: string | null;
  prompts: readonly PromptEntry[] | null;
  progress: Progress;
}

/** Carries the probes of a search out, each as a run with its own folder. */
export class Prober {
  readonly #input: ProberInput;
  #current: { interrupt(): void } | null = null;
  #step: SearchStep | null = null;
  #interrupted = false;

  constructor(input: ProberInput) {
    this.#input = input;
  }

  /** Ctrl-C: the probe under way ends as any run does. */
  interrupt(): void {
    this.#interrupted = true;
    if (this.#step !== null) this.#step.ended = 'interrupted';
    this.#current?.interrupt();
  }

  /** @throws {GoodputError} where a run could not do its work (disk, worker) */
  async carryOut(plan: ProbePlan): Promise<Probe> {
    const { dir, prompts, progress, url } = this.#input;
    const name = freshAttempt(await readdir(dir), probeFolder(plan.number));
    const resolved = this.#scenarioOf(plan, join(dir, name));
    const { number, kind, level } = plan;
    const step: SearchStep = { number, kind, level, target: this.#input.target, ended: null };
    this.#step = step;
    const common = {
      resolved,
      prompts,
      version: VERSION,
      search: step,
      steer: this.#steerOf(plan, resolved.scenario, step),
      io: {
        progress: progress.update.bind(progress),
        warn: (text: string) => progress.print(`warning: ${text}`),
      },
    };
    const run = url === null ? new RecordedSimulation(common) : new Run({ ...common, url });
    this.#current = run;
    // It was pressed while the probe was made ready.
    if (this.#interrupted) this.interrupt();
    try {
      const result = await run.carryOut();
      // An endpoint that answers none of the single requests is an answer of the search.
      const unanswered = plan.kind === 'single' && result.error?.kind === 'unusable';
      await keepReport(unanswered ? { ...result, error: null } : result, false);
    } finally {
      this.#current = null;
      this.#step = null;
    }
    return readProbe(this.#input.dir, name);
  }

  /** The scenario with the probe's own load laid over it, as flags would lay it. */
  #scenarioOf(plan: ProbePlan, out: string): Resolved {
    const { sources, axis } = this.#input;
    const single = plan.kind === 'single';
    const load: Flags = single
      ? { concurrency: '1', requests: String(plan.window_s), warmup: '0s', drain: '10m' }
      : {
          ...(axis === 'rate' ? { rate: `${plan.level}/s` } : { concurrency: String(plan.level) }),
          duration: `${plan.window_s + plan.cooldown_s}s`,
          warmup: `${plan.warmup_s}s`,
          drain: '10s',
        };
    // What is known after the single requests need not be asked for again.
    const flags: Flags = { ...sources.flags, ...load, seed: String(plan.seed), out, name: probeName(plan) };
    return resolveScenario({ ...sources, flags }).resolved;
  }

  #steerOf(plan: ProbePlan, scenario: Scenario, step: SearchStep): Steer {
    if (plan.kind === 'single') {
      step.ended = 'full';
      return () => undefined;
    }
    const due = scenario.load.concurrency === null ? dueOf(scenario, plan, this.#input.prompts) : null;
    const watch = new ProbeWatch(plan, this.#input.target, judgeSettings(scenario), due);
    return (samples, run) => {
      watch.add(samples);
      const enough = step.ended === null ? watch.decide(run.now_us) : null;
      if (enough === null) return;
      step.ended = enough.ended;
      run.conclude(enough.end_us);
    };
  }
}

const probeFolder = (number: number): string => `probe-${String(number).padStart(3, '0')}`;

const probeName = ({ number, kind }: ProbePlan): string => `probe-${number}-${kind}`;

const judgeSettings = ({ slo, load }: Pick<Scenario, 'slo' | 'load'>): JudgeSettings => ({
  slos: slo,
  loop: load.concurrency === null ? 'open' : 'closed',
  clock: load.clock,
  capped: load.maxConcurrency !== null,
});

/** The requests of warm-up and W, from the plan. */
function dueOf(scenario: Scenario, plan: ProbePlan, prompts: readonly PromptEntry[] | null): Due[] {
  const to_us = (plan.warmup_s + plan.window_s) * 1e6;
  const workload = openWorkload(scenario, { prompts });
  const due: Due[] = [];
  for (const { i, planned_us } of arrivals(scenario)) {
    if (planned_us >= to_us) break;
    const after = latestGood(scenario.slo, workload.size(i).output);
    due.push({ i, start_us: planned_us, latest_us: after === null ? null : planned_us + after * 1000 });
  }
  return due;
}

/**
 * A probe as its run folder tells it.
 * @throws {GoodputError} kind `usage` where the folder is no probe
 */
export async function readProbe(dir: string, name: string): Promise<Probe> {
  const path = join(dir, name);
  const { header, samples } = await openRun(path);
  const { search, window } = header;
  if (search === undefined) throw new GoodputError('usage', `${path} is a run, but no probe of a search`);
  const scored = await score(path, { strict: false, again: true });
  assertStreamed(scored);
  const all: Sample[] = [];
  for await (const sample of samples()) all.push(sample);
  const last_us = all.reduce((last, { ended_us }) => Math.max(last, ended_us), 0);
  const settings = judgeSettingsOf(header, scored);
  return probeOf(
    { ...search, seed: header.seed },
    {
      window: window ?? { start_us: 0, end_us: 0 },
      ended: search.ended ?? 'interrupted',
      void: voidReason(header, scored),
      contended: contentionOf(scored.report),
      suspect: ownReason(scored, 'suspect'),
      run: name,
      last_us,
    },
    all,
    settings,
  );
}

/**
 * Where streams are buffered on the way, no load of the server tells anything of its TPOT: every request would meet a limit on it.
 * @throws {GoodputError} kind `unusable`
 */
function assertStreamed({ audit }: Score): void {
  const buffered = audit.reasons.find(({ rule, level }) => rule === 'buffered_stream' && level === 'invalid');
  if (buffered === undefined) return;
  throw new GoodputError('unusable', `the capacity cannot be searched: ${buffered.text}`, {
    hint: buffered.advice,
  });
}

function judgeSettingsOf({ load }: RunHeader, { slos }: Score): JudgeSettings {
  return {
    slos,
    loop: load.loop,
    clock: load.clock,
    capped: load.max_concurrency !== null,
  };
}

/** The rules of the audit that goodput's own doing breaks. */
const OWN_RULES = [
  'send_lag',
  'unsent',
  'local_limits',
  'event_loop_delay',
  'late_stamps',
  'event_loop_utilization',
  'gc_pauses',
];
const LEAST_SENT = 0.98;
/** Of the limit on the first token, in open loop: a send that is later changes what is measured. */
const MOST_LAG = 0.1;
/** An interrupted window that is shorter says too little. */
const SHORTEST_INTERRUPTED_S = 60;

/** Returns the text of the first doubt of this level about goodput itself; `null` if there is none. */
const ownReason = ({ audit }: Pick<Score, 'audit'>, wanted: 'suspect' | 'invalid'): string | null =>
  audit.reasons.find(({ rule, level }) => level === wanted && OWN_RULES.includes(rule))?.text ?? null;

/** Why a probe says nothing of the server; `null` where it does. */
function voidReason(header: RunHeader, { audit, report, slos }: Score): string | null {
  const { search, status, window, load, reason, fix } = header;
  if (header.stopped_by === 'endpoint') return fix === undefined ? reason : `${reason}; ${fix}`;
  const length_s = window === null ? 0 : (window.end_us - window.start_us) / 1e6;
  const short = search!.kind !== 'refinement' || length_s < SHORTEST_INTERRUPTED_S;
  if ((status === 'interrupted' || search!.ended === 'interrupted') && short) return 'it was interrupted';
  if (status === 'running' || status === 'failed' || window === null) return 'it never ended';
  const own = ownReason({ audit }, 'invalid');
  if (own !== null) return own;
  const { unsent, released, send_lag_p99_ms: lag } = report.health;
  if (released > 0 && unsent > (1 - LEAST_SENT) * released)
    return `goodput sent only ${released - unsent} of ${released} requests in time`;
  // In closed loop a late send is part of no latency: the audit's own rule compares it with the E2E.
  const limit = load.loop === 'closed' ? null : (slos.find(({ metric }) => metric === 'ttft')?.value ?? null);
  if (limit !== null && lag !== null && lag > MOST_LAG * limit)
    return `goodput sent 1 % of the requests ${lag} ms late, more than a tenth of the limit on the first token`;
  return null;
}
