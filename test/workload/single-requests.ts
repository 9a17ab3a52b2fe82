import type { PlannedScenario } from '../../src/plan/plan.ts';
import { planSessions } from '../../src/plan/plan.ts';
import type { PlanShare } from '../../src/scenario/keys/scenario.ts';
import type { Prompt } from '../../src/workload/prompt.ts';
import type { WorkloadSource } from '../../src/workload/workload.ts';

/** A request of a workload of single requests. */
export interface SingleRequest {
  input: number | null;
  output: number;
  prompt: Prompt;
}

/** Returns the only request of session i, with its text. */
export function requestOf(source: WorkloadSource, i: number): SingleRequest {
  const { turns } = source.session(i);
  if (turns.length !== 1) throw new Error(`session ${i} has ${turns.length} turns`);
  return { input: turns[0]!.input, output: turns[0]!.output, prompt: source.prompt(i, 0, i) };
}

/** Yields the requests of a plan of single requests. */
export function* planRequests(scenario: PlannedScenario, share?: PlanShare) {
  for (const { session, planned_us, phase, firstRequest, turns, prompt } of planSessions(
    scenario,
    {},
    share,
  )) {
    if (turns.length !== 1 || firstRequest !== session) throw new Error('not a single request');
    const { input, output } = turns[0]!;
    yield { i: session, planned_us, phase, input, output, prompt: prompt(0) };
  }
}
