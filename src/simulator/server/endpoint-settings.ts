import { GoodputError } from '../../errors.ts';
import { type BatchingSettings, DEFAULT_BATCHING } from '../engine/batching.ts';
import { checkSimulation } from '../engine/simulation-check.ts';
import type { CostModel } from '../engine/cost.ts';
import { type DialectName, DIALECTS } from '../api/stream-dialect.ts';
import type { Fault } from '../../faults.ts';
import type { Length } from '../../lengths.ts';
import type { ServerLimits } from './limited-server.ts';
import { PRESETS } from '../engine/model-presets.ts';

/** The model in `/v1/models` if none is configured; the endpoint then accepts any name. */
export const DEFAULT_MODEL = 'simulated';

/** Settings of a simulated endpoint, which can be sent to another thread. */
export interface EndpointSettings extends ServerLimits {
  engine: BatchingSettings;
  cost: CostModel;
  dialect: DialectName;
  /** Distribution of the lengths at which answers end by themselves; `null` for at their limit only. */
  naturalLength: Length | null;
  faults: readonly Fault[];
  /** Seed of the faults and the natural lengths. */
  seed: number;
  host: string;
  /** 0 for any free port. */
  port: number;
  /** The name of the served model; `null` to accept every name, with `simulated` in `/v1/models`. */
  model: string | null;
  /** The key that requests must have; `null` for none. */
  apiKey: string | null;
  maxBodyBytes: number;
  /** Limit for all requests in progress together. */
  maxBodiesBytes: number;
}

const DEFAULT_PRESET = 'llama-3.1-8b-h100';

export type GivenSettings = Partial<Omit<EndpointSettings, 'engine'>> & {
  engine?: Partial<BatchingSettings>;
};

/**
 * Adds defaults to settings: with a cost but no engine, vLLM's defaults; with neither, the default preset's.
 * @throws {GoodputError} of kind `usage` with all mistakes in engine and cost
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
    // An embedded endpoint has no clients except goodput's own.
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
    throw new GoodputError('usage', `simulator: unknown dialect "${settings.dialect}"`, {
      hint: `The dialects are ${Object.keys(DIALECTS).join(', ')}.`,
    });
  return settings;
}
