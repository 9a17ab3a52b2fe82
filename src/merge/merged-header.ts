import { isLost } from '../analysis/lost.ts';
import { randomUUID } from 'node:crypto';
import { recordedLoad } from '../lifecycle/new-header.ts';
import { isOneWave, measureEnd_us } from '../lifecycle/window.ts';
import { rankText } from '../ranks/rank.ts';
import {
  type MergedRank,
  type MergedRanks,
  type RecordedData,
  type RunHeader,
  type Window,
} from '../record/header.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { sessionsIn } from '../score/score.ts';
import { VERSION } from '../version.ts';
import type { RankFolder } from './rank-folders.ts';

type Loads = Pick<Scenario, 'seed' | 'load'>;

/**
 * Returns the window of all ranks: the part in which all that ended had their load. `null` if none ended, and the plan does not say.
 */
export function mergedWindow(folders: readonly RankFolder[], scenario: Loads): Window | null {
  const windows = folders.flatMap(({ header }) =>
    isLost(header) || header.window === null ? [] : [header.window],
  );
  const count = sessionsIn(folders[0]!.header);
  if (windows.length === 0) {
    const end_us = measureEnd_us({ ...scenario, count });
    return end_us === null ? null : { start_us: Math.round(scenario.load.warmup * 1000), end_us };
  }
  const ends = windows.map(({ end_us }) => end_us);
  const end_us = isOneWave({ ...scenario, count }) ? Math.max(...ends) : Math.min(...ends);
  return { start_us: Math.min(windows[0]!.start_us, end_us), end_us };
}

/** Returns the `run.json` of the run that all ranks together carried out. */
export function mergedHeader(
  folders: readonly [RankFolder, ...RankFolder[]],
  scenario: Loads,
  window: Window | null,
  each: readonly MergedRank[],
): RunHeader {
  const headers = folders.map(({ header }) => header);
  const [first] = headers as [RunHeader, ...RunHeader[]];
  const { rank: _, fix: __, stopped_by: ___, ...common } = first;
  const interrupted = each.find(({ status }) => status === 'interrupted');
  const { load } = first;
  return {
    ...common,
    version: VERSION,
    id: randomUUID(),
    started: headers.map(({ started }) => started).toSorted()[0]!,
    load: {
      ...recordedLoad(scenario.load, { count: sessionsIn(first), hasTurns: load.unit === 'sessions' }),
      // The folder of a run does not have its trace.
      ...(load.trace === undefined ? {} : { trace: load.trace }),
      duration_s: load.duration_s,
    },
    window,
    phases: phasesOf(headers, window),
    planned: each.reduce((sum, { requests, lost }) => sum + requests + lost, 0),
    workers: headers.flatMap(({ workers, rank }) =>
      workers.map((worker) => ({ ...worker, rank: rank.index })),
    ),
    main: worstOf(
      headers,
      ({ main }) => main,
      (main) => main.event_loop_delay_max_ms,
    ),
    process: processesOf(headers),
    host: worstOf(
      headers,
      ({ host }) => host,
      (host) => (host.pressure_share ?? 0) + (host.others_processors ?? 0),
    ),
    ...(first.data === undefined ? {} : { data: mergedData(headers, first.data) }),
    ranks: { of: folders[0].header.rank.of, ...startsOf(folders), each },
    notes: [...new Set(headers.flatMap(({ notes }) => notes))],
    status: interrupted === undefined ? 'complete' : 'interrupted',
    reason:
      interrupted === undefined
        ? null
        : `${rankText({ index: interrupted.index, of: folders[0].header.rank.of })}: ${interrupted.reason ?? 'interrupted'}`,
  };
}

function phasesOf(headers: readonly RunHeader[], window: Window | null): RunHeader['phases'] {
  if (window === null) return [];
  const last_us = Math.max(
    window.end_us,
    ...headers.flatMap(({ phases }) => phases.map(({ end_us }) => end_us)),
  );
  return [
    { name: 'warmup' as const, start_us: 0, end_us: window.start_us },
    { name: 'measure' as const, ...window },
    { name: 'drain' as const, start_us: window.end_us, end_us: last_us },
  ].filter(({ start_us, end_us }) => end_us > start_us);
}

function worstOf<T>(
  headers: readonly RunHeader[],
  of: (header: RunHeader) => T | null,
  figure: (value: T) => number,
): T | null {
  const known = headers.map(of).filter((value) => value !== null);
  return known.length === 0
    ? null
    : known.reduce((worst, value) => (figure(value) > figure(worst) ? value : worst));
}

/** Returns the processor time of all ranks, over the longest time that one of them measured. */
function processesOf(headers: readonly RunHeader[]): RunHeader['process'] {
  const known = headers.flatMap(({ process }) => process ?? []);
  if (known.length === 0) return null;
  const sum = (key: 'cpu_user_ms' | 'cpu_system_ms'): number =>
    known.reduce((total, each) => total + each[key], 0);
  return {
    over_ms: Math.max(...known.map(({ over_ms }) => over_ms)),
    cpu_user_ms: sum('cpu_user_ms'),
    cpu_system_ms: sum('cpu_system_ms'),
  };
}

/** Returns how far apart the ranks started. */
function startsOf(folders: readonly RankFolder[]): Pick<MergedRanks, 'met' | 'starts_within_ms'> {
  const errors = folders.flatMap(({ header: { rank } }) => rank.start?.error_ms ?? []);
  if (errors.length === folders.length) {
    // Each is a bound of the difference to rank 0.
    const [most = 0, second = 0] = errors.toSorted((a, b) => b - a);
    return { met: true, starts_within_ms: most + second };
  }
  const instants = folders.map(({ header }) => header.origin.epoch_ms);
  return {
    met: folders.length === 1 && folders[0]!.header.rank.of === 1,
    starts_within_ms: Math.max(...instants) - Math.min(...instants),
  };
}

/** Returns the record of the data; sessions that several ranks sent again cannot be counted once. */
function mergedData(headers: readonly RunHeader[], data: RecordedData): RecordedData {
  const parts = headers.map((header) => header.data!);
  const isOnce = !data.cycle && !data.replacement && parts.every(({ distinct }) => distinct !== null);
  return {
    ...data,
    distinct: isOnce ? parts.reduce((sum, { distinct }) => sum + distinct!, 0) : null,
    most_repeated: isOnce ? Math.max(...parts.map(({ most_repeated }) => most_repeated ?? 0)) : null,
  };
}
