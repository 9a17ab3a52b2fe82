import { countArrivals } from '../plan/arrivals.ts';
import { liveRunOf } from '../lifecycle/window.ts';
import type { Steer } from '../lifecycle/steering.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { WorkloadSource } from '../workload/workload.ts';
import { FailFast, type PlannedRun } from '../verdict/fail-fast.ts';

/**
 * Returns a steering function that ends a run as soon as a gate can no longer be met; none without `run.failFast`.
 * @param stop called once, with the reason
 */
export function failFast(
  scenario: Scenario,
  workload: Pick<WorkloadSource, 'count' | 'hasTurns'>,
  stop: (reason: string) => void,
  warn: (text: string) => void,
): { steer?: Steer } {
  if (!scenario.run.failFast) return {};
  const watch = new FailFast(scenario.gates, scenario.slo, plannedRun(scenario, workload));
  const blind = scenario.gates.filter((gate) => !watch.gates.includes(gate));
  if (scenario.gates.length === 0) warn('--fail-fast has no effect without a gate');
  else if (blind.length > 0)
    warn(
      `--fail-fast cannot tell before the end of this run whether it meets ${blind.map(({ text }) => `"${text}"`).join(', ')}`,
    );
  let told = false;
  return {
    steer: (samples) => {
      const reason = told ? null : watch.add(samples);
      if (reason === null) return;
      told = true;
      warn(`${reason}: nothing more is sent`);
      stop(reason);
    },
  };
}

function plannedRun(
  scenario: Scenario,
  { count: sessions, hasTurns }: Pick<WorkloadSource, 'count' | 'hasTurns'>,
): PlannedRun {
  const { load } = scenario;
  const { model } = scenario.endpoint;
  const plan = { ...scenario, count: sessions };
  // How many requests the sessions send depends on the endpoint.
  if (hasTurns) return { ...liveRunOf(plan), most: load.requests, model };
  const count = countArrivals(plan);
  // By the instant of the send, requests of the warm-up may start in the window too.
  const planned = count === null ? null : count.measure + (load.clock === 'sent' ? count.warmup : 0);
  return {
    ...liveRunOf(plan),
    most: load.requests ?? load.sessions ?? planned,
    model,
  };
}
