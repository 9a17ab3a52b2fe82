import type { Comparing } from './comparing-keys.ts';
import type { Gate, RequestSlo } from '../../slo/grammar.ts';
import type { Fault } from '../../faults.ts';
import type { Length } from '../../lengths.ts';
import type { Milliseconds } from '../../units.ts';

/** A resolved scenario: what a run does, every value in its base unit (ms, per second, tokens, shares as 0 … 1). */
export interface Scenario {
  name: string;
  seed: number;
  endpoint: Endpoint;
  /** What the simulated engine is; only read where `endpoint.simulated`. */
  simulator: SimulatorChoice;
  workload: Workload;
  load: Load;
  /** Several runs in one; a run of its own has none. */
  sweep: Sweep | null;
  slo: readonly RequestSlo[];
  gates: readonly Gate[];
  /** How often each of several endpoints is measured; `null` where nothing is said. */
  rounds: number | null;
  comparing: Comparing;
  run: RunSettings;
}

export type Api = 'chat' | 'completions' | 'responses' | 'messages';

export interface Endpoint {
  simulated: boolean;
  /** Base URL with its `/v1`, without a trailing slash; `null` only for the embedded endpoint, which picks its port. */
  url: string | null;
  api: Api;
  /** Whose URL it is, by name (providers.ts); `null`: nobody's in particular. */
  provider: string | null;
  /** `null`: the first of `GET /models`. */
  model: string | null;
  /** In the clear: never print or write an `Endpoint`; what may be shown is `Resolved.echo`. */
  apiKey: string | null;
  headers: Readonly<Record<string, string>>;
  /** Merged into every request body. */
  body: Readonly<Record<string, unknown>>;
  /** What came from the environment into headers, body and queries: no answer may bring it onto the disk. */
  secrets: readonly string[];
  tls: Tls;
  /** Further base URLs, like `url`. */
  replicas: readonly string[];
  http2: boolean;
  /** May hold a user and a password: never print it. */
  proxy: string | null;
  unixSocket: string | null;
  resolve: readonly { host: string; port: number; address: string }[];
  timeouts: Timeouts;
}

/** The first three: paths of PEM files, as this process opens them. */
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

/** What is left out is the preset's, or without one the simulator's own default. A cost of another kind than the preset's stands alone. */
export interface SimulatorChoice {
  preset: string | null;
  engine: Readonly<Partial<SchedulerSettings>>;
  cost: Readonly<Record<string, string | number>>;
  /** How the endpoint streams. */
  dialect: Dialect;
  /** Where its answers end by themselves; `null`: at their limit only. */
  naturalLength: Length | null;
  faults: readonly Fault[];
}

export type Dialect = 'openai' | 'vllm' | 'reasoning' | 'hidden-reasoning' | 'bundled';

/** vLLM's scheduler, by the names of docs/simulator.md. */
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
  /** Ask for answers of exactly that length: `ignore_eos` and `min_tokens`. */
  exactOutput: boolean;
  /** The first `tokens` tokens are shared by all requests of one of `groups` groups. */
  prefix: { tokens: number; groups: number } | null;
  /** Path of a JSONL file, instead of synthetic input. */
  prompts: string | null;
}

/** A time in which the rate goes from one to another, in a straight line; both per second. */
export interface Stage {
  from: number;
  to: number;
  for: Milliseconds;
}

export interface Load {
  /** Open loop where `rate` or `stages` are, closed loop where `concurrency` is. Exactly one is. */
  arrivals: 'constant' | 'poisson' | 'gamma';
  /** Gamma arrivals only: the shape k = 1/CV² of their gaps. */
  burstiness: number | null;
  rate: number | null;
  /** One after the other, after a warm-up at the rate that the first begins with. `duration` is their sum. */
  stages: readonly Stage[] | null;
  concurrency: number | null;
  /** Open loop only: a cap on requests in flight. */
  maxConcurrency: number | null;
  /** What latencies run from in open loop: `planned`, or `sent` as most tools do. */
  clock: 'planned' | 'sent';
  warmup: Milliseconds;
  /** Exactly one of `duration` and `requests` is set. */
  duration: Milliseconds | null;
  requests: number | null;
  drain: Milliseconds;
}

/** Lists of loads or lengths; an empty one is no axis. */
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

/** How this run is carried out: flags and environment, partly also in the file. */
export interface RunSettings {
  /** `auto`: as many as the plan asks for and the machine has. */
  workers: number | 'auto';
  /** Connections to open before the first request. */
  preconnect: number;
  probe: boolean;
  keepText: boolean;
  /** Path of a `tokenizer.json`; `null`: only servers count. */
  tokenizer: string | null;
  /** Run folder; `null`: `reports/<name>-<time>`. */
  out: string | null;
  strict: boolean;
  /** End the run as soon as a gate can no longer be met. */
  failFast: boolean;
}

export type Source = 'flag' | 'environment' | 'file' | 'default';

/** One setting as resolved, for `goodput plan` and the run folder. */
export interface ResolvedValue {
  /** Dotted path in the scenario, like `load.rate`. */
  path: string;
  /** As shown to people, secrets redacted. */
  shown: string;
  source: Source;
  /** Flag, variable, or file:line:column that set it; `null` for a default. */
  from: string | null;
}

export interface Resolved {
  scenario: Scenario;
  values: readonly ResolvedValue[];
  /** The scenario in the file's own keys and units, defaults filled in, secrets redacted: what `run.json` keeps. */
  echo: Readonly<Record<string, unknown>>;
}
