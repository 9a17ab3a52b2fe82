import { z } from 'zod';
import { keyInfo } from './fields.ts';
import type { KeyInfo } from './fields.ts';
import { scenarioSchema } from './schema.ts';

/** One key of a scenario, as declared by the schema. */
export interface ScenarioKey {
  /** Dotted: `load.rate`. */
  path: string;
  /** `null` for a section, which holds further keys. */
  info: KeyInfo | null;
  description: string;
  examples: readonly unknown[];
  /** The default as it would be written; `undefined` if there is none. */
  fallback: unknown;
  /** The default applies only if none of these keys is set. */
  unless: readonly string[];
  required: boolean;
}

/** All keys in the order of the schema, each section before its keys. */
export const SCENARIO_KEYS: readonly ScenarioKey[] = keysOf(scenarioSchema, '');

export const keyAt = (path: string): ScenarioKey | undefined =>
  SCENARIO_KEYS.find((key) => key.path === path);

/** Returns the names of the keys directly below a path; empty for a value or a map with arbitrary keys. */
export function keysBelow(path: string): readonly string[] {
  const prefix = path === '' ? '' : `${path}.`;
  return SCENARIO_KEYS.filter((key) => key.path.startsWith(prefix))
    .map((key) => key.path.slice(prefix.length))
    .filter((name) => name !== '' && !name.includes('.'));
}

type Schema = z.core.$ZodType;

function keysOf(schema: z.ZodObject, prefix: string): ScenarioKey[] {
  const keys: ScenarioKey[] = [];
  for (const [name, declared] of Object.entries<Schema>(schema.shape)) {
    const path = prefix + name;
    const { inner, fallback, required } = unwrap(declared);
    const info = keyInfo.get(inner) ?? null;
    const { description = '', examples } = z.globalRegistry.get(inner) ?? {};
    const section = info === null ? sectionOf(inner) : null;
    keys.push({
      path,
      info,
      description,
      examples: Array.isArray(examples) ? examples : [],
      fallback: info?.fallback ?? (section === null ? fallback : undefined),
      unless: info?.unless ?? [],
      required,
    });
    if (section !== null) keys.push(...keysOf(section, `${path}.`));
  }
  return keys;
}

function unwrap(schema: Schema): { inner: Schema; fallback: unknown; required: boolean } {
  if (schema instanceof z.ZodPrefault) {
    return { inner: schema.def.innerType, fallback: schema.def.defaultValue, required: false };
  }
  if (schema instanceof z.ZodOptional) {
    return { inner: schema.def.innerType, fallback: undefined, required: false };
  }
  return { inner: schema, fallback: undefined, required: true };
}

/** Returns the map schema of a section, also of one that can be given as a word (`endpoint: simulated`). */
function sectionOf(schema: Schema): z.ZodObject | null {
  if (schema instanceof z.ZodObject) return schema;
  if (!(schema instanceof z.ZodUnion)) return null;
  return schema.options.find((option) => option instanceof z.ZodObject) ?? null;
}
