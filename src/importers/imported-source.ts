import type { RunHeader } from '../record/header.ts';
import type { Fact } from '../sample.ts';
import type { ImportedRequest } from './imported-request.ts';

/** The load that a tool applied, as far as its file holds it. */
export type ImportedLoad = Pick<
  RunHeader['load'],
  'loop' | 'arrivals' | 'burstiness' | 'rate_rps' | 'concurrency' | 'max_concurrency'
>;

/** The requests of one benchmark of another tool, and what its file holds about it. */
export interface ImportedSource {
  /** The file, and the line or the part of it if it has several benchmarks. */
  where: string;
  /** Version of the tool; `null` if the file does not hold it. */
  version: string | null;
  url: string | null;
  api: string;
  model: string | null;
  load: ImportedLoad;
  /** The clock of `start_s`: seconds since 1970, or of the host's monotonic clock. */
  clock: 'epoch' | 'monotonic';
  /** Start of the benchmark, in milliseconds since 1970; `null` if the requests or nothing shows it. */
  started_ms: number | null;
  requests: ImportedRequest[];
  /** Requests that the tool sent, those included that the file does not list. */
  total: number;
  /** Facts that files of this tool never hold; those that single requests lack are found from the requests. */
  lacks: readonly Fact[];
  /** Sentences for the reader of the report. */
  notes: string[];
}

/** The load of a file that does not hold it: its requests start at any instants. */
export const UNKNOWN_LOAD: ImportedLoad = {
  loop: 'open',
  arrivals: null,
  rate_rps: null,
  concurrency: null,
  max_concurrency: null,
};

/** The most requests in flight, and the lowest and the highest rate, that a load can have; what is beyond them is not a measurement. */
const MOST_IN_FLIGHT = 1_000_000;
const LOWEST_RATE = 1e-6;
const HIGHEST_RATE = 1_000_000;

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= MOST_IN_FLIGHT;

/** Returns a load in closed loop; the unknown load for an impossible number. */
export const closedLoop = (concurrency: number): ImportedLoad =>
  isCount(concurrency)
    ? { loop: 'closed', arrivals: null, rate_rps: null, concurrency, max_concurrency: null }
    : UNKNOWN_LOAD;

/** Returns a load in open loop; the unknown load for an impossible rate. */
export function openLoop(
  rate_rps: number,
  arrivals: string | null,
  { burstiness, cap = null }: { burstiness?: number | undefined; cap?: number | null } = {},
): ImportedLoad {
  if (!(rate_rps >= LOWEST_RATE && rate_rps <= HIGHEST_RATE)) return UNKNOWN_LOAD;
  const isShape = burstiness !== undefined && burstiness >= 0.01 && burstiness <= 10_000;
  return {
    loop: 'open',
    arrivals: burstiness !== undefined && !isShape ? null : arrivals,
    ...(isShape ? { burstiness } : {}),
    rate_rps,
    concurrency: null,
    max_concurrency: cap !== null && isCount(cap) ? cap : null,
  };
}
