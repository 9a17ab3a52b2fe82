import type { Comparing } from './comparing-keys.ts';
import type { Gate, RequestSlo } from '../../slo/grammar.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { Model } from '../../machine/model.ts';
import type { Price } from '../../machine/price.ts';
import type { Fault } from '../../faults.ts';
import type { FormatName } from '../../dataset/formats/format.ts';
import type { DurationLaw } from '../../durations.ts';
import type { Length } from '../../lengths.ts';
import type { Microseconds, Milliseconds } from '../../units.ts';

/** A resolved scenario, every value in its base unit (ms, per second, tokens, shares as 0 … 1). */
export interface Scenario {
  name: string;
  seed: number;
  endpoint: Endpoint;
  /** Settings of the simulated engine; only read if `endpoint.simulated`. */
  simulator: SimulatorChoice;
  workload: Workload;
  load: Load;
  /** `null` for a single run. */
  sweep: Sweep | null;
  /** The machine that serves the model; `null` if not stated, like `model` and `price`. */
  hardware: Hardware | null;
  model: Model | null;
  price: Price | null;
  /** The targets that are scraped during a run; empty if there are none. */
  telemetry: readonly TelemetryChoice[];
  slo: readonly RequestSlo[];
  gates: readonly Gate[];
  /** Runs of each of several endpoints; `null` if not set. */
  rounds: number | null;
  comparing: Comparing;
  run: RunSettings;
}

/** A target of telemetry. */
export interface TelemetryChoice {
  /** A URL, maybe with credentials, or one of the words of `telemetry`. */
  target: string;
  /** The same without credentials. */
  shown: string;
}

export type Api = 'chat' | 'completions' | 'responses' | 'messages';

export interface Endpoint {
  simulated: boolean;
  /** Base URL with its `/v1`, without a trailing slash; `null` only for the embedded endpoint, whose port is chosen at its start. */
  url: string | null;
  api: Api;
  /** Name of the provider (providers.ts); `null` if none is known. */
  provider: string | null;
  /** `null` for the first of `GET /models`. */
  model: string | null;
  /** Models of sessions and their shares, which add up to 1; `null` if all requests have one model. */
  models: Readonly<Record<string, number>> | null;
  /** In plain text: never print or write an `Endpoint`. `Resolved.echo` can be shown. */
  apiKey: string | null;
  headers: Readonly<Record<string, string>>;
  /** Merged into every request body. */
  body: Readonly<Record<string, unknown>>;
  /** Values from the environment in headers, body and queries: masked in whatever a server sends back. */
  secrets: readonly string[];
  tls: Tls;
  /** Additional base URLs, like `url`. */
  replicas: readonly string[];
  http2: boolean;
  /** May contain a user and a password: never print it. */
  proxy: string | null;
  unixSocket: string | null;
  resolve: readonly { host: string; port: number; address: string }[];
  timeouts: Timeouts;
}

/** `ca`, `cert` and `key` are paths of PEM files, ready to be opened. */
export interface Tls {
  ca: string | null;
  cert: string | null;
  key: string | null;
  servername: string | null;
  insecure: boolean;
}

export interface Timeouts {
  connect: Milliseconds;
  headers: Milliseconds;
  firstToken: Milliseconds;
  idle: Milliseconds;
  total: Milliseconds;
}

/** Omitted keys have the preset's value, or the simulator's default without a preset. A cost of another kind replaces the preset's. */
export interface SimulatorChoice {
  preset: string | null;
  engine: Readonly<Partial<SchedulerSettings>>;
  cost: Readonly<Record<string, string | number>>;
  /** The stream format. */
  dialect: Dialect;
  /** Length at which answers end by themselves; `null` if they end only at their limit. */
  naturalLength: Length | null;
  faults: readonly Fault[];
}

export type Dialect = 'openai' | 'vllm' | 'reasoning' | 'hidden-reasoning' | 'bundled';

/** Settings of vLLM's scheduler, named as in docs/simulator.md. */
export interface SchedulerSettings {
  maxNumSeqs: number;
  maxBatchedTokens: number;
  blockSize: number;
  kvBlocks: number;
  chunkedPrefill: boolean;
  prefixCaching: boolean;
  maxModelLen: number;
}

export interface Workload {
  input: Length;
  output: Length;
  /** Request answers of exactly that length with `ignore_eos` and `min_tokens`. */
  exactOutput: boolean;
  /** The first `tokens` tokens are common to all requests of one of `groups` groups. */
  prefix: { tokens: number; groups: number } | null;
  /** Synthetic conversations; `null` for single requests. */
  sessions: SyntheticSessions | null;
  /** Data sets that replace synthetic input. */
  data: DataChoice | null;
}

/** How the turns of a session follow each other. */
export interface Following {
  /** The earlier answers that each turn repeats. */
  history: 'actual' | 'recorded' | 'none';
  /** The effect of a failed turn: it ends its session, or the next turn follows. */
  onError: 'end' | 'continue';
}

export interface SyntheticSessions extends Following {
  turns: Length;
  think: DurationLaw;
  first: Length;
  next: Length;
}

/** Which data sets are read, and which of their sessions are sent in which order. */
export interface DataChoice extends Following {
  /** Paths and patterns, ready to be opened. */
  files: readonly string[];
  format: FormatName | null;
  columns: Readonly<Record<string, string>> | null;
  timeUnit: 'ms' | 's' | null;
  blockTokens: number | null;
  failed: boolean;
  order: 'shuffle' | 'file';
  /** `null` for all. */
  take: number | null;
  replacement: boolean;
  /** Start again at the end of the data. */
  cycle: boolean;
  /** Where the data has no delay; `null` for none. */
  think: DurationLaw | null;
}

/** A stage in which the rate changes linearly from one value to another, both per second. */
export interface Stage {
  from: number;
  to: number;
  for: Milliseconds;
}

/** The starts of the sessions of a replayed trace, in order of time. */
export interface TraceStarts {
  /** Position in the data of each session. */
  readonly positions: Uint32Array;
  /** Instant of each session since the start of the load. */
  readonly planned_us: Float64Array;
  /** The factor by which the times of the trace were divided. */
  readonly speed: number;
  /** The tick over which sessions were spread, in the time of the trace; `null`: none were. */
  readonly tick_ms: Milliseconds | null;
  /** The end of the plan: the end of the window of the trace, or the last start plus the mean gap. */
  readonly end_us: Microseconds;
}

/** A share of the sessions of a plan: those whose number modulo `of` is `index`. */
export interface PlanShare {
  index: number;
  of: number;
}

export interface Load {
  /** Exactly one of `rate`, `stages` (open loop) and `concurrency` (closed loop) is set; `rate` is optional with a trace. */
  arrivals: 'constant' | 'poisson' | 'gamma' | 'trace';
  /** Gamma arrivals only: the shape k = 1/CV² of their gaps. */
  burstiness: number | null;
  rate: number | null;
  /** Successive stages, after a warm-up at the initial rate of the first. `duration` is the sum of their durations. */
  stages: readonly Stage[] | null;
  concurrency: number | null;
  /** Trace only: the factor by which its gaps are divided. */
  speed: number;
  /** Trace only: the instant at which its window begins. */
  from: Milliseconds;
  /** Trace only: spread the requests of coarse instants. */
  spread: boolean;
  /** Trace only, and only once its data was read. */
  trace?: TraceStarts;
  /** Only in a rank: its share of the plan. Users, caps and the requests of a closed loop are then those of the rank, rates those of all ranks. */
  share?: PlanShare;
  /** Open loop only: a cap on requests in flight. */
  maxConcurrency: number | null;
  /** Start of latencies in open loop: `planned`, or `sent` as in most tools. */
  clock: 'planned' | 'sent';
  warmup: Milliseconds;
  /** Exactly one of `duration`, `requests` and `sessions` is set; none for a complete trace. */
  duration: Milliseconds | null;
  requests: number | null;
  sessions: number | null;
  drain: Milliseconds;
}

/** Lists of loads or lengths; an empty list is not an axis. */
export interface Sweep {
  /** Per second. */
  rate: readonly number[];
  concurrency: readonly number[];
  input: readonly Length[];
  output: readonly Length[];
  combine: 'grid' | 'zip';
  repeats: number;
  order: 'random' | 'written';
}

/** Settings that do not describe the load: workers, output, preflight. */
export interface RunSettings {
  /** `auto`: chosen from the plan's load and the machine's cores. */
  workers: number | 'auto';
  /** Connections to open before the first request. */
  preconnect: number;
  probe: boolean;
  keepText: boolean;
  /** Path of a `tokenizer.json`; `null` to use only the server's token counts. */
  tokenizer: string | null;
  /** Run folder; `null` for `reports/<name>-<time>`. */
  out: string | null;
  /** Time between two scrapes of a target of telemetry. */
  telemetryEvery: Milliseconds;
  strict: boolean;
  /** Stop the run as soon as a gate can no longer be met. */
  failFast: boolean;
}

/** Where a value comes from; `option`: from an object given to the library. */
export type Source = 'flag' | 'option' | 'environment' | 'file' | 'default';

/** One resolved setting, for `goodput plan` and the run folder. */
export interface ResolvedValue {
  /** Dotted path in the scenario, like `load.rate`. */
  path: string;
  /** The value for display, secrets masked. */
  shown: string;
  source: Source;
  /** The flag, variable or file:line:column that set it; `null` for a default. */
  from: string | null;
}

export interface Resolved {
  scenario: Scenario;
  values: readonly ResolvedValue[];
  /** The scenario in the file's keys and units, with defaults, secrets masked: written to `run.json`. */
  echo: Readonly<Record<string, unknown>>;
}
