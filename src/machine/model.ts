import { type Config, readConfig } from './config.ts';
import type { Refusal } from './hardware.ts';
import { countParameters, KNOWN_FAMILIES, type ParameterCounts } from './parameters.ts';

/** A model as a user states it. */
export interface ModelSettings {
  /** The content of its `config.json`. */
  config: unknown;
  /** Bytes per weight; 2 if absent. */
  weightBytes?: number;
  /** Bytes per element of keys and values; 2 if absent. */
  kvBytes?: number;
  /** Bytes of the whole model; replaces `weightBytes`. */
  weights?: number;
}

/** A causal language model: its shape and its bytes. */
export interface Model extends Config {
  parameters: ParameterCounts;
  /** Bytes of the whole model. */
  weightBytes: number;
  bytesPerWeight: number;
  /** Bytes per element of keys and values. */
  kvBytes: number;
  /** Assumptions about the model that reports repeat; empty if its family is known. */
  assumptions: readonly string[];
}

const DEFAULT_BYTES = 2;

/** Returns the model of these settings, or the first key that is wrong. */
export function readModel(settings: ModelSettings): Model | Refusal {
  for (const key of ['weightBytes', 'kvBytes', 'weights'] as const) {
    const value = settings[key];
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
      return { key, problem: `must be a number of bytes greater than 0, not ${value}` };
    }
  }
  const config = readConfig(settings.config);
  if ('problem' in config) return config;
  const parameters = countParameters(config);
  const weightBytes = settings.weights ?? parameters.total * (settings.weightBytes ?? DEFAULT_BYTES);
  return {
    ...config,
    parameters,
    weightBytes,
    bytesPerWeight: weightBytes / parameters.total,
    kvBytes: settings.kvBytes ?? DEFAULT_BYTES,
    assumptions: KNOWN_FAMILIES.includes(config.modelType)
      ? []
      : [`the model type ${config.modelType} is unknown: its parameters are counted as Llama's`],
  };
}
