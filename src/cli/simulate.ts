import type { Flags } from '../scenario/keys/options.ts';
import { RecordedSimulation } from '../simulate/recorded-simulation.ts';
import { failFast } from './fail-fast.ts';
import type { Io } from './io.ts';
import { carryOutScenario } from './one-run.ts';
import { untilInterrupted } from './run.ts';
import type { CarryOut } from './turns.ts';
import { VERSION } from './version.ts';

/**
 * `goodput simulate`: the plan of a scenario on a virtual clock, against the simulated engine whatever endpoint it names.
 * @returns the exit code
 * @throws {GoodputError} kind `usage`, before anything is simulated
 */
export const simulateCommand = (path: string | null, flags: Flags, io: Io): Promise<number> =>
  carryOutScenario(
    path,
    flags,
    { virtual: true, carryOut: simulate, check: () => undefined, fears: async () => [] },
    io,
  );

/** Carries one run out on the virtual clock. */
export const simulate: CarryOut = (resolved, prompts, progress, warn, stopped) => {
  const { scenario } = resolved;
  const simulation: RecordedSimulation = new RecordedSimulation({
    resolved,
    prompts,
    version: VERSION,
    ...failFast(scenario, (reason) => simulation.stopForGate(reason), warn),
    io: { progress: (state) => progress.update(state), warn },
  });
  return untilInterrupted(simulation, scenario, warn, stopped);
};
