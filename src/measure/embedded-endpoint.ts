import type { Scenario } from '../scenario/keys/scenario.ts';
import { engineOf } from '../simulate/engine-settings.ts';
import { startEndpoint, type StartedEndpoint } from '../simulator/index.ts';

/** Starts the endpoint that the scenario's `simulator:` section describes, in a thread of this process. */
export function startEmbeddedEndpoint({
  simulator,
  seed,
}: Pick<Scenario, 'simulator' | 'seed'>): Promise<StartedEndpoint> {
  const { engine, cost } = engineOf(simulator);
  const { dialect, naturalLength, faults } = simulator;
  return startEndpoint({ engine, cost, dialect, naturalLength, faults, seed });
}
