import type { LiveState } from '../lifecycle/live-figures.ts';
import type { Steer } from '../lifecycle/steering.ts';
import { liveRunOf } from '../lifecycle/window.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { formatCondition, type Gate } from '../slo/grammar.ts';
import type { WorkloadSource } from '../workload/workload.ts';
import { LiveJudgement, type JudgedSoFar } from '../verdict/live-judgement.ts';

/** Where a run stands, and its judgement so far. */
export interface RunState extends LiveState {
  judged: JudgedSoFar;
}

/**
 * Returns the steering and progress functions of a run that is judged while it goes on.
 * @param gates those on attainment are judged
 * @param steer receives the requests after they were judged
 */
export function judgeLive(
  scenario: Scenario,
  { count }: Pick<WorkloadSource, 'count'>,
  gates: readonly Gate[],
  steer: Steer | undefined,
  onProgress: (state: RunState) => void,
): { steer: Steer; progress: (state: LiveState) => void } {
  const judgement = new LiveJudgement(scenario.slo, gates, liveRunOf({ ...scenario, count }));
  return {
    steer: (samples, run) => {
      judgement.add(samples);
      steer?.(samples, run);
    },
    progress: (state) => onProgress({ ...state, judged: judgement.soFar(state.loop) }),
  };
}

/** Returns the condition of a capacity search as a gate. */
export function searchGate(target: number): Gate {
  const gate = { metric: 'attainment', aggregation: null, op: '>=', value: target, unit: 'ratio' } as const;
  return { ...gate, text: formatCondition({ ...gate, text: '' }) };
}
