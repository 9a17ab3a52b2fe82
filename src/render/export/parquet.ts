import { judgedRequests } from '../../analysis/judged-requests.ts';
import { VERSION } from '../../version.ts';
import type { ScoredRun } from '../run/scored-run.ts';
import { type Column, ParquetTable } from '../../parquet-table.ts';
import { REQUEST_COLUMNS, type RequestRow, RUN_COLUMNS } from './request-columns.ts';

/** An output event of a request: a row of the file of events. */
interface EventRow extends RequestRow {
  /** Number of the event in its response, from 0. */
  event: number;
  at_us: number;
}

const EVENT_COLUMNS: readonly Column<EventRow>[] = [
  ...RUN_COLUMNS.filter(({ name }) => name === 'simulated' || name === 'run_id'),
  { name: 'i', type: 'whole', of: ({ sample }) => sample.i },
  { name: 'event', type: 'whole', of: ({ event }) => event },
  { name: 'at_us', type: 'whole', of: ({ at_us }) => at_us },
  {
    name: 'gap_us',
    type: 'whole',
    of: ({ event, sample }) => (event === 0 ? null : sample.events_us[event]),
  },
  { name: 'n', type: 'whole', of: ({ event, sample }) => sample.n?.[event] },
  { name: 'tokens', type: 'whole', of: ({ event, figures }) => figures.tokens.at(event) },
];

const createdBy = `goodput version ${VERSION}`;

/** Yields a Parquet file with one row per recorded request of all runs. */
export async function* renderParquet(runs: readonly ScoredRun[]): AsyncGenerator<Uint8Array> {
  const table = new ParquetTable(REQUEST_COLUMNS, createdBy, factsOf(runs));
  for await (const row of rowsOf(runs)) {
    const bytes = table.add(row);
    if (bytes !== null) yield bytes;
  }
  yield table.finish();
}

/** Yields a Parquet file with one row per output event of all runs. */
export async function* renderEventsParquet(runs: readonly ScoredRun[]): AsyncGenerator<Uint8Array> {
  const table = new ParquetTable(EVENT_COLUMNS, createdBy, factsOf(runs));
  for await (const request of rowsOf(runs)) {
    const row: EventRow = { ...request, event: 0, at_us: 0 };
    for (; row.event < request.sample.events_us.length; row.event++) {
      row.at_us += request.sample.events_us[row.event]!;
      const bytes = table.add(row);
      if (bytes !== null) yield bytes;
    }
  }
  yield table.finish();
}

async function* rowsOf(runs: readonly ScoredRun[]): AsyncGenerator<RequestRow> {
  for (const run of runs)
    for await (const request of judgedRequests(run.header, run.samples(), run.slos))
      yield { run, ...request };
}

/** Returns the metadata of a file: whether any endpoint was simulated. */
const factsOf = (runs: readonly ScoredRun[]): Record<string, string> => ({
  'goodput.simulated': String(runs.some(({ header }) => header.endpoint.simulated)),
});
