import { randomUUID } from 'node:crypto';
import type { RecordedData, RunHeader } from '../record/header.ts';
import { SCHEMA_VERSION } from '../record/run-json.ts';
import { SIMULATED } from '../scenario/keys/endpoint-keys.ts';
import type { DataChoice, Load, Scenario, Stage } from '../scenario/keys/scenario.ts';
import { countArrivals } from '../plan/arrivals.ts';
import { formatShare } from '../units.ts';
import type { WorkloadSource } from '../workload/workload.ts';
import { sessionsOf } from './window.ts';
import type { ReadData, RunOptions } from './run-options.ts';
import { monotonic_ns } from '../health/monotonic-clock.ts';
import { environment } from '../health/environment.ts';

/**
 * Returns the content of `run.json` before the first request: the facts of the scenario and the machine.
 * @param url `null`: the run is on a virtual clock and sends nothing
 */
export function newHeader(
  {
    resolved,
    data,
    version,
    search,
    rank,
  }: Pick<RunOptions, 'resolved' | 'data' | 'version' | 'search' | 'rank'>,
  { count, hasTurns }: Pick<WorkloadSource, 'count' | 'hasTurns'>,
  url: string | null,
): RunHeader {
  const { scenario } = resolved;
  const { endpoint } = scenario;
  return {
    schemaVersion: SCHEMA_VERSION,
    version,
    id: randomUUID(),
    name: scenario.name,
    started: new Date().toISOString(),
    origin: { epoch_ms: Date.now(), monotonic_ns: url === null ? '0' : String(monotonic_ns()) },
    scenario: { ...resolved.echo },
    seed: scenario.seed,
    environment: environment(),
    endpoint: {
      url: url === null ? SIMULATED : shownUrl(url),
      api: endpoint.api,
      model: endpoint.models === null ? endpoint.model : modelsText(endpoint.models),
      ...(endpoint.models === null ? {} : { models: endpoint.models }),
      simulated: endpoint.simulated,
      ...(url === null || endpoint.replicas.length === 0
        ? {}
        : { replicas: [url, ...endpoint.replicas].map(shownUrl) }),
      ...(url === null ? { virtual: true } : {}),
      said: {},
    },
    load: recordedLoad(countedLoad(scenario, count), { count, hasTurns }),
    window: null,
    phases: [],
    planned: null,
    workers: [],
    main: null,
    process: null,
    host: null,
    probe: null,
    ...(rank === undefined ? {} : { rank: { ...rank, start: null } }),
    ...(search === undefined ? {} : { search }),
    ...(data === null ? {} : { data: recordedData(data, scenario.workload.data!) }),
    notes: data === null || data.ignored.length === 0 ? [] : [ignoredNote(data.ignored)],
    status: 'running',
    reason: null,
  };
}

/** Returns the models of a mix in words, such as `base 80%, lora-a 20%`. */
const modelsText = (models: Readonly<Record<string, number>>): string =>
  Object.entries(models)
    .map(([model, share]) => `${model} ${formatShare(share)}`)
    .join(', ');

/** Returns the note on fields of records that were not sent. */
const ignoredNote = (fields: readonly string[]): string =>
  `Records have ${fields.join(', ')} in their body, which goodput sets itself: these fields were not sent. Use output_tokens for the limit, and endpoint.models for models.`;

const recordedData = (
  { files, format, licence, steps, sessions, blockTokens }: ReadData,
  { order, take, replacement, cycle, history }: DataChoice,
): RecordedData => ({
  files,
  format,
  licence,
  steps,
  sessions: sessions.timestamps_ms.length,
  order,
  take,
  replacement,
  cycle,
  history,
  blockTokens,
  distinct: null,
  most_repeated: null,
});

/** Returns the load of a run; in an open loop of N requests or sessions, a rank has those that are its own. */
function countedLoad({ seed, load }: Pick<Scenario, 'seed' | 'load'>, count: number): Load {
  const { share, concurrency, requests, sessions } = load;
  if (share === undefined || concurrency !== null || (requests ?? sessions) === null) return load;
  const own = countArrivals({ seed, load, count })!.measure;
  return requests === null ? { ...load, sessions: own } : { ...load, requests: own };
}

/** Returns a load with the names and units of `run.json`; with ranks that of the rank. */
export const recordedLoad = (
  load: Load,
  { count, hasTurns }: Pick<WorkloadSource, 'count' | 'hasTurns'>,
): RunHeader['load'] => ({
  loop: load.concurrency === null ? 'open' : 'closed',
  arrivals: load.concurrency === null ? load.arrivals : null,
  ...(load.burstiness === null ? {} : { burstiness: load.burstiness }),
  rate_rps: load.rate === null ? null : load.rate / (load.share?.of ?? 1),
  ...(load.stages === null
    ? {}
    : { stages: load.stages.map((stage) => stageOf(stage, load.share?.of ?? 1)) }),
  ...(load.trace === undefined
    ? {}
    : { trace: { speed: load.trace.speed, from_s: load.from / 1000, tick_ms: load.trace.tick_ms } }),
  concurrency: load.concurrency,
  max_concurrency: load.maxConcurrency,
  clock: load.clock,
  requests: load.requests,
  ...(hasTurns ? { unit: 'sessions' as const } : {}),
  ...sessionsOf(load, count),
  warmup_s: load.warmup / 1000,
  duration_s: load.duration === null ? null : load.duration / 1000,
});

const stageOf = ({ from, to, for: length }: Stage, ranks: number) => ({
  from_rps: from / ranks,
  to_rps: to / ranks,
  for_s: length / 1000,
});

/** Returns a URL without its userinfo and its query, which may hold a key. */
function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/$/, '');
}
