import type { RunHeader } from '../record/header.ts';
import type { Microseconds } from '../units.ts';
import type { Report } from './report.ts';

/** Returns the parts of a report that are copied from `run.json`. */
export const headerReport = (
  header: RunHeader,
  dir: string,
  window_us: Microseconds,
): Pick<Report, 'run' | 'imported' | 'ranks' | 'data' | 'endpoint' | 'load'> => ({
  run: {
    id: header.id,
    name: header.name,
    dir,
    startedAt: header.started,
    version: header.version,
    seed: header.seed,
    status: header.status,
    reason: header.reason,
    ...(header.fix === undefined ? {} : { fix: header.fix }),
    ...(header.stopped_by === undefined ? {} : { stopped_by: header.stopped_by }),
  },
  ...(header.imported === undefined ? {} : { imported: header.imported }),
  ...(header.ranks === undefined ? {} : { ranks: header.ranks }),
  ...(header.data === undefined ? {} : { data: header.data }),
  endpoint: {
    url: header.endpoint.url,
    api: header.endpoint.api,
    model: header.endpoint.model,
    ...(header.endpoint.models === undefined ? {} : { models: header.endpoint.models }),
    simulated: header.endpoint.simulated,
    ...(header.endpoint.virtual === true ? { virtual: true } : {}),
  },
  load: loadReport(header, window_us),
});

const loadReport = ({ load }: RunHeader, window_us: Microseconds): Report['load'] => ({
  loop: load.loop,
  arrivals: load.arrivals,
  ...(load.burstiness === undefined ? {} : { burstiness: load.burstiness }),
  rate_rps: load.rate_rps,
  ...(load.stages === undefined ? {} : { stages: load.stages }),
  ...(load.trace === undefined ? {} : { trace: load.trace }),
  concurrency: load.concurrency,
  max_concurrency: load.max_concurrency,
  clock: load.clock,
  requests: load.requests,
  ...(load.unit === undefined ? {} : { unit: load.unit }),
  ...(load.sessions === undefined ? {} : { sessions: load.sessions }),
  warmup_s: load.warmup_s,
  window_s: window_us / 1e6,
});
