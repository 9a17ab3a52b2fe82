import { z } from 'zod';
import { keyInfo } from './fields.ts';
import type { KeyInfo } from './fields.ts';
import { scenarioSchema } from './schema.ts';

/** One key of a scenario as the schema declares it. */
export interface ScenarioKey {
  /** Dotted: `load.rate`. */
  path: string;
  /** A section holds further keys; `null` there. */
  info: KeyInfo | null;
  description: string;
  examples: readonly unknown[];
  /** As people would write it; `undefined` where there is none. */
  fallback: unknown;
  /** The default holds only where none of these is set. */
  unless: readonly string[];
  required: boolean;
}

/** Every key in the order of the schema, sections before their keys. */
export const SCENARIO_KEYS: readonly ScenarioKey[] = keysOf(scenarioSchema, '');

export const keyAt = (path: string): ScenarioKey | undefined =>
  SCENARIO_KEYS.find((key) => key.path === path);

/** The names of the keys directly below a path; none below a value or a free map. */
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

/** The map of a section, also where one word may stand for it (`endpoint: simulated`). */
function sectionOf(schema: Schema): z.ZodObject | null {
  if (schema instanceof z.ZodObject) return schema;
  if (!(schema instanceof z.ZodUnion)) return null;
  return schema.options.find((option) => option instanceof z.ZodObject) ?? null;
}
