import checks from '../vectors/model_param_checks.json' with { type: 'json' };
import vectors from '../vectors/machines.json' with { type: 'json' };
import { type Hardware, type HardwareSettings, resolveHardware } from '../../src/machine/hardware.ts';
import { type Model, type ModelSettings, readModel } from '../../src/machine/model.ts';

/** A model of the vectors: its config is an id of model_param_checks.json, or the content of a config.json. */
export type ModelOfCase = Omit<ModelSettings, 'config'> & { config: unknown };

interface Case<Inputs, Expected> {
  name: string;
  what: string;
  inputs: Inputs;
  expect: Expected;
  tolerance: number;
}

/** Returns the cases of one kind in test/vectors/machines.json. */
export const casesOf = <Inputs, Expected>(kind: string): Case<Inputs, Expected>[] =>
  vectors.cases.filter((each) => each.kind === kind) as unknown as Case<Inputs, Expected>[];

export const CHECKED_MODELS = checks.models;

export function modelOf({ config, ...bytes }: ModelOfCase): Model {
  const known = typeof config === 'string' ? checks.models.find(({ id }) => id === config)!.config : config;
  const model = readModel({ config: known, ...bytes });
  if ('problem' in model) throw new Error(model.problem);
  return model;
}

export function hardwareOf(settings: HardwareSettings): Hardware {
  const hardware = resolveHardware(settings);
  if ('problem' in hardware) throw new Error(hardware.problem);
  return hardware;
}

/** Returns the largest relative difference between the numbers of `actual` and those of `expected`, which have the same shape. */
export function relativeDifference(actual: unknown, expected: unknown): number {
  if (typeof expected === 'number' && typeof actual === 'number') {
    return Math.abs(actual - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);
  }
  if (expected === null || typeof expected !== 'object') return actual === expected ? 0 : Infinity;
  const of = (value: unknown, key: string): unknown => (value as Record<string, unknown> | null)?.[key];
  return Math.max(
    0,
    ...Object.keys(expected).map((key) => relativeDifference(of(actual, key), of(expected, key))),
  );
}
