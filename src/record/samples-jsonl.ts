import { decode } from '../document/decode.ts';
import {
  any,
  boolean,
  list,
  number,
  object,
  oneOf,
  optional,
  optionalOrNull,
  orNull,
  record,
  string,
  whole,
  withDefault,
} from '../document/definition.ts';
import {
  OUTCOMES,
  PHASES,
  type Sample,
  type SampleError,
  type SampleSetUp,
  type ServerTiming,
  TIMEOUT_KINDS,
  TOKEN_SOURCES,
} from '../sample.ts';
import { plausibleTokens } from '../token-counts.ts';
import type { Microseconds } from '../units.ts';

/**
 * The latest instant of a run: 104 days, a safe integer in nanoseconds too. No scenario runs that long, and no sum of times of one run
 * loses a microsecond.
 */
export const LATEST_US: Microseconds = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

const time = (description: string) => whole(description, LATEST_US);

/** A sample as JSON has it: without typed arrays, and without a planned instant if a tool that does not record it measured the request. */
type RecordedSample = Omit<Sample, 'events_us' | 'planned_us'> & {
  events_us: Microseconds[];
  planned_us: Microseconds | null;
};

/** A sample to be written. Another tool may not have recorded the planned instant. */
export type WrittenSample = Omit<Sample, 'planned_us'> & { planned_us: Microseconds | null };

/** One line of `samples.jsonl`. Keys in the order in which clients write them. */
export const SAMPLE = object<RecordedSample>(
  {
    i: whole('Number of the request in the plan, from 0.'),
    session: optional(
      whole('Number of its session in the plan, from 0. Earlier versions did not write it: it is then `i`.'),
    ),
    turn: optional(whole('Number of the turn in its session, from 0. Absent: 0.')),
    turns: optionalOrNull(whole('Planned turns of its session, if there are several.')),
    tags: optionalOrNull(
      record(
        string('Value.'),
        'Tags of the session and the turn, from the data set, and the model if there are several.',
      ),
    ),
    worker: withDefault(whole('Number of the load worker that sent the request.'), 0),
    phase: withDefault(
      oneOf(
        PHASES,
        'Phase in which the request starts. The window of run.json decides which requests count.',
      ),
      'measure',
    ),
    planned_us: orNull(
      time(
        'Planned start, in microseconds from the origin of the run. In closed loop the instant at which its slot became free. Absent if another tool measured the request and does not record it.',
      ),
    ),
    released_us: orNull(
      time(
        'Instant at which the cap on concurrency released the request, in microseconds; only under a cap.',
      ),
    ),
    sent_us: orNull(time('Instant at which the first byte of the request was sent, in microseconds.')),
    headers_us: orNull(time('Instant at which the response headers arrived, in microseconds.')),
    ended_us: time('Instant at which the request ended, in microseconds: end marker, close, failure or cut.'),
    events_us: withDefault(
      list(
        time('Microseconds.'),
        'Output events, in microseconds: the first from the origin, each later one as the difference to the event before.',
      ),
      [],
    ),
    n: orNull(list(number('Tokens.'), 'Tokens of each event; only if they are known exactly.')),
    answer: orNull(whole('Index of the first event that is not reasoning.')),
    outcome: oneOf(OUTCOMES, 'How the request ended.'),
    status: orNull(whole('HTTP status of the response.')),
    finish: orNull(string('Finish reason of the first choice, as the server sent it.')),
    error: orNull(
      object<SampleError>(
        {
          message: string('Message of the error.'),
          code: optionalOrNull(string('Code of the error.')),
          kind: optionalOrNull(oneOf(TIMEOUT_KINDS, 'Timer that ran out; only of a timeout.')),
          retry_after_ms: optionalOrNull(
            number('Pause that the server asked for, in milliseconds. It is recorded, and never obeyed.'),
          ),
        },
        'Why the request failed.',
      ),
    ),
    input_tokens: orNull(number('Prompt tokens, as the server counted them.')),
    cached_tokens: orNull(number('Prompt tokens that came from the prefix cache of the server.')),
    output_tokens: orNull(number('Output tokens, reasoning included.')),
    reasoning_tokens: orNull(number('Output tokens that were reasoning.')),
    hidden_tokens: orNull(number('Reasoning tokens that were counted and never streamed.')),
    tokens_from: withDefault(
      oneOf(TOKEN_SOURCES, 'Source of the output token count. With `events` it counts events.'),
      'events',
    ),
    usage_problem: optionalOrNull(
      string('The first count of the usage of the server that is impossible and was ignored.'),
    ),
    words: optionalOrNull(number('Words in the text of the output events; only if events stand for tokens.')),
    planned_input: orNull(number('Input tokens that the plan asks for.')),
    planned_output: orNull(number('Output tokens that the plan asks for.')),
    planned_reusable: optionalOrNull(
      number(
        'Input tokens with which an earlier request of the plan began, in whole blocks; only of a trace with hash_ids.',
      ),
    ),
    reused: orNull(boolean('The connection had been used before.')),
    connect_us: orNull(
      time('Time to open the connection, in microseconds; only of a request that opened one.'),
    ),
    bytes_in: withDefault(whole('Bytes of the response body.'), 0),
    headers: withDefault(record(string('Value.'), 'Response headers of an allow-list.'), {}),
    replica: optionalOrNull(whole('Index of the replica that the request was sent to, from 0.')),
    http: optionalOrNull(oneOf(['2'], 'Version of HTTP, if it is not 1.1.')),
    choices: optionalOrNull(
      number('Choices of the response, if there are several. They are counted together.'),
    ),
    set_up: optionalOrNull(
      object<SampleSetUp>(
        {
          dns_us: optional(time('Name resolution, in microseconds.')),
          tcp_us: optional(time('TCP handshake, in microseconds.')),
          proxy_us: optional(time('TLS and response of a proxy, in microseconds.')),
          tls_us: optional(time('TLS handshake, in microseconds.')),
        },
        'The steps of `connect_us`, each only if it took place.',
      ),
    ),
    server_timing: optionalOrNull(
      object<ServerTiming>(
        {
          ttft_ms: optional(number('Time to first token, in milliseconds.')),
          queue_ms: optional(number('Time in the queue, in milliseconds.')),
          prefill_ms: optional(number('Time of the prefill, in milliseconds.')),
          decode_ms: optional(number('Time of the decode, in milliseconds.')),
        },
        'Times of the request by the clock of the server, each only if the answer has it.',
      ),
    ),
    text: optionalOrNull(string('Text of the answer; only with --keep-text, like the following keys.')),
    reasoning_text: optionalOrNull(string('Text of the reasoning.')),
    tool_calls: optionalOrNull(any('Tool calls, as the server sent them.')),
    usage: optionalOrNull(any('Usage, as the server sent it.')),
  },
  'One request of a goodput run: a line of samples.jsonl. Instants are whole microseconds from the origin of the run.',
);

/** Returns one line, without its newline. Keys that hold `null` (or no headers) are omitted: readers take an absent key as null. */
export function encodeSample(sample: WrittenSample): string {
  // Only the sample's own keys: a `null` inside kept tool calls or usage comes from the server.
  const kept = Object.entries<unknown>({ ...sample }).filter(
    ([key, value]) => value !== null && !(key === 'headers' && isEmpty(value as object)),
  );
  // JSON has no typed arrays.
  const { i, session = i, turn = 0, ...rest } = Object.fromEntries(kept) as unknown as WrittenSample;
  return JSON.stringify({ i, session, turn, ...rest, events_us: Array.from(sample.events_us) });
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

/**
 * Reads one line. `assertPossible` checks the order of its instants.
 * @param lacksPlanned true for the samples of an imported run without planned instants: `planned_us` is then the instant of the send, and no
 * figure is computed from it
 * @throws {SyntaxError} if the line is not JSON, {TypeError} naming the key if it is not a sample
 */
export function decodeSample(line: string, lacksPlanned = false): Sample {
  const recorded = decode(SAMPLE, JSON.parse(line));
  const { sent_us, ended_us } = recorded;
  const planned_us = recorded.planned_us ?? (lacksPlanned ? (sent_us ?? ended_us) : null);
  if (planned_us === null) throw new TypeError('"planned_us" is missing');
  const sample = plausibleTokens<Sample>({ ...recorded, planned_us });
  // A single request has neither in memory.
  if (sample.session === sample.i) delete sample.session;
  if (sample.turn === 0) delete sample.turn;
  return sample;
}
