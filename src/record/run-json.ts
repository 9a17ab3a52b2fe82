import { decodeText, inOrder } from '../document/decode.ts';
import {
  any,
  boolean,
  type Definition,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  optionalOrNull,
  orNull,
  record,
  type Shape,
  string,
  withDefault,
} from '../document/definition.ts';
import type {
  HostHealth,
  RecordedData,
  Imported,
  PreflightResult,
  ProcessHealth,
  RunHeader,
  SearchStep,
  ThreadHealth,
  Window,
  WorkerHealth,
} from './header.ts';
import { FACTS } from '../sample.ts';
import { finite, LOAD } from './load-json.ts';
import { ENVIRONMENT, RANK, RANKS } from './ranks-json.ts';
import { LATEST_US } from './samples-jsonl.ts';

/** The `schemaVersion` that is written, and the only one that is read. */
export const SCHEMA_VERSION = 1;

const instant = (description: string): Definition<number> => number(description, { min: 0, max: LATEST_US });

const THREAD: Shape<ThreadHealth> = {
  event_loop_delay_p50_ms: orNull(
    finite('Median delay, in milliseconds, until an event that arrives at a random instant is noticed.'),
  ),
  event_loop_delay_p95_ms: orNull(finite('95th percentile of this delay, in milliseconds.')),
  event_loop_delay_p99_ms: orNull(finite('99th percentile of this delay, in milliseconds.')),
  event_loop_delay_max_ms: finite('Longest delay of the event loop, in milliseconds.'),
  stamp_delay_p99_ms: orNull(
    finite(
      'How late the stamps of reads may be because the loop was busy with earlier reads, at the 99th percentile, in milliseconds.',
    ),
  ),
  drain_delay_max_ms: orNull(finite('Longest delay of the event loop after the window, in milliseconds.')),
  event_loop_utilization: orNull(finite('Busy share of the event loop, 0 to 1.')),
  gc_pauses_ms: orNull(finite('Sum of the pauses for garbage collection, in milliseconds.')),
  gc_pause_max_ms: orNull(finite('Longest pause for garbage collection, in milliseconds.')),
};

export const WORKER_HEALTH = object<WorkerHealth>(
  {
    worker: finite('Number of the worker, from 0.'),
    rank: optionalOrNull(finite('Its rank; only of a merged run.')),
    ...THREAD,
    connections_opened: withDefault(finite('Connections opened in the complete run.'), 0),
  },
  'Health of a load worker over the window.',
);

export const MAIN_HEALTH = object<ThreadHealth>(THREAD, 'Health of the main thread over the window.');

export const HOST_HEALTH = object<HostHealth>(
  {
    load_before: orNull(finite('Load average of 1 minute at the start of the window.')),
    load_after: orNull(finite('Load average of 1 minute at the end of the window.')),
    busy_share: orNull(finite('Share of the time of all processors that was used, 0 to 1.')),
    steal_share: orNull(finite('Share of the time of all processors that the hypervisor took, 0 to 1.')),
    pressure_share: orNull(finite('Share of the window in which some task waited for a processor, 0 to 1.')),
    suspended_ms: orNull(finite('Time that the machine was suspended, in milliseconds.')),
    processors: orNull(finite('Number of processors.')),
    others_processors: orNull(finite('Processors that other processes kept busy, on average.')),
  },
  'The machine over the window, `null` for what the system does not report.',
);

const PREFLIGHT = object<PreflightResult>(
  {
    tokens_per_word: orNull(finite('Tokens per word of a prompt.')),
    overhead_tokens: orNull(finite('Tokens that the server adds to every prompt.')),
    note: orNull(string('What could not be learned, and why.')),
    requests: withDefault(finite('Requests sent before the measurement.'), 0),
    asked: optional(list(string('Field.'), 'Optional fields that every measured request has.')),
    limit: optional(nullable(string('Field that limits the output tokens in the chat API.'))),
    refused: optional(
      record(string('Message of the server.'), 'Field that the server refused → its message.'),
    ),
    ignored: optional(list(string('Field.'), 'Fields that were not refused and had no effect.')),
  },
  'What the preflight learned before the measurement; `null`: there was none.',
);

const SEARCH = object<SearchStep>(
  {
    number: finite('Number of the search window, from 1.'),
    kind: oneOf(['single', 'bracket', 'refinement'], 'Kind of the search window.'),
    level: finite('Load: requests per second, or requests in flight.'),
    target: finite('Share of good requests that the search is for, 0 to 1.'),
    ended: nullable(oneOf(['full', 'clear', 'aborted', 'interrupted'], 'How the search window ended.')),
  },
  'Only of a search window of goodput capacity.',
);

export const DATA = object<RecordedData>(
  {
    files: list(
      object<RecordedData['files'][number]>(
        {
          path: string('Path as given; `-` is stdin.'),
          sha256: string('SHA-256 of the file, in hexadecimal digits.'),
          bytes: finite('Size of the file, in bytes.'),
        },
        'A file.',
      ),
      'Files, in the order in which they were read.',
    ),
    format: string('Format of the records.'),
    licence: orNull(string('Licence, from the manifest of the file.')),
    steps: withDefault(
      list(any('A step.'), 'Steps of goodput data that made the file, from its manifest.'),
      [],
    ),
    sessions: finite('Sessions that the run may send.'),
    order: oneOf(['shuffle', 'file'], 'Order of the sessions.'),
    take: orNull(finite('Number of sessions to use; `null`: all.')),
    replacement: boolean('Sessions were drawn with replacement.'),
    cycle: boolean('The data starts again at its end.'),
    history: oneOf(['actual', 'recorded', 'none'], 'Earlier answers that each turn repeats.'),
    blockTokens: finite('Tokens of a block of `hash_ids`.'),
    distinct: orNull(finite('Sessions of the data that were sent, each counted once.')),
    most_repeated: orNull(finite('How often the session that was sent most often was sent.')),
  },
  'Only of a run of data sets.',
);

export const IMPORTED = object<Imported>(
  {
    tool: string('Name of the tool.'),
    version: orNull(string('Version of the tool; `null` if its files do not hold it.')),
    files: list(string('Name.'), 'Names of its files, without folders.'),
    lacks: withDefault(
      list(oneOf(FACTS, 'A fact.'), 'Facts that the files do not hold: no figure is computed from them.'),
      [],
    ),
  },
  'Only of a run that another tool measured (goodput import).',
);

/** `run.json`, in the order of its keys. */
export const RUN = object<RunHeader>(
  {
    schemaVersion: oneOf([SCHEMA_VERSION], 'Version of this document.'),
    version: string('Version of goodput that wrote it.'),
    kind: optionalOrNull(oneOf(['batch'], 'Only of goodput batch: batch.json has its state.')),
    id: string('Identifies the run.'),
    name: string('Name of the scenario.'),
    started: string('Start of the run, ISO 8601, UTC.'),
    origin: object<RunHeader['origin']>(
      {
        epoch_ms: finite('Wall clock, in milliseconds since 1970.'),
        monotonic_ns: string('Monotonic clock of the host, in nanoseconds, as a decimal string.', {
          regexp: /^\d{1,20}$/,
          expected: 'a whole number in digits',
        }),
      },
      'The instant that every instant of the run counts from.',
    ),
    scenario: record(
      any('Value.'),
      'The resolved scenario in the keys of a scenario file, secrets redacted.',
    ),
    seed: orNull(finite('Seed of arrivals, lengths and prompts; `null` in an imported run.')),
    environment: orNull(ENVIRONMENT),
    endpoint: object<RunHeader['endpoint']>(
      {
        url: string('Base URL.'),
        api: string('API.'),
        model: orNull(string('Model as requested.')),
        models: optionalOrNull(
          record(
            finite('Share of the sessions, 0 to 1.'),
            'Models of sessions and their shares, if there are several.',
          ),
        ),
        simulated: withDefault(boolean('The endpoint is the simulated endpoint of goodput.'), false),
        replicas: optionalOrNull(list(string('URL.'), 'Base URLs of several replicas, in their order.')),
        virtual: optionalOrNull(
          oneOf([true], 'Only of goodput simulate: instants are from a virtual clock.'),
        ),
        said: withDefault(record(any('Value.'), 'What the endpoint reported before the measurement.'), {}),
      },
      'The measured endpoint.',
    ),
    load: LOAD,
    window: orNull(
      object<Window>(
        { start_us: instant('Start, in microseconds.'), end_us: instant('End, in microseconds.') },
        'The measurement window. It alone decides which request counts. `null`: the run was never closed.',
      ),
    ),
    phases: withDefault(
      list(
        object<RunHeader['phases'][number]>(
          {
            name: oneOf(['warmup', 'measure', 'drain'], 'Name of the phase.'),
            start_us: finite('Start, in microseconds.'),
            end_us: finite('End, in microseconds.'),
          },
          'A phase of the run.',
        ),
        'The phases of the run, for readers.',
      ),
      [],
    ),
    planned: orNull(
      finite('Requests planned before the end (open loop) or started (closed loop); `null`: never closed.'),
    ),
    workers: withDefault(list(WORKER_HEALTH, 'Health of the load workers over the window.'), []),
    main: orNull(MAIN_HEALTH),
    process: orNull(
      object<ProcessHealth>(
        {
          over_ms: finite('Time over which the others were measured, in milliseconds.'),
          cpu_user_ms: finite('Processor time in user mode, in milliseconds.'),
          cpu_system_ms: finite('Processor time in system mode, in milliseconds.'),
        },
        'The process over the window, all threads and the embedded endpoint included.',
      ),
    ),
    host: orNull(HOST_HEALTH),
    probe: orNull(PREFLIGHT),
    imported: optionalOrNull(IMPORTED),
    rank: optionalOrNull(RANK),
    ranks: optionalOrNull(RANKS),
    search: optionalOrNull(SEARCH),
    data: optionalOrNull(DATA),
    notes: withDefault(list(string('A sentence.'), 'Sentences for the reader of the report.'), []),
    status: oneOf(
      ['running', 'complete', 'interrupted', 'failed'],
      'How the run ended. `running`: never closed, or not ended yet.',
    ),
    reason: orNull(string('Why the run was interrupted or failed.')),
    fix: optionalOrNull(string('How to fix `reason`; only with `stopped_by: endpoint`.')),
    stopped_by: optionalOrNull(
      oneOf(
        ['gate', 'endpoint'],
        'Why goodput ended the run early: a gate, or an endpoint that answers nothing.',
      ),
    ),
  },
  'run.json of a goodput run: the facts of the run that are not in its samples.',
);

/** Returns `run.json` as written: keys in the order of the definition, two spaces, a final newline. */
export function encodeHeader(header: RunHeader): string {
  return `${JSON.stringify(inOrder(RUN, header), null, 2)}\n`;
}

/**
 * Reads `run.json`. Unknown keys are kept: later versions may add some without a new `schemaVersion`.
 * @throws {SyntaxError} if the text is not JSON, {TypeError} naming the key if it is not a header that this version can read
 */
export function decodeHeader(text: string): RunHeader {
  const header = decodeText(RUN, text);
  const { window } = header;
  if (window !== null && window.end_us < window.start_us)
    throw new TypeError('"window" ends before it starts');
  return header;
}
