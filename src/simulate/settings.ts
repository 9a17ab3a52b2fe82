import { GoodputError } from '../errors.ts';
import type { SimulatorChoice } from '../scenario/keys/scenario.ts';
import { type BatchingSettings, DEFAULT_BATCHING } from '../simulator/engine/batching.ts';
import { checkSimulation } from '../simulator/engine/check.ts';
import type { CostModel } from '../simulator/engine/cost.ts';
import { PRESETS } from '../simulator/engine/presets.ts';

export interface EngineSettings {
  preset: string | null;
  engine: BatchingSettings;
  cost: CostModel;
}

/** What costs nothing where nobody says what it costs. */
const LINEAR = { base: 0, prefillToken: 0, decodeSequence: 0, contextToken: 0, prefillPair: 0 };
const ROOFLINE = { attentionFlops: 0, kvBytesPerToken: 0, gpus: 1, mfu: 1, mbu: 1, overhead_us: 0 };

/**
 * The engine that a scenario's `simulator:` names: the preset with what was set otherwise laid over it.
 * @throws {GoodputError} of kind `usage` where that makes no engine
 */
export function engineOf({ preset: name, engine, cost: given }: SimulatorChoice): EngineSettings {
  const preset = PRESETS.find((each) => each.name === name) ?? null;
  if (name !== null && preset === null)
    throw new GoodputError('usage', `simulator: there is no preset ${name}`);
  const base: Partial<CostModel> = preset?.cost ?? {};
  const kind = given['kind'] ?? base.kind;
  const zero = kind === 'linear' ? LINEAR : ROOFLINE;
  const settings = {
    preset: name,
    engine: { ...DEFAULT_BATCHING, ...preset?.engine, ...engine },
    cost: { ...zero, ...(kind === base.kind ? weightless(base, given) : {}), kind, ...given } as CostModel,
  };
  checkSimulation({ engine: settings.engine, cost: settings.cost, requests: [] });
  return settings;
}

/** A model with experts in place of one without, or the other way round: the weights are those that were set. */
function weightless(base: Partial<CostModel>, given: Readonly<Record<string, unknown>>): Partial<CostModel> {
  const others = 'weightBytes' in given ? ['denseBytes', 'expertBytes', 'experts', 'expertsPerToken'] : [];
  if ('experts' in given && !('experts' in base)) others.push('weightBytes');
  return Object.fromEntries(Object.entries(base).filter(([key]) => !others.includes(key)));
}
