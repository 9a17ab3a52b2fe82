import type { Steer } from '../run/steer.ts';
import type { Sample } from '../sample.ts';
import { SLICE_US, type VirtualEnd, VirtualRun, type VirtualRunInput } from './virtual-run.ts';

/** A whole run at once, in memory. */
export interface SimulatedRun extends VirtualEnd {
  /** In the order in which the requests ended. */
  samples: Sample[];
}

/**
 * What a run of the scenario against its simulated endpoint would record, on a virtual clock: a pure function, without disk,
 * sockets or waiting.
 * @throws {GoodputError} of kind `usage` where `simulator:` makes no engine
 */
export function simulateRun(
  scenario: VirtualRunInput['scenario'],
  { steer, ...options }: Omit<VirtualRunInput, 'scenario' | 'onSample'> & { steer?: Steer } = {},
): SimulatedRun {
  const samples: Sample[] = [];
  const run = new VirtualRun({ ...options, scenario, onSample: (sample) => samples.push(sample) });
  if (steer === undefined) run.advance(Infinity);
  else
    for (let seen = 0; !run.advance(run.now_us + SLICE_US); seen = samples.length)
      steer(samples.slice(seen), run);
  return { samples, ...run.end() };
}
