import type { Steer } from '../lifecycle/steering.ts';
import type { Sample } from '../sample.ts';
import { SLICE_US, type VirtualEnd, VirtualRun, type VirtualRunInput } from './virtual-run.ts';

/** A simulated run in memory. */
export interface SimulatedRun extends VirtualEnd {
  /** Samples in the order in which the requests ended. */
  samples: Sample[];
}

/**
 * Returns the record of a run of the scenario against its simulated endpoint, in virtual time: a pure function, without disk, sockets
 * or waiting.
 * @throws {GoodputError} kind `usage` if `simulator:` does not describe an engine
 */
export function simulateRun(
  scenario: VirtualRunInput['scenario'],
  { steer, ...options }: Omit<VirtualRunInput, 'scenario' | 'onSample'> & { steer?: Steer } = {},
): SimulatedRun {
  const samples: Sample[] = [];
  const run = new VirtualRun({ ...options, scenario, onSample: (sample) => samples.push(sample) });
  if (steer === undefined) run.advance(Infinity);
  else
    for (let passed = 0; !run.advance(run.now_us + SLICE_US); passed = samples.length)
      steer(samples.slice(passed), run);
  return { samples, ...run.end() };
}
