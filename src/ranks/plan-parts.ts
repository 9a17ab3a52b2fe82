import { createHash } from 'node:crypto';
import type { RunHeader } from '../record/header.ts';

/** The parts of a run that all ranks must share, each as a digest. */
export type PlanParts = Readonly<Record<string, string>>;

/** Keys of the endpoint that decide what is sent. Its address and its key may differ by rank. */
const OF_ENDPOINT = ['api', 'model', 'models', 'body'];

/** Sections of the scenario that do not belong to the plan. */
const OWN = ['name', 'seed', 'run', 'endpoint', 'workload'];

/** Returns the parts of a run that all ranks must share. Paths of data sets may differ, their content may not. */
export function planParts({ schemaVersion, scenario, seed, data }: RunHeader): PlanParts {
  const endpoint = mapOf(scenario['endpoint']);
  const { prompts: _, data: choice, ...workload } = mapOf(scenario['workload']);
  const { file: __, ...chosen } = mapOf(choice);
  const parts: Record<string, unknown> = {
    schemaVersion,
    seed,
    endpoint: Object.fromEntries(OF_ENDPOINT.map((key) => [key, endpoint[key] ?? null])),
    workload: { ...workload, data: chosen },
    data: data?.files.map(({ sha256 }) => sha256) ?? null,
  };
  for (const [key, value] of Object.entries(scenario)) if (!OWN.includes(key)) parts[key] = value;
  return Object.fromEntries(Object.entries(parts).map(([key, value]) => [key, digest(value)]));
}

/** Returns the names of the parts that differ. */
export const differingParts = (a: PlanParts, b: PlanParts): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);

const mapOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const digest = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(value)) ?? '')
    .digest('hex')
    .slice(0, 16);

/** Returns a value with the keys of its objects in alphabetical order: flags and files write the same scenario in different orders. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]),
  );
}
