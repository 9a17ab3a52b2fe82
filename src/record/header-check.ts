import { LATEST_US } from './sample-check.ts';
import type { RunHeader, Written } from './header.ts';

/** The `schemaVersion` that is written, and the only one that is read. */
export const SCHEMA_VERSION = 1;

const STATUSES: readonly unknown[] = [
  'running',
  'complete',
  'interrupted',
  'failed',
] satisfies RunHeader['status'][];

type Kind = 'string' | 'number' | 'object' | 'boolean' | 'list';

/** Dotted paths that no analysis can do without, and the type of each. The rest has a value that says "unknown". */
const REQUIRED: readonly (readonly [path: string, kind: Kind])[] = [
  ['version', 'string'],
  ['id', 'string'],
  ['name', 'string'],
  ['started', 'string'],
  ['origin.epoch_ms', 'number'],
  ['origin.monotonic_ns', 'string'],
  ['scenario', 'object'],
  ['seed', 'number'],
  ['environment', 'object'],
  ['endpoint.url', 'string'],
  ['endpoint.api', 'string'],
  ['load.loop', 'string'],
];

const LOAD = [
  'burstiness',
  'rate_rps',
  'concurrency',
  'max_concurrency',
  'requests',
  'warmup_s',
  'duration_s',
] as const;
const THREAD = [
  'event_loop_delay_p50_ms',
  'event_loop_delay_p95_ms',
  'event_loop_delay_p99_ms',
  'drain_delay_max_ms',
  'event_loop_utilization',
  'gc_pauses_ms',
  'gc_pause_max_ms',
] as const;
const PROCESS = ['over_ms', 'cpu_user_ms', 'cpu_system_ms'] as const;
const HOST = [
  'load_before',
  'load_after',
  'busy_share',
  'steal_share',
  'pressure_share',
  'suspended_ms',
  'processors',
  'others_processors',
] as const;
const STAGE = ['from_rps', 'to_rps', 'for_s'] as const;

/** Paths that may be absent or `null`, and what they are where they are there. */
const OPTIONAL: readonly (readonly [path: string, kind: Kind])[] = [
  ['endpoint.model', 'string'],
  ['endpoint.simulated', 'boolean'],
  ['endpoint.replicas', 'list'],
  ['load.arrivals', 'string'],
  ['load.clock', 'string'],
  ['load.stages', 'list'],
  ...under('load', LOAD),
  ['window', 'object'],
  ['phases', 'list'],
  ['planned', 'number'],
  ['workers', 'list'],
  ['main', 'object'],
  ...under('main', THREAD),
  ['process', 'object'],
  ['host', 'object'],
  ...under('host', HOST),
  ['probe', 'object'],
  ['search', 'object'],
  ['notes', 'list'],
  ['reason', 'string'],
  ['fix', 'string'],
  ['stopped_by', 'string'],
];

function under(section: string, keys: readonly string[]): (readonly [string, Kind])[] {
  return keys.map((key) => [`${section}.${key}`, 'number'] as const);
}

/** @throws {TypeError} naming the first key of a `run.json` that is not what this version reads */
export function assertWritten(raw: unknown): asserts raw is Written {
  if (typeof raw !== 'object' || raw === null) throw new TypeError('not an object');
  const version = member(raw, 'schemaVersion');
  if (typeof version !== 'number') throw new TypeError('"schemaVersion" is missing');
  if (version !== SCHEMA_VERSION) {
    throw new TypeError(
      `schemaVersion ${version} is not readable here: this goodput reads ${SCHEMA_VERSION}`,
    );
  }
  for (const [path, kind] of REQUIRED) required(raw, path, kind);
  for (const [path, kind] of OPTIONAL) optional(raw, path, kind);
  const status = member(raw, 'status');
  if (!STATUSES.includes(status)) throw new TypeError(`unknown status "${String(status)}"`);
  for (const [k, worker] of listAt(raw, 'workers').entries()) {
    assertThread(`workers[${k}]`, worker);
    required(worker, 'worker', 'number', `workers[${k}].`);
  }
  const main = member(raw, 'main');
  if (main !== undefined && main !== null) assertThread('main', main);
  for (const [k, stage] of listAt(raw, 'load.stages').entries())
    for (const key of STAGE) required(stage, key, 'number', `load.stages[${k}].`);
  for (const [k, note] of listAt(raw, 'notes').entries())
    if (typeof note !== 'string') throw new TypeError(`"notes[${k}]" is ${nounOf(note)}, not a string`);
  const process = member(raw, 'process');
  if (process !== undefined && process !== null)
    for (const key of PROCESS) required(process, key, 'number', 'process.');
  if (!/^\d{1,20}$/.test(String(at(raw, 'origin.monotonic_ns'))))
    throw new TypeError('"origin.monotonic_ns" is not a whole number in digits');
  assertWindow(raw);
}

function assertThread(where: string, thread: unknown): void {
  required(thread, 'event_loop_delay_max_ms', 'number', `${where}.`);
  for (const key of THREAD) optional(thread, key, 'number', `${where}.`);
}

function assertWindow(raw: object): void {
  const window = member(raw, 'window');
  if (window === undefined || window === null) return;
  const [start, end] = [member(window, 'start_us'), member(window, 'end_us')];
  if (!isNumber(start) || !isNumber(end)) throw new TypeError('"window" lacks start_us or end_us');
  if (end < start) throw new TypeError('"window" ends before it starts');
  if (start < 0 || end > LATEST_US)
    throw new TypeError(`"window" is not within 0 and ${LATEST_US} microseconds`);
}

function required(from: unknown, path: string, kind: Kind, before = ''): void {
  const found = at(from, path);
  if (found === undefined || found === null) throw new TypeError(`"${before}${path}" is missing`);
  optional(from, path, kind, before);
}

function optional(from: unknown, path: string, kind: Kind, before = ''): void {
  const found = at(from, path);
  if (found === undefined || found === null || is(found, kind)) return;
  const expected =
    typeof found === 'number' && kind === 'number'
      ? `${found}, beyond ±${Number.MAX_SAFE_INTEGER}`
      : `${nounOf(found)}, not ${withArticle(kind)}`;
  throw new TypeError(`"${before}${path}" is ${expected}`);
}

const at = (from: unknown, path: string): unknown => path.split('.').reduce<unknown>(member, from);

const listAt = (from: unknown, path: string): readonly unknown[] => {
  const found = at(from, path);
  return Array.isArray(found) ? found : [];
};

const member = (from: unknown, key: string): unknown =>
  typeof from === 'object' && from !== null ? Reflect.get(from, key) : undefined;

/** Larger numbers are no measurement, and overflow when they are multiplied. */
const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;

function is(value: unknown, kind: Kind): boolean {
  if (kind === 'number') return isNumber(value);
  if (kind === 'list') return Array.isArray(value);
  return typeof value === kind && !Array.isArray(value);
}

const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

const nounOf = (value: unknown): string => withArticle(Array.isArray(value) ? 'list' : typeof value);
