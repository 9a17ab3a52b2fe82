import type { JudgedRequest } from '../../analysis/judged-requests.ts';
import { REQUEST_METRICS } from '../../metrics/registry.ts';
import type { Sample, SampleError, SampleSetUp, ServerTiming } from '../../sample.ts';
import type { ScoredRun } from '../run/scored-run.ts';
import type { Column, ColumnType } from '../../parquet-table.ts';

/** A request of a run: a row of the Parquet file. */
export interface RequestRow extends JudgedRequest {
  run: ScoredRun;
}

/** Columns that are the same in every row of a run. */
export const RUN_COLUMNS: readonly Column<Pick<RequestRow, 'run'>>[] = [
  { name: 'simulated', type: 'boolean', of: ({ run }) => run.header.endpoint.simulated },
  { name: 'run_id', type: 'text', of: ({ run }) => run.header.id },
  { name: 'run_name', type: 'text', of: ({ run }) => run.header.name },
  { name: 'run_origin', type: 'instant', of: ({ run }) => run.header.origin.epoch_ms },
  { name: 'url', type: 'text', of: ({ run }) => run.header.endpoint.url },
  { name: 'model', type: 'text', of: ({ run }) => run.header.endpoint.model },
];

type Plain = string | number | boolean | null | undefined;
/** The keys of a sample that hold a single value. */
type PlainKey = { [K in keyof Sample]-?: Sample[K] extends Plain ? K : never }[keyof Sample];

const key = (name: PlainKey, type: ColumnType): Column<RequestRow> => ({
  name,
  type,
  of: ({ sample }) => sample[name],
});

/** A column with the JSON of a value that has parts. */
const json = (name: 'tags' | 'headers' | 'tool_calls' | 'usage'): Column<RequestRow> => ({
  name,
  type: 'text',
  of: ({ sample }) => {
    const value = sample[name];
    return value === undefined || value === null ? null : JSON.stringify(value);
  },
});

const ofError = (name: keyof SampleError, type: ColumnType): Column<RequestRow> => ({
  name: `error_${name}`,
  type,
  of: ({ sample: { error } }) => error?.[name],
});

const ofSetUp = (name: keyof SampleSetUp): Column<RequestRow> => ({
  name: `set_up_${name}`,
  type: 'whole',
  of: ({ sample: { set_up } }) => set_up?.[name],
});

const ofTiming = (name: keyof ServerTiming): Column<RequestRow> => ({
  name: `server_${name}`,
  type: 'number',
  of: ({ sample: { server_timing } }) => server_timing?.[name],
});

/** The keys of `samples.jsonl`. `events` is the number of output events; the events themselves are rows of another file. */
const SAMPLE_COLUMNS: readonly Column<RequestRow>[] = [
  key('i', 'whole'),
  { name: 'session', type: 'whole', of: ({ sample: { i, session = i } }) => session },
  { name: 'turn', type: 'whole', of: ({ sample: { turn = 0 } }) => turn },
  key('turns', 'whole'),
  json('tags'),
  key('worker', 'whole'),
  key('phase', 'text'),
  {
    name: 'planned_us',
    type: 'whole',
    of: ({ run, sample }) =>
      run.header.imported?.lacks.includes('planned') === true ? null : sample.planned_us,
  },
  key('released_us', 'whole'),
  key('sent_us', 'whole'),
  key('headers_us', 'whole'),
  key('ended_us', 'whole'),
  { name: 'events', type: 'whole', of: ({ sample }) => sample.events_us.length },
  key('answer', 'whole'),
  key('outcome', 'text'),
  key('status', 'whole'),
  key('finish', 'text'),
  ofError('message', 'text'),
  ofError('code', 'text'),
  ofError('kind', 'text'),
  ofError('retry_after_ms', 'number'),
  key('input_tokens', 'whole'),
  key('cached_tokens', 'whole'),
  key('output_tokens', 'whole'),
  key('reasoning_tokens', 'whole'),
  key('hidden_tokens', 'whole'),
  key('tokens_from', 'text'),
  key('usage_problem', 'text'),
  key('words', 'number'),
  key('planned_input', 'number'),
  key('planned_output', 'number'),
  key('planned_reusable', 'whole'),
  key('reused', 'boolean'),
  key('connect_us', 'whole'),
  ofSetUp('dns_us'),
  ofSetUp('tcp_us'),
  ofSetUp('proxy_us'),
  ofSetUp('tls_us'),
  key('replica', 'whole'),
  key('http', 'text'),
  key('choices', 'number'),
  key('bytes_in', 'whole'),
  ofTiming('ttft_ms'),
  ofTiming('queue_ms'),
  ofTiming('prefill_ms'),
  ofTiming('decode_ms'),
  json('headers'),
  key('text', 'text'),
  key('reasoning_text', 'text'),
  json('tool_calls'),
  json('usage'),
];

/** Figures and judgement. A figure that the report leaves out as misleading is `null`, so that percentiles agree with the report. */
const COMPUTED_COLUMNS: readonly Column<RequestRow>[] = [
  ...REQUEST_METRICS.map((metric): Column<RequestRow> => ({
    name: metric.unit === 'ms' ? `${metric.name}_ms` : metric.name,
    type: 'number',
    of: ({ figures }) => (figures.isMisleading(metric) ? null : figures.value(metric.name)),
  })),
  { name: 'in_cohort', type: 'boolean', of: (row) => row.isInCohort },
  { name: 'judgement', type: 'text', of: ({ judgement }) => judgement },
  { name: 'judged', type: 'boolean', of: (row) => row.isInCohort && row.judgement !== 'censored' },
  { name: 'good', type: 'boolean', of: ({ judgement }) => judgement === 'good' },
];

/** Every column of a request. */
export const REQUEST_COLUMNS: readonly Column<RequestRow>[] = [
  ...RUN_COLUMNS,
  ...SAMPLE_COLUMNS,
  ...COMPUTED_COLUMNS,
];
