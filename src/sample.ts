import type { Microseconds } from './units.ts';

export const OUTCOMES = [
  'ok',
  'http_error',
  'rate_limited',
  'stream_error',
  'stream_truncated',
  'protocol_error',
  'timeout',
  'dns',
  'connect',
  'tls',
  'aborted',
  'not_sent',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

export const PHASES = ['warmup', 'measure'] as const;

export type Phase = (typeof PHASES)[number];

/** Sources of N, the output token count; best first. */
export const TOKEN_SOURCES = [
  'usage',
  'token_ids',
  'continuous_usage',
  'logprobs',
  'tokenizer',
  // Only in imported runs: the other tool does not record where its counts come from.
  'unstated',
  'events',
] as const;

export type TokenSource = (typeof TOKEN_SOURCES)[number];

/**
 * Facts that goodput records and that the files of another tool may lack: planned instants, the starts of requests on a common clock, the
 * ends of failed requests, the times between the first and the last event, which event is the first of the answer, output token counts,
 * the set-up of connections, and failed requests.
 */
export const FACTS = [
  'planned',
  'starts',
  'ends',
  'gaps',
  'answer',
  'tokens',
  'connections',
  'failures',
] as const;

export type Fact = (typeof FACTS)[number];

export const TIMEOUT_KINDS = ['connect', 'headers', 'first_token', 'idle', 'total'] as const;

export type TimeoutKind = (typeof TIMEOUT_KINDS)[number];

export interface SampleError {
  message: string;
  code?: string;
  kind?: TimeoutKind;
  retry_after_ms?: number;
}

/** The steps of opening a connection, each only if it took place. */
export interface SampleSetUp {
  dns_us?: Microseconds;
  tcp_us?: Microseconds;
  /** TLS and response of a proxy. */
  proxy_us?: Microseconds;
  tls_us?: Microseconds;
}

/** The server's own times of a request, each only if its answer has it. */
export interface ServerTiming {
  ttft_ms?: number;
  queue_ms?: number;
  prefill_ms?: number;
  decode_ms?: number;
}

/**
 * Codes of a `connect` failure that this machine caused, and no server: no file descriptor left (`EMFILE` in the process,
 * `ENFILE` in the system), no local port (`EADDRNOTAVAIL`), no memory for a socket.
 */
export const LOCAL_LIMITS = ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'] as const;

export type LocalLimit = (typeof LOCAL_LIMITS)[number];

/** Returns the limit of goodput's own machine that kept a request from being sent; `null` for none. */
export function localLimit({ outcome, error }: Pick<Sample, 'outcome' | 'error'>): LocalLimit | null {
  if (outcome !== 'connect') return null;
  return LOCAL_LIMITS.find((code) => code === error?.code) ?? null;
}

const OVERLOAD_STATUS: readonly unknown[] = [429, 503, 529];
/** Codes within a stream or a body: OpenAI's and similar ones, Anthropic's `overloaded_error`, Google's, or the status as text. */
const OVERLOAD_CODE = /^(429|503|529)$|overload|rate_?limit|too_?many_?requests|resource_?exhausted/i;

/**
 * Returns true if the server refused the request because of load: a limit that it enforces, and no defect. 429, 503 and 529
 * mean this, as a status or as the code of an error within a stream; TGI has only a message.
 */
export function isOverload({
  outcome,
  status,
  error,
}: Pick<Sample, 'outcome' | 'status' | 'error'>): boolean {
  if (outcome === 'rate_limited') return true;
  if (outcome === 'http_error' && OVERLOAD_STATUS.includes(status)) return true;
  if (outcome !== 'http_error' && outcome !== 'stream_error') return false;
  if (outcome === 'stream_error' && /\boverloaded\b/i.test(error?.message ?? '')) return true;
  return OVERLOAD_CODE.test(error?.code ?? '');
}

/** Times of events: an array if read from a file, a typed array if measured by a client. */
export type EventDeltas = ArrayLike<Microseconds> & Iterable<Microseconds>;

/**
 * The record of one request: one line of `samples.jsonl`. Every instant is a whole microsecond since the run's origin.
 * `docs/metrics.md` defines the instants, `docs/run-folder.md` the keys.
 */
export interface Sample {
  /** Number in the plan. */
  i: number;
  /** Number of its session in the plan; absent in memory: `i`. */
  session?: number;
  /** Number in its session; absent in memory: 0. */
  turn?: number;
  /** Planned turns of its session; absent: 1. */
  turns?: number;
  /** Tags of the session and the turn; absent: none. */
  tags?: Readonly<Record<string, string>>;
  worker: number;
  phase: Phase;
  planned_us: Microseconds;
  /** Only under a concurrency cap. */
  released_us: Microseconds | null;
  sent_us: Microseconds | null;
  headers_us: Microseconds | null;
  ended_us: Microseconds;
  /** Output events: the first from the origin, each later one as the difference to the one before. */
  events_us: EventDeltas;
  /** Tokens per event, only if they are known exactly. */
  n: readonly number[] | null;
  /** Index of the first event that is not reasoning. */
  answer: number | null;
  outcome: Outcome;
  status: number | null;
  /** Finish reason of choice 0, raw. */
  finish: string | null;
  error: SampleError | null;
  input_tokens: number | null;
  cached_tokens: number | null;
  output_tokens: number | null;
  reasoning_tokens: number | null;
  /** Reasoning tokens that were counted and never streamed. */
  hidden_tokens: number | null;
  tokens_from: TokenSource;
  /** The first count of the server's usage that is impossible, and why; only if there is one. */
  usage_problem?: string;
  /** Words in the text of the output events; only if events stand for tokens. Earlier versions did not count them. */
  words?: number;
  planned_input: number | null;
  planned_output: number | null;
  /** Tokens of the prompt with which an earlier request of the plan began; only of a trace with `hash_ids`. */
  planned_reusable?: number;
  reused: boolean | null;
  connect_us: Microseconds | null;
  bytes_in: number;
  headers: Readonly<Record<string, string>>;
  /** Index of the replica that it was sent to, from 0; only if there are several. */
  replica?: number;
  /** Version of HTTP, if it is not 1.1. */
  http?: '2';
  /** Choices of the response, if there are several: their tokens and events are counted together. */
  choices?: number;
  /** The steps of `connect_us`; only of a request that opened a connection. */
  set_up?: SampleSetUp;
  /** Only if the server reports times in its answers: llama.cpp, and vLLM if it is asked to. */
  server_timing?: ServerTiming;
  /** Only with `--keep-text`. */
  text?: string;
  reasoning_text?: string;
  tool_calls?: unknown;
  usage?: unknown;
}

/** Returns the absolute instants of the output events. */
export function eventInstants(sample: Pick<Sample, 'events_us'>): Float64Array {
  const instants = new Float64Array(sample.events_us.length);
  let at = 0;
  for (let k = 0; k < instants.length; k++) {
    at += sample.events_us[k]!;
    instants[k] = at;
  }
  return instants;
}

/** Returns the outcome of a request that was not sent because the run ended at `ended_us`. */
export function unsent(ended_us: Microseconds) {
  return {
    sent_us: null,
    headers_us: null,
    ended_us,
    events_us: [],
    n: null,
    answer: null,
    outcome: 'not_sent',
    status: null,
    finish: null,
    error: null,
    input_tokens: null,
    cached_tokens: null,
    output_tokens: null,
    reasoning_tokens: null,
    hidden_tokens: null,
    tokens_from: 'events',
    reused: null,
    connect_us: null,
    bytes_in: 0,
    headers: {},
  } as const satisfies Partial<Sample>;
}
