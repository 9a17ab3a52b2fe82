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

/** A load in closed loop. */
export const closedLoop = (concurrency: number): ImportedLoad => ({
  loop: 'closed',
  arrivals: null,
  rate_rps: null,
  concurrency,
  max_concurrency: null,
});

/** A load in open loop; `rate_rps`: `null` if the file does not hold it. */
export const openLoop = (
  rate_rps: number | null,
  arrivals: string | null,
  { burstiness, cap = null }: { burstiness?: number | undefined; cap?: number | null } = {},
): ImportedLoad => ({
  loop: 'open',
  arrivals,
  ...(burstiness === undefined ? {} : { burstiness }),
  rate_rps,
  concurrency: null,
  max_concurrency: cap,
});
