import { GoodputError } from '../errors.ts';
import type { SimulatorChoice } from '../scenario/keys/scenario.ts';
import { fallbacksOf, LINEAR_PARAMETERS, ROOFLINE_PARAMETERS } from '../simulator-parameters.ts';
import { type BatchingSettings, DEFAULT_BATCHING } from '../simulator/engine/batching.ts';
import { checkSimulation } from '../simulator/engine/simulation-check.ts';
import type { CostModel } from '../simulator/engine/cost.ts';
import { PRESETS } from '../simulator/engine/model-presets.ts';

export interface EngineSettings {
  preset: string | null;
  engine: BatchingSettings;
  cost: CostModel;
}

/**
 * Returns the engine of a scenario's `simulator:`: the preset, overridden by the keys that are set.
 * @throws {GoodputError} kind `usage` if the settings do not describe an engine
 */
export function engineOf({ preset: name, engine, cost: given }: SimulatorChoice): EngineSettings {
  const preset = PRESETS.find((each) => each.name === name) ?? null;
  if (name !== null && preset === null) throw new GoodputError('usage', `simulator: unknown preset ${name}`);
  const base: Partial<CostModel> = preset?.cost ?? {};
  const kind = given['kind'] ?? base.kind;
  const defaults = fallbacksOf(kind === 'linear' ? LINEAR_PARAMETERS : ROOFLINE_PARAMETERS);
  const settings = {
    preset: name,
    engine: { ...DEFAULT_BATCHING, ...preset?.engine, ...engine },
    cost: {
      ...defaults,
      ...(kind === base.kind ? withoutReplacedWeights(base, given) : {}),
      kind,
      ...given,
    } as CostModel,
  };
  checkSimulation({ engine: settings.engine, cost: settings.cost, requests: [] });
  return settings;
}

/** Returns a cost model without its weights if the given keys replace a dense model with a mixture of experts, or the reverse. */
function withoutReplacedWeights(
  base: Partial<CostModel>,
  given: Readonly<Record<string, unknown>>,
): Partial<CostModel> {
  const replaced = 'weightBytes' in given ? ['denseBytes', 'expertBytes', 'experts', 'expertsPerToken'] : [];
  if ('experts' in given && !('experts' in base)) replaced.push('weightBytes');
  return Object.fromEntries(Object.entries(base).filter(([key]) => !replaced.includes(key)));
}
