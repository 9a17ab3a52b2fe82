import { GoodputError } from '../errors.ts';
import { arrivals } from '../plan/arrivals.ts';
import { startsOf } from '../plan/plan.ts';
import { withShare } from '../plan/share.ts';
import type { RankPlan } from '../record/header.ts';
import type { PlanShare, Scenario } from '../scenario/keys/scenario.ts';
import type { WorkloadSource } from '../workload/workload.ts';

/**
 * Returns the scenario of a rank.
 * @throws {GoodputError} kind `usage` if its load cannot be split, or its end cannot be decided by one rank
 */
export function rankedScenario<S extends Pick<Scenario, 'load' | 'run'>>(scenario: S, rank: PlanShare): S {
  const { load, run } = scenario;
  const counts = [
    ['load.concurrency', load.concurrency, 'users'],
    ['load.maxConcurrency', load.maxConcurrency, 'requests in flight'],
    ['load.requests', load.requests, 'requests'],
    ['load.sessions', load.sessions, 'sessions'],
  ] as const;
  for (const [key, count, what] of counts)
    if (count !== null && count < rank.of)
      throw new GoodputError('usage', `${key}: ${count} ${what} cannot be shared by ${rank.of} ranks`, {
        hint: `Use at most ${count} ranks, or raise ${key}.`,
      });
  if (run.failFast && rank.of > 1)
    throw new GoodputError(
      'usage',
      'run.failFast (--fail-fast): a rank cannot tell whether all ranks together meet a gate',
      {
        hint: 'Remove it: goodput merge judges the gates.',
      },
    );
  return withShare(scenario, rank);
}

/** Returns the plan of each of `of` ranks, with all turns that their sessions may have; `null` in a closed loop. */
export function plansOfRanks(
  scenario: Pick<Scenario, 'seed' | 'load'>,
  workload: Pick<WorkloadSource, 'count' | 'turnCount'>,
  of: number,
): RankPlan[] | null {
  if (scenario.load.concurrency !== null) return null;
  const plans = Array.from({ length: of }, () => ({ warmup: 0, measure: 0 }));
  for (const { i, phase } of arrivals(startsOf(scenario, workload)))
    plans[i % of]![phase] += workload.turnCount(i);
  return plans;
}
