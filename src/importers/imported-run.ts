import { decimal } from '../numbers.ts';
import { randomUUID } from 'node:crypto';
import type { RunHeader } from '../record/header.ts';
import { SCHEMA_VERSION } from '../record/run-json.ts';
import type { WrittenSample } from '../record/samples-jsonl.ts';
import type { MergedSource } from './merge.ts';
import { samplesOf } from './samples.ts';
import { windowOf } from './window.ts';

/** The options that the user gives besides the files. */
export interface ImportSettings {
  /** Version of goodput. */
  version: string;
  tool: string;
  name: string;
  files: readonly string[];
  /** When the newest file was changed, in milliseconds since 1970: the start of a run whose files do not tell it. */
  modified_ms: number;
  /** SLOs and gates, with the keys of a scenario. */
  conditions: { slo?: string; gates?: string[] };
}

/** An imported run before it is written. */
export interface ImportedRun {
  header: RunHeader;
  /** In the order in which they ended. */
  samples: WrittenSample[];
}

/** The URL of an endpoint that the files do not name. */
const UNKNOWN_URL = 'unknown';

/**
 * Returns `run.json` and the samples of requests that another tool recorded.
 * @throws {GoodputError} of kind `usage` naming a request whose times are impossible
 */
export function importedRun(source: MergedSource, settings: ImportSettings): ImportedRun {
  const { requests, load, clock, lacks } = source;
  const hasStarts = !lacks.includes('starts');
  const origin_s = hasStarts
    ? requests.reduce((least, { start_s }) => Math.min(least, start_s!), Infinity)
    : null;
  const samples = samplesOf(requests, origin_s);
  const window = hasStarts ? windowOf(samples, load) : { start_us: 0, end_us: 0 };
  const last_us = samples.at(-1)!.ended_us;
  const epoch_ms =
    clock === 'epoch' && origin_s !== null
      ? origin_s * 1000
      : dateOr(source.started_ms, settings.modified_ms);
  const measured = requests.filter(({ phase }) => phase === 'measure').length;
  const monotonic = clock === 'monotonic' && origin_s !== null;
  const header: RunHeader = {
    schemaVersion: SCHEMA_VERSION,
    version: settings.version,
    id: randomUUID(),
    name: settings.name,
    started: new Date(epoch_ms).toISOString(),
    origin: {
      epoch_ms: Math.round(epoch_ms),
      monotonic_ns: monotonic ? String(BigInt(Math.round(origin_s * 1e9))) : '0',
    },
    scenario: scenarioOf(source, settings, measured),
    seed: null,
    environment: null,
    endpoint: {
      url: shownUrl(source.url),
      api: source.api,
      model: source.model,
      simulated: false,
      said: {},
    },
    load: {
      ...load,
      clock: load.loop === 'open' ? 'sent' : 'planned',
      requests: measured,
      warmup_s: window.start_us / 1e6,
      duration_s: null,
    },
    window,
    phases: hasStarts ? phasesOf(window, last_us) : [],
    planned: Math.max(source.total, requests.length),
    workers: [],
    main: null,
    process: null,
    host: null,
    probe: null,
    imported: { tool: settings.tool, version: source.version, files: [...settings.files], lacks },
    notes: source.notes,
    status: 'complete',
    reason: null,
  };
  return { header, samples };
}

const phasesOf = (
  { start_us, end_us }: { start_us: number; end_us: number },
  last_us: number,
): RunHeader['phases'] => [
  ...(start_us > 0 ? [{ name: 'warmup' as const, start_us: 0, end_us: start_us }] : []),
  { name: 'measure', start_us, end_us },
  ...(last_us > end_us ? [{ name: 'drain' as const, start_us: end_us, end_us: last_us }] : []),
];

/** The limit of a scenario's keys (docs/scenario.md): a load beyond it is left out. */
const MOST_IN_FLIGHT = 100_000;

const APIS: readonly string[] = ['chat', 'completions', 'responses', 'messages'];

/** Returns what is known of the scenario, with the keys of a scenario file. */
function scenarioOf(
  { url, api, model, load }: MergedSource,
  { name, conditions }: ImportSettings,
  requests: number,
): RunHeader['scenario'] {
  return {
    name,
    endpoint: {
      url: shownUrl(url),
      ...(APIS.includes(api) ? { api } : {}),
      ...(model === null ? {} : { model }),
    },
    load: { ...loadKeys(load), warmup: '0s', requests },
    ...conditions,
  };
}

function loadKeys({
  concurrency,
  rate_rps,
  arrivals,
  max_concurrency,
  burstiness,
}: MergedSource['load']): object {
  if (concurrency !== null) return concurrency <= MOST_IN_FLIGHT ? { concurrency } : {};
  return {
    ...(rate_rps === null ? {} : { rate: `${withoutExponent(rate_rps)}/s` }),
    ...(arrivals === null ? {} : { arrivals }),
    ...(burstiness === undefined ? {} : { burstiness }),
    ...(max_concurrency === null || max_concurrency > MOST_IN_FLIGHT
      ? {}
      : { maxConcurrency: max_concurrency }),
    clock: 'sent',
  };
}

/** Returns an instant in milliseconds since 1970 if it is one, else another. */
const dateOr = (ms: number | null, other: number): number =>
  ms === null || Number.isNaN(new Date(ms).getTime()) ? other : ms;

/** Returns a number without an exponent, which a scenario's rates do not have. */
const withoutExponent = (value: number): string => decimal(value, 9).replace(/\.?0+$/, '');

/** Returns a URL without its userinfo and its query, which may hold a key. */
function shownUrl(url: string | null): string {
  if (url === null || !URL.canParse(url)) return UNKNOWN_URL;
  const { origin, pathname } = new URL(url);
  return origin === 'null' ? UNKNOWN_URL : origin + pathname.replace(/\/$/, '');
}
