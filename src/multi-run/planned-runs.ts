import { availableParallelism } from 'node:os';
import { defaultDeciding } from '../compare/figures.ts';
import { checkGateGroups } from '../measure/gate-groups.ts';
import { readData } from '../measure/read-data.ts';
import { type PlanSize, planSize } from '../plan/plan-size.ts';
import { withTrace } from '../plan/replay.ts';
import { workerCount } from '../run/worker-count.ts';
import { rankedScenario } from '../ranks/ranked.ts';
import type { PlanShare, Scenario, Sweep } from '../scenario/keys/scenario.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import type { ComparedEndpoint, Rounds, ScenarioRuns, SweepRuns } from '../scenario/runs.ts';
import { costCurrency } from '../scenario/statements.ts';
import { nameOf } from '../slo/deciding.ts';
import { inOrder, runsOf, type SweepRun } from '../sweep/points.ts';
import { settingsFrom } from './compare-rounds.ts';
import { DEFAULT_ROUNDS, runsOfRounds } from './round-runs.ts';
import { pointOf, shapeOf } from './sweep-points.ts';
import { type SweepTime, sweepTime } from './sweep-time.ts';

/** The rounds that would be measured. */
export interface PlannedRounds {
  kind: 'rounds';
  /** The base first. */
  endpoints: readonly ComparedEndpoint[];
  rounds: readonly { round: number; seed: number; order: readonly string[] }[];
  comparing: { deciding: readonly string[]; tolerance_pct: number; fail_on: string };
}

/** The runs that a sweep would measure. */
export interface PlannedSweep {
  kind: 'sweep';
  sweep: Sweep;
  /** In the order in which they would be measured, each with its scenario. */
  runs: readonly { run: SweepRun; scenario: Scenario }[];
  time: SweepTime;
}

/** The runs that a scenario would carry out. */
export interface Plan {
  /** The scenario of the run; of the first endpoint's or of the first point's run if there are several. */
  scenario: Scenario;
  /** Requests and tokens of that run. */
  size: PlanSize;
  /** Load workers of that run on this machine. */
  workers: number;
  /** The rounds or the sweep; `null` for a single run. */
  several: PlannedRounds | PlannedSweep | null;
}

/**
 * Plans a scenario without sending anything.
 * @param rank plans the share of this rank; only of a single run
 * @throws {GoodputError} kind `usage` if a point of the sweep is not a valid scenario, or the prompt file cannot be read
 */
export async function planRuns(runs: ScenarioRuns, rank: PlanShare | null = null): Promise<Plan> {
  const several = severalOf(runs);
  const resolved = runs.kind === 'rounds' ? runs.endpoints[0].resolved : runs.resolved;
  const first = several?.kind === 'sweep' ? several.runs[0]!.scenario : resolved.scenario;
  const data = await readData(first);
  const whole = withTrace(first, data);
  const scenario = rank === null ? whole : rankedScenario(whole, rank);
  checkGateGroups(scenario, data);
  return {
    scenario,
    size: planSize(scenario, data),
    workers: workerCount(rank === null ? resolved.scenario : scenario, availableParallelism()),
    several,
  };
}

function severalOf(runs: ScenarioRuns): Plan['several'] {
  if (runs.kind === 'run') return null;
  return runs.kind === 'rounds' ? plannedRounds(runs) : plannedSweep(runs);
}

function plannedRounds({ endpoints }: Rounds): PlannedRounds {
  const { rounds, seed, comparing } = endpoints[0].resolved.scenario;
  const runs = runsOfRounds(endpoints, rounds ?? DEFAULT_ROUNDS, seed);
  const { deciding, tolerance, failOn } = settingsFrom(comparing, { strict: false });
  return {
    kind: 'rounds',
    endpoints,
    rounds: [...Map.groupBy(runs, ({ round }) => round)].map(([round, all]) => ({
      round,
      seed: all[0]!.seed,
      order: all.map(({ endpoint }) => endpoint.name),
    })),
    comparing: {
      deciding: (
        deciding ?? defaultDeciding(endpoints.map(({ resolved }) => costCurrency(resolved.scenario)))
      ).map(nameOf),
      tolerance_pct: tolerance * 100,
      // A ranking fails only if the scenario or a flag asks for it.
      fail_on: endpoints.length > 2 && comparing.failOn === null ? 'never' : failOn,
    },
  };
}

function plannedSweep({ sources, resolved, sweep }: SweepRuns): PlannedSweep {
  const { seed } = resolved.scenario;
  const runs = inOrder(runsOf({ ...shapeOf(sweep), seed }), sweep.order, seed).map((run) => ({
    run,
    scenario: resolveScenario(pointOf(run, sources, resolved, '')).resolved.scenario,
  }));
  return { kind: 'sweep', sweep, runs, time: sweepTime(runs.map(({ scenario }) => scenario.load)) };
}
