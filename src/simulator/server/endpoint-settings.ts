import { GoodputError } from '../../errors.ts';
import { type BatchingSettings, DEFAULT_BATCHING } from '../engine/batching.ts';
import { checkSimulation } from '../engine/simulation-check.ts';
import type { CostModel } from '../engine/cost.ts';
import { type DialectName, DIALECTS } from '../api/stream-dialect.ts';
import type { Fault } from '../../faults.ts';
import type { Length } from '../../lengths.ts';
import type { ServerLimits } from './limited-server.ts';
import { PRESETS } from '../engine/model-presets.ts';

/** What a simulated endpoint is. It can be sent to another thread. */
export interface EndpointSettings extends ServerLimits {
  engine: BatchingSettings;
  cost: CostModel;
  dialect: DialectName;
  /** Where answers end by themselves; `null`: at their limit only. */
  naturalLength: Length | null;
  faults: readonly Fault[];
  /** Seed of the faults and the natural lengths. */
  seed: number;
  host: string;
  /** 0: any that is free. */
  port: number;
  /** The one model that is served; `null`: every name is answered, and `/v1/models` says `simulated`. */
  model: string | null;
  /** What requests must bring; `null`: nothing. */
  apiKey: string | null;
  maxBodyBytes: number;
  /** Limit over all requests in progress together. */
  maxBodiesBytes: number;
}

/** The preset that is simulated where nothing is said. */
const DEFAULT_PRESET = 'llama-3.1-8b-h100';

export type GivenSettings = Partial<Omit<EndpointSettings, 'engine'>> & {
  engine?: Partial<BatchingSettings>;
};

/**
 * Fills in what was left out: a cost without an engine has vLLM's defaults, neither is the default preset.
 * @throws {GoodputError} of kind `usage` that names every mistake of engine and cost
 */
export function resolveSettings(given: GivenSettings = {}): EndpointSettings {
  const preset = PRESETS.find(({ name }) => name === DEFAULT_PRESET)!;
  const base = given.cost === undefined ? preset.engine : DEFAULT_BATCHING;
  const settings: EndpointSettings = {
    dialect: 'openai',
    naturalLength: null,
    faults: [],
    seed: 42,
    host: '127.0.0.1',
    port: 0,
    model: null,
    apiKey: null,
    maxBodyBytes: 64 * 1024 * 1024,
    // An embedded endpoint has no clients but goodput's own.
    maxBodiesBytes: Infinity,
    maxConnections: Infinity,
    headersTimeout: 0,
    requestTimeout: 0,
    ...given,
    engine: { ...base, ...given.engine },
    cost: given.cost ?? preset.cost,
  };
  checkSimulation({ engine: settings.engine, cost: settings.cost, requests: [] });
  if (!(settings.dialect in DIALECTS))
    throw new GoodputError('usage', `simulator: there is no dialect ${settings.dialect}`, {
      hint: `There are ${Object.keys(DIALECTS).join(', ')}.`,
    });
  return settings;
}
