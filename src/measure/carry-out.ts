import { join } from 'node:path';
import type { SearchStep } from '../record/header.ts';
import { TRUTH_FILE } from '../record/truth-log.ts';
import { withTrace } from '../plan/replay.ts';
import { Run, type RunResult } from '../run/run.ts';
import type { RunInput } from '../run/run-input.ts';
import type { Steer } from '../lifecycle/steering.ts';
import { rankFolder } from '../ranks/rank.ts';
import { plansOfRanks, rankedScenario } from '../ranks/ranked.ts';
import type { PlanShare, Resolved, Scenario } from '../scenario/keys/scenario.ts';
import { RecordedSimulation } from '../simulate/recorded-simulation.ts';
import { openWorkload } from '../workload/workload.ts';
import { VERSION } from '../version.ts';
import type { ReadData, RunOptions } from '../lifecycle/run-options.ts';
import { startEmbeddedEndpoint } from './embedded-endpoint.ts';
import { failFast } from './fail-fast-steering.ts';
import type { RunHooks } from './hooks.ts';
import { judgeLive, searchGate } from './live-judging.ts';

/** How runs are carried out: over sockets, or against the simulated engine on a virtual clock. */
export type RunMode = 'real' | 'virtual';

/** A run as one of several ranks. */
export interface RankedTask {
  rank: PlanShare;
  /** Absent: the ranks are started by hand, and do not wait for each other. */
  meet?: NonNullable<RunOptions['meet']>;
}

/** One run to carry out. */
export interface RunTask {
  mode: RunMode;
  resolved: Resolved;
  /** The data sets that the scenario names, read; `null` if it names none. */
  data: ReadData | null;
  /** The search window that this run measures; only in a capacity search, which ends it with `steer`. */
  search?: SearchStep;
  steer?: Steer;
  /** The rank of this process, and how it meets the others; only of a run of several ranks. */
  ranked?: RankedTask;
  /** Base URL of an embedded endpoint that is already running; without it a run of the embedded endpoint starts its own. */
  embeddedUrl?: string | null;
}

/**
 * Carries out one run and records it in its folder. A request to stop ends it gracefully, a second one cuts off in-flight requests.
 * @throws {GoodputError} kind `usage` if its folder cannot be created or a file that it needs cannot be read; later failures are in the result
 */
export async function carryOut(given: RunTask, hooks: RunHooks): Promise<RunResult> {
  const whole = withTrace(given.resolved.scenario, given.data);
  const scenario = given.ranked === undefined ? whole : scenarioOfRank(whole, given.ranked.rank);
  const task = { ...given, resolved: { ...given.resolved, scenario } };
  if (task.mode === 'virtual') {
    const simulation: RecordedSimulation = new RecordedSimulation(
      inputOf(task, hooks, (reason) => simulation.stopForGate(reason)),
    );
    return untilStopped(simulation, hooks);
  }
  const { endpoint } = task.resolved.scenario;
  if (!endpoint.simulated) return carryOutAt(endpoint.url!, task, hooks);
  if (task.embeddedUrl != null) return carryOutAt(task.embeddedUrl, task, hooks);
  return carryOutEmbedded(task, hooks);
}

/** Returns the scenario of a rank, with its own run folder inside that of all ranks. */
function scenarioOfRank(scenario: Scenario, rank: PlanShare): Scenario {
  const ranked = rankedScenario(scenario, rank);
  const { out } = ranked.run;
  return {
    ...ranked,
    // All ranks observe the same servers: one of them is enough.
    telemetry: rank.index === 0 ? ranked.telemetry : [],
    run: { ...ranked.run, out: out === null ? null : join(out, rankFolder(rank.index)) },
  };
}

async function carryOutEmbedded(task: RunTask, hooks: RunHooks): Promise<RunResult> {
  const endpoint = await startEmbeddedEndpoint(task.resolved.scenario);
  try {
    return await carryOutAt(endpoint.url, task, hooks, {
      said: endpoint.said,
      began: (dir, origin_ns) => endpoint.begin(join(dir, TRUTH_FILE), origin_ns),
    });
  } finally {
    const { ignored, logProblem } = await endpoint.close();
    if (ignored.length > 0)
      hooks.onWarning(`the simulated endpoint ignored ${ignored.join(', ')} (docs/simulator.md)`);
    if (logProblem) hooks.onWarning(`the truth log of the simulated endpoint is incomplete: ${logProblem}`);
  }
}

function carryOutAt(
  url: string,
  task: RunTask,
  hooks: RunHooks,
  embedded: Pick<RunInput, 'said' | 'began'> = {},
): Promise<RunResult> {
  const run: Run = new Run({
    ...inputOf(task, hooks, (reason) => run.stopForGate(reason)),
    url,
    ...embedded,
  });
  return untilStopped(run, hooks);
}

/** The input that both kinds of run have. */
function inputOf(
  { resolved, data, search, steer, ranked }: RunTask,
  { onProgress, onWarning }: RunHooks,
  stopForGate: (reason: string) => void,
) {
  const { scenario } = resolved;
  const workload = openWorkload(scenario, { data });
  const steering = steer ?? failFast(scenario, workload, stopForGate, onWarning).steer;
  const gates = search === undefined ? scenario.gates : [searchGate(search.target)];
  const live = judgeLive(scenario, workload, gates, steering, onProgress);
  return {
    resolved,
    data,
    version: VERSION,
    ...(search === undefined ? {} : { search }),
    ...(ranked === undefined
      ? {}
      : { rank: { ...ranked.rank, planned: plansOfRanks(scenario, workload, ranked.rank.of) } }),
    ...(ranked?.meet === undefined ? {} : { meet: ranked.meet }),
    steer: live.steer,
    io: { progress: live.progress, warn: onWarning },
  };
}

async function untilStopped(
  run: { interrupt(): void; carryOut(): Promise<RunResult> },
  { stop }: RunHooks,
): Promise<RunResult> {
  const removeListener = stop.listen(() => run.interrupt());
  try {
    return await run.carryOut();
  } finally {
    removeListener();
  }
}
