// Generated from the schema of a scenario by `npm run docs`. Do not edit.

/** A scenario with the keys and values of a scenario file, which docs/scenario.md describes. */
export interface ScenarioInput {
  /** Name of the run, part of its folder’s name. Default: the name of the file or of the host. */
  name?: string | undefined;
  /** Seed of all random numbers: the same seed gives the same plan. */
  seed?: number | string | undefined;
  /** The endpoint to measure. Default: the embedded simulated endpoint. */
  endpoint?: 'simulated' | {
    /** Base URL of the endpoint with its `/v1`, http or https; `simulated` is the embedded endpoint. */
    url?: string | undefined;
    /** A server or service by name. Sets its URL, its API and the environment variable of its key ([the list](endpoints.md#servers)). Explicit settings take precedence. */
    provider?: 'openai' | 'azure' | 'anthropic' | 'gemini' | 'mistral' | 'deepseek' | 'xai' | 'groq' | 'together' | 'fireworks' | 'cerebras' | 'openrouter' | 'perplexity' | 'moonshot' | 'nvidia' | 'vllm' | 'sglang' | 'tgi' | 'llamacpp' | 'ollama' | 'lmdeploy' | 'trtllm' | 'triton' | 'dynamo' | 'litellm' | undefined;
    /** The API of the requests: one of OpenAI’s three, or Anthropic’s `messages`. */
    api?: 'chat' | 'completions' | 'responses' | 'messages' | undefined;
    /** The model to request. Default: the first of `GET /v1/models`. */
    model?: string | undefined;
    /** Models and the share of the sessions that request each, such as LoRA adapters, instead of `model`. The model of a session is drawn by the seed, and is the tag `model` of its requests. */
    models?: Readonly<Record<string, unknown>> | undefined;
    /** The API key, sent as `authorization: Bearer`, or as `x-api-key` with `messages`. Write `${NAME}` to take it from an environment variable. It is never shown or recorded. */
    apiKey?: string | undefined;
    /** Additional HTTP headers of every request. Values that look like credentials are never shown or recorded. */
    headers?: Readonly<Record<string, unknown>> | undefined;
    /** Merged into the body of every request. Overrides the keys that goodput sets. */
    body?: Readonly<Record<string, unknown>> | undefined;
    /** Certificates for https. Paths are relative to the scenario file. */
    tls?: {
      /** A PEM file of certificate authorities to trust in addition to Node’s, or the server’s own certificate. */
      ca?: string | undefined;
      /** A PEM file with the client certificate and its chain. */
      cert?: string | undefined;
      /** A PEM file with the private key of that certificate, without a passphrase. */
      key?: string | undefined;
      /** The server name (SNI) that the server’s certificate must be valid for. Default: the host of the URL. */
      servername?: string | undefined;
      /** Skip certificate verification. The report says so, because the answers may come from another server. */
      insecure?: boolean | undefined;
    } | undefined;
    /** Base URLs of further servers like the first. Requests are distributed round-robin; the key is sent to all of them. */
    replicas?: readonly string[] | string | undefined;
    /** Use HTTP/2: over https if the server accepts it (ALPN), over http always. Each request in flight still has its own connection. */
    http2?: boolean | undefined;
    /** The proxy to use; `none` for none. Default: `HTTPS_PROXY` or `HTTP_PROXY`, unless `NO_PROXY` lists the host or it is a loopback address. */
    proxy?: string | undefined;
    /** A Unix socket to connect to instead of the URL’s host and port, which are still sent in the `host` header. */
    unixSocket?: string | undefined;
    /** Addresses to connect to instead of those that names resolve to, each as `host:port:address`. */
    resolve?: readonly string[] | string | undefined;
    /** Time limits of a request. A request that exceeds one fails. */
    timeouts?: {
      /** To open a connection. */
      connect?: string | undefined;
      /** From the send to the headers of the response. */
      headers?: string | undefined;
      /** From the send to the first output event. */
      firstToken?: string | undefined;
      /** Between two output events. Keep-alive comments do not count. */
      idle?: string | undefined;
      /** From the send to the end of the response. */
      total?: string | undefined;
    } | undefined;
  } | undefined;
  /** Endpoints to compare, each a map with a `name` and keys of `endpoint`. Keys in `endpoint` itself apply to all. The `simulator` of a simulated endpoint is merged over the common `simulator`, and so are `hardware`, `price` and a `model` that is a map: of the keys of `model`, and `name`, the model to request. The first endpoint is the base of the comparison. */
  endpoints?: readonly ({
    name: string;
    [key: string]: unknown;
  })[] | undefined;
  /** Number of runs of each of several endpoints, interleaved. Only with `endpoints` or `--against`. Default: 5. */
  rounds?: number | string | undefined;
  /** Differences below this share of the base count as the same. Only with `endpoints` or `--against`. Default: 5%. */
  tolerance?: string | number | undefined;
  /** The verdict with exit code 99: `worse`, `inconclusive` (worse, or not enough evidence) or `never`. Default: `worse` for two endpoints, `never` for more. */
  failOn?: 'worse' | 'inconclusive' | 'never' | undefined;
  /** The figures that decide a comparison, at most four. Default: attainment, mean TTFT, mean TPOT and p95 of TTFT. */
  decide?: readonly string[] | string | undefined;
  /** The engine behind the embedded endpoint and `goodput simulate`. Only with `endpoint: simulated`. */
  simulator?: {
    /** A model on accelerators, from the list in docs/simulator.md. */
    preset?: 'tiny' | 'llama-3.1-8b-a100-40' | 'llama-3.1-8b-a100-80' | 'llama-3.1-8b-h100' | 'llama-3.1-8b-h200' | 'llama-3.1-8b-b200' | 'llama-3.1-8b-mi300x' | 'llama-3.1-8b-l4' | 'llama-3.1-70b-a100-40x8' | 'llama-3.1-70b-a100-80x4' | 'llama-3.1-70b-h100x4' | 'llama-3.1-70b-h200x2' | 'llama-3.1-70b-b200' | 'llama-3.1-70b-mi300x' | 'llama-3.1-70b-l4x8' | 'llama-2-70b-a100-40x4' | 'qwen3-30b-a3b-a100-40x2' | 'qwen3-30b-a3b-a100-80' | 'qwen3-30b-a3b-h100' | 'qwen3-30b-a3b-h200' | 'qwen3-30b-a3b-b200' | 'qwen3-30b-a3b-mi300x' | 'qwen3-30b-a3b-l4x4' | 'gpt-oss-120b-a100-40x2' | 'gpt-oss-120b-a100-80' | 'gpt-oss-120b-h100' | 'gpt-oss-120b-h200' | 'gpt-oss-120b-b200' | 'gpt-oss-120b-mi300x' | 'gpt-oss-120b-l4x4' | undefined;
    /** Settings of the scheduler. Each key overrides the preset’s. */
    engine?: {
      /** Maximum number of running requests [vLLM: max_num_seqs]. 256 without a preset. */
      maxNumSeqs?: number | string | undefined;
      /** Maximum tokens per step [max_num_batched_tokens]. 8192 without a preset. */
      maxBatchedTokens?: number | string | undefined;
      /** Tokens per block of the KV cache [block_size]. 16 without a preset. */
      blockSize?: number | string | undefined;
      /** Blocks of the KV cache [num_gpu_blocks]. 8192 without a preset. */
      kvBlocks?: number | string | undefined;
      /** Allow a prompt to be computed in several steps [enable_chunked_prefill]. True without a preset. */
      chunkedPrefill?: boolean | undefined;
      /** Share the blocks of equal prefixes between requests [enable_prefix_caching]. True without a preset. */
      prefixCaching?: boolean | undefined;
      /** Maximum tokens of prompt and output together [max_model_len]. Default: the capacity of the cache. */
      maxModelLen?: number | string | undefined;
    } | undefined;
    /** Duration of a step (formulas in docs/simulator.md). */
    cost?: {
      /** `linear`: coefficients per step; `roofline`: a model on accelerators. If it is the preset’s kind, or omitted, the keys override the preset’s; otherwise the preset’s cost is not used. */
      kind?: 'linear' | 'roofline' | undefined;
      /** linear: µs per step. 0 without a preset. */
      base?: number | string | undefined;
      /** linear: µs per prefill token. 0 without a preset. */
      prefillToken?: number | string | undefined;
      /** linear: µs per decoding request. 0 without a preset. */
      decodeSequence?: number | string | undefined;
      /** linear: µs per context token of decoding requests. 0 without a preset. */
      contextToken?: number | string | undefined;
      /** linear: µs per pair of query and context token in prefill. 0 without a preset. */
      prefillPair?: number | string | undefined;
      /** roofline: active parameters per token. */
      params?: number | string | undefined;
      /** roofline: FLOP per pair of query and context token. 0 without a preset. */
      attentionFlops?: number | string | undefined;
      /** roofline: bytes of keys and values per token. 0 without a preset. */
      kvBytesPerToken?: number | string | undefined;
      /** roofline: number of accelerators. 1 without a preset. */
      gpus?: number | string | undefined;
      /** roofline: peak FLOP/s per accelerator. */
      peakFlops?: number | string | undefined;
      /** roofline: peak bytes/s per accelerator. */
      peakBandwidth?: number | string | undefined;
      /** roofline: achieved share of the peak FLOP/s. 1 without a preset. */
      mfu?: number | string | undefined;
      /** roofline: achieved share of the peak bandwidth. 1 without a preset. */
      mbu?: number | string | undefined;
      /** roofline: overhead per step, in µs. 0 without a preset. */
      overhead_us?: number | string | undefined;
      /** roofline: bytes of weights read per step. */
      weightBytes?: number | string | undefined;
      /** roofline, mixture of experts: bytes of dense weights. */
      denseBytes?: number | string | undefined;
      /** roofline, mixture of experts: bytes per expert. */
      expertBytes?: number | string | undefined;
      /** roofline, mixture of experts: number of experts. */
      experts?: number | string | undefined;
      /** roofline, mixture of experts: experts per token. */
      expertsPerToken?: number | string | undefined;
    } | undefined;
    /** Stream format of the embedded endpoint: as OpenAI, as vLLM, as vLLM with reasoning, as OpenAI with reasoning that is counted but not streamed, or several tokens per event. */
    dialect?: 'openai' | 'vllm' | 'reasoning' | 'hidden-reasoning' | 'bundled' | undefined;
    /** Tokens after which an answer ends by itself (`stop`, `end_turn`), drawn for each request. A lower limit cuts it off, `min_tokens` delays it, `ignore_eos` prevents it. Default: every answer reaches its limit. */
    naturalLength?: number | string | {
      /** A constant number of tokens. */
      tokens?: number | string | undefined;
      /** The distribution of lengths. Without it, `tokens` is the length. */
      distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
      /** Mean of the lengths before `min` and `max` are applied. */
      mean?: number | string | undefined;
      /** Standard deviation of the lengths themselves (also for lognormal). */
      stddev?: number | string | undefined;
      /** Minimum length. Default: 1. */
      min?: number | string | undefined;
      /** Maximum length. Default: none. */
      max?: number | string | undefined;
    } | undefined;
    /** Injected faults, each a text: a kind (reset-before-headers, reset, hang, error, truncate, malformed, 429, 500, 503, 529, slow-headers, split, coalesce, refuse, stall, expire) and its options (docs/simulator.md). If several apply to a request, the first is used. */
    faults?: readonly unknown[] | string | undefined;
  } | undefined;
  /** The requests that are sent. */
  workload?: {
    /** Length of the input, in tokens. Its text is synthetic and unique from its first words on. */
    input?: number | string | {
      /** A constant number of tokens. */
      tokens?: number | string | undefined;
      /** The distribution of lengths. Without it, `tokens` is the length. */
      distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
      /** Mean of the lengths before `min` and `max` are applied. */
      mean?: number | string | undefined;
      /** Standard deviation of the lengths themselves (also for lognormal). */
      stddev?: number | string | undefined;
      /** Minimum length. Default: 1. */
      min?: number | string | undefined;
      /** Maximum length. Default: none. */
      max?: number | string | undefined;
    } | undefined;
    /** Requested output tokens, sent as `max_tokens`. */
    output?: number | string | {
      /** A constant number of tokens. */
      tokens?: number | string | undefined;
      /** The distribution of lengths. Without it, `tokens` is the length. */
      distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
      /** Mean of the lengths before `min` and `max` are applied. */
      mean?: number | string | undefined;
      /** Standard deviation of the lengths themselves (also for lognormal). */
      stddev?: number | string | undefined;
      /** Minimum length. Default: 1. */
      min?: number | string | undefined;
      /** Maximum length. Default: none. */
      max?: number | string | undefined;
    } | undefined;
    /** Request answers of exactly that length with `ignore_eos: true` and `min_tokens` equal to the limit (vLLM, SGLang, TensorRT-LLM; llama.cpp supports only the former). A field that the server rejects is no longer sent, and the report says so. */
    exactOutput?: boolean | undefined;
    /** A common beginning of the requests of one group, for prefix caches. It counts towards the input’s length. With `sessions` it is a system prompt. */
    prefix?: {
      /** Number of shared tokens at the beginning. */
      tokens: number | string;
      /** Number of groups of requests. */
      groups?: number | string | undefined;
    } | undefined;
    /** Synthetic conversations instead of single requests. `workload.prefix` is then a system prompt that the sessions of a group share. */
    sessions?: {
      /** Number of turns of a session. */
      turns?: number | string | {
        /** A constant number of tokens. */
        tokens?: number | string | undefined;
        /** The distribution of lengths. Without it, `tokens` is the length. */
        distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
        /** Mean of the lengths before `min` and `max` are applied. */
        mean?: number | string | undefined;
        /** Standard deviation of the lengths themselves (also for lognormal). */
        stddev?: number | string | undefined;
        /** Minimum length. Default: 1. */
        min?: number | string | undefined;
        /** Maximum length. Default: none. */
        max?: number | string | undefined;
      } | undefined;
      /** Time between an answer and the next turn. */
      think?: 0 | string | {
        /** A constant duration. */
        duration?: string | 0 | undefined;
        /** The distribution of durations. Without it, `duration` is the duration. */
        distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
        /** Mean of the durations before `min` and `max` are applied. */
        mean?: string | 0 | undefined;
        /** Standard deviation of the durations themselves (also for lognormal). */
        stddev?: string | 0 | undefined;
        /** Minimum duration. Default: 0. */
        min?: string | 0 | undefined;
        /** Maximum duration. Default: none. */
        max?: string | 0 | undefined;
      } | undefined;
      /** History that each turn repeats: the `actual` conversation so far, or `none` of it. */
      history?: 'actual' | 'none' | undefined;
      /** Length of the first message of the user, in tokens. */
      first?: number | string | {
        /** A constant number of tokens. */
        tokens?: number | string | undefined;
        /** The distribution of lengths. Without it, `tokens` is the length. */
        distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
        /** Mean of the lengths before `min` and `max` are applied. */
        mean?: number | string | undefined;
        /** Standard deviation of the lengths themselves (also for lognormal). */
        stddev?: number | string | undefined;
        /** Minimum length. Default: 1. */
        min?: number | string | undefined;
        /** Maximum length. Default: none. */
        max?: number | string | undefined;
      } | undefined;
      /** Length of each later message of the user, in tokens. */
      next?: number | string | {
        /** A constant number of tokens. */
        tokens?: number | string | undefined;
        /** The distribution of lengths. Without it, `tokens` is the length. */
        distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
        /** Mean of the lengths before `min` and `max` are applied. */
        mean?: number | string | undefined;
        /** Standard deviation of the lengths themselves (also for lognormal). */
        stddev?: number | string | undefined;
        /** Minimum length. Default: 1. */
        min?: number | string | undefined;
        /** Maximum length. Default: none. */
        max?: number | string | undefined;
      } | undefined;
      /** After a turn that failed: `end` the session, or `continue` with its next turn. */
      onError?: 'end' | 'continue' | undefined;
    } | undefined;
    /** Sessions of data sets instead of synthetic input: prompts, conversations or traces. `data: FILE` is short for `data: { file: FILE }`. */
    data?: string | {
      /** Data sets: JSON Lines, JSON, CSV or Parquet, also compressed, in any of the [formats](data.md). Paths and patterns are relative to the scenario file; `-` is stdin. */
      file: string | readonly string[];
      /** The format of the records. Default: recognised by the first record. */
      format?: 'goodput' | 'openai-chat' | 'openai-batch' | 'sharegpt' | 'alpaca' | 'preference' | 'mooncake' | 'aiperf' | 'azure-llm' | 'burstgpt' | 'custom' | undefined;
      /** Names of columns, for any other table: the format `custom`. */
      columns?: Readonly<Record<string, string>> | undefined;
      /** Unit of the times in `mooncake` and `aiperf` files. Default: ms. */
      timeUnit?: 'ms' | 's' | undefined;
      /** Tokens of a block of `hash_ids`. Default: 512, or 16 in traces with `chat_id`. */
      blockTokens?: number | string | undefined;
      /** Also send the requests that failed where the trace was recorded (0 output tokens). */
      failed?: boolean | undefined;
      /** Order of the sessions: shuffled by the seed, differently in each pass through the data, or as in the file. With `arrivals: trace` the order is that of the instants. */
      order?: 'shuffle' | 'file' | undefined;
      /** Number of sessions to use: the first of the file, or a seeded sample with `order: shuffle`. Default: all. */
      take?: number | string | undefined;
      /** Draw every session at random from all, so that some repeat before others were used. */
      replacement?: boolean | undefined;
      /** Start again at the end of the data. With `false` the run ends with the data, as by default with `arrivals: trace`. */
      cycle?: boolean | undefined;
      /** The earlier answers that each turn repeats: `actual` (those of this server), `recorded` (those of the data) or `none` (each turn alone). */
      history?: 'actual' | 'recorded' | 'none' | undefined;
      /** Time between an answer and the next turn, where the data has none. Default: 0. */
      think?: 0 | string | {
        /** A constant duration. */
        duration?: string | 0 | undefined;
        /** The distribution of durations. Without it, `duration` is the duration. */
        distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
        /** Mean of the durations before `min` and `max` are applied. */
        mean?: string | 0 | undefined;
        /** Standard deviation of the durations themselves (also for lognormal). */
        stddev?: string | 0 | undefined;
        /** Minimum duration. Default: 0. */
        min?: string | 0 | undefined;
        /** Maximum duration. Default: none. */
        max?: string | 0 | undefined;
      } | undefined;
      /** After a turn that failed: `end` the session, or `continue` with its next turn. */
      onError?: 'end' | 'continue' | undefined;
    } | undefined;
    /** A JSONL file of prompts instead of synthetic input, relative to the scenario file: a data set in the format `goodput`. */
    prompts?: string | undefined;
  } | undefined;
  /** When requests are sent: by `rate` or `stages` (open loop) or by `concurrency` (closed loop). */
  load?: {
    /** Requests per unit of time, sent at planned instants (open loop); sessions, if they have several turns. */
    rate?: string | number | undefined;
    /** Successive rates and ramps, instead of `rate` and `duration`. The warm-up before them has the initial rate of the first. */
    stages?: readonly ({
      /** Initial rate of a ramp. May be 0. */
      from?: string | number | undefined;
      /** Final rate of a ramp. May be 0. */
      to?: string | number | undefined;
      /** Constant rate, instead of `from` and `to`. */
      at?: string | number | undefined;
      /** Duration of the stage. */
      for: string;
    })[] | undefined;
    /** Number of requests in flight; each is followed by the next (closed loop). Instead of `rate`. With sessions, the number of users. */
    concurrency?: number | string | undefined;
    /** The arrival process of the planned instants, or `trace` for the instants of `workload.data`. Only with `rate`, `stages` or `trace`. */
    arrivals?: 'constant' | 'poisson' | 'gamma' | 'trace' | undefined;
    /** Shape k of the gaps of gamma arrivals; their coefficient of variation is 1/√k. 1 is Poisson; with 0.25 gaps vary twice as much, with 4 half as much. */
    burstiness?: number | string | undefined;
    /** Speed of a trace: 2 halves all gaps. Only with `arrivals: trace`. */
    speed?: number | string | undefined;
    /** Instant of a trace at which its window begins. Only with `arrivals: trace`. */
    from?: string | 0 | undefined;
    /** Spread requests with the same instant over the tick of a trace with coarse instants. Default: true. Only with `arrivals: trace`. */
    spread?: boolean | undefined;
    /** Maximum number of requests in flight. Latencies include the wait for a free place. Only with `rate` or `stages`. */
    maxConcurrency?: number | string | undefined;
    /** Start of latencies: the planned instant, or the send, as in most tools. In closed loop always the send. */
    clock?: 'planned' | 'sent' | undefined;
    /** Load before the measurement. Not included in any figure. */
    warmup?: string | 0 | undefined;
    /** Length of the measurement. */
    duration?: string | undefined;
    /** Number of requests to measure. Instead of `duration`. */
    requests?: number | string | undefined;
    /** Number of sessions to start in the measurement. Instead of `duration`. */
    sessions?: number | string | undefined;
    /** Maximum time to wait after the measurement for requests in flight. */
    drain?: string | 0 | undefined;
  } | undefined;
  /** Several runs: lists of loads or lengths. For `goodput sweep`, `run` and `simulate`. */
  sweep?: {
    /** Rates, instead of `load.rate`. */
    rate?: readonly (string | number)[] | undefined;
    /** Requests in flight, instead of `load.concurrency`. */
    concurrency?: readonly (number | string)[] | undefined;
    /** Input lengths, instead of `workload.input`. */
    input?: readonly (number | string | {
      /** A constant number of tokens. */
      tokens?: number | string | undefined;
      /** The distribution of lengths. Without it, `tokens` is the length. */
      distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
      /** Mean of the lengths before `min` and `max` are applied. */
      mean?: number | string | undefined;
      /** Standard deviation of the lengths themselves (also for lognormal). */
      stddev?: number | string | undefined;
      /** Minimum length. Default: 1. */
      min?: number | string | undefined;
      /** Maximum length. Default: none. */
      max?: number | string | undefined;
    })[] | undefined;
    /** Output lengths, instead of `workload.output`. */
    output?: readonly (number | string | {
      /** A constant number of tokens. */
      tokens?: number | string | undefined;
      /** The distribution of lengths. Without it, `tokens` is the length. */
      distribution?: 'constant' | 'uniform' | 'normal' | 'lognormal' | 'exponential' | undefined;
      /** Mean of the lengths before `min` and `max` are applied. */
      mean?: number | string | undefined;
      /** Standard deviation of the lengths themselves (also for lognormal). */
      stddev?: number | string | undefined;
      /** Minimum length. Default: 1. */
      min?: number | string | undefined;
      /** Maximum length. Default: none. */
      max?: number | string | undefined;
    })[] | undefined;
    /** `grid`: all combinations of the lists. `zip`: the first value of each list, then the second of each, and so on. */
    combine?: 'grid' | 'zip' | undefined;
    /** Number of runs per point, each with its own seed. */
    repeats?: number | string | undefined;
    /** Order of the runs: shuffled by the seed, so that a drift of the server is not confounded with an axis, or as written. */
    order?: 'random' | 'written' | undefined;
  } | undefined;
  /** The machine that serves the model, for MFU, MBU, floors, cost and energy ([machines.md](machines.md)). Nothing is assumed: without it the report has none of them. */
  hardware?: {
    /** Name of the accelerator in the catalogue (`goodput hardware` lists it). */
    accelerator: string;
    /** Number of devices that serve the model together. */
    count?: number | string | undefined;
    /** Precision of the arithmetic, which decides the peak. Default: bf16, or fp16 if the catalogue has no bf16 figure. */
    precision?: 'fp32' | 'tf32' | 'bf16' | 'fp16' | 'fp8' | 'int8' | 'fp4' | undefined;
    /** Memory of one device. Default: that of the catalogue. */
    memory?: number | string | undefined;
    /** Price of one device per hour, in US dollars. */
    pricePerHour?: number | string | undefined;
    /** Peak of one device in FLOP/s, dense, instead of the figure of the catalogue. */
    peakFlops?: number | string | undefined;
    /** Peak memory bandwidth of one device in bytes/s, instead of the figure of the catalogue. */
    peakBandwidth?: number | string | undefined;
  } | undefined;
  /** The architecture of the served model, for MFU, MBU and floors. */
  model?: {
    /** The `config.json` of the model as on the Hugging Face hub, relative to the scenario file, or its content. `run.json` keeps the content. */
    config: string | Readonly<Record<string, unknown>>;
    /** Bytes per weight as served. */
    weightBytes?: number | string | undefined;
    /** Bytes per element of the KV cache. */
    kvBytes?: number | string | undefined;
    /** Size of all weights as served, instead of `weightBytes`. */
    weights?: number | string | undefined;
  } | undefined;
  /** Prices of tokens, for the cost of the run ([cost.md](cost.md)). */
  price?: {
    /** Price of `per` input tokens. */
    input: number | string;
    /** Price of `per` input tokens from the prefix cache. Default: that of `input`. */
    cachedInput?: number | string | undefined;
    /** Price of `per` output tokens. */
    output: number | string;
    /** Currency of the prices, an ISO 4217 code. Required in a file; `--price` is in USD without it. */
    currency?: string | undefined;
    /** Number of tokens that the prices are for. */
    per?: number | string | undefined;
    /** Factor of these prices in a batch (`goodput batch`), such as 0.5 for half the price. Default: 1. */
    batch?: number | string | undefined;
  } | undefined;
  /** Pages of metrics to scrape during the run, in a thread of its own: URLs (`/metrics` without a path), `endpoint` for the page of the endpoint itself, `nvidia-smi` for the devices of this machine. */
  telemetry?: readonly string[] | string | undefined;
  /** Limits for every request. A request that meets all of them is good; attainment and goodput count the good ones. `preset` takes published limits, with their authors’ gates unless `gates` is set. */
  slo?: {
    /** Published limits, by name. Limits given with it override its own. */
    preset?: 'mlperf/llama2-70b/server' | 'mlperf/llama2-70b/interactive' | 'mlperf/llama3.1-405b/server' | 'mlperf/llama3.1-405b/interactive' | 'mlperf/llama3.1-8b/server' | 'mlperf/llama3.1-8b/interactive' | 'mlperf/deepseek-r1/server' | 'mlperf/deepseek-r1/interactive' | 'mlperf/gpt-oss-120b/server' | 'mlperf/gpt-oss-120b/interactive' | 'mlperf/mixtral-8x7b/server' | 'distserve/opt-13b/chat' | 'distserve/opt-66b/chat' | 'distserve/opt-66b/code' | 'distserve/opt-66b/summarization' | 'distserve/opt-175b/chat' | undefined;
    /** Time to first token: the limit in ms. */
    ttft?: string | undefined;
    /** Service TTFT: the limit in ms. */
    ttft_sent?: string | undefined;
    /** Time to first answer token: the limit in ms. */
    ttfa?: string | undefined;
    /** End-to-end latency: the limit in ms. */
    e2e?: string | undefined;
    /** Service latency: the limit in ms. */
    e2e_sent?: string | undefined;
    /** Time per output token: the limit in ms. */
    tpot?: string | undefined;
    /** Normalized latency: the limit in ms. */
    ntpot?: string | undefined;
    /** Longest stall: the limit in ms. */
    max_gap?: string | undefined;
    /** Output speed per user: the limit in tok/s. */
    user_tps?: unknown;
    /** Tokens on time: the limit in ratio. */
    on_time_share?: unknown;
    /** Delay before the send: the limit in ms. */
    dispatch_lag?: string | undefined;
    /** Wait for a free slot: the limit in ms. */
    queue_wait?: string | undefined;
    /** Lag of the generator: the limit in ms. */
    send_lag?: string | undefined;
    /** Connection set-up: the limit in ms. */
    connect?: string | undefined;
  } | string | undefined;
  /** Conditions on the whole run: it passes if all of them hold. `ttft p95 by turn=1 <= 300ms` is about one group of its requests. A condition that ends `with 95% confidence` is judged by the confidence interval of its figure. */
  gates?: readonly string[] | string | undefined;
  /** How the run is carried out. */
  run?: {
    /** Threads that send and read. `auto`: one for every 2,000 requests/s or 20,000 tokens/s of the plan, leaving one core free. */
    workers?: number | string | undefined;
    /** Number of connections to open before the first request, over all workers. The time that this takes is not part of any latency and is reported separately. */
    preconnect?: number | string | undefined;
    /** Run a preflight: find out before the measurement which request fields the endpoint accepts, and how many tokens a word has. */
    probe?: boolean | undefined;
    /** Keep the text of the answers in the run folder. */
    keepText?: boolean | undefined;
    /** A Hugging Face `tokenizer.json`, relative to the scenario file. Synthetic prompts have exactly the planned tokens by it. After the run, it counts the output tokens of requests without a token count from the server. */
    tokenizer?: string | undefined;
    /** Time between two scrapes of a target of `telemetry`. */
    telemetryEvery?: string | undefined;
    /** Treat a suspect run as invalid. */
    strict?: boolean | undefined;
    /** Stop the run as soon as one of its gates can no longer be met. */
    failFast?: boolean | undefined;
    /** The run folder. Default: `reports/<name>-<time>`. Never overwritten. */
    out?: string | undefined;
  } | undefined;
}
