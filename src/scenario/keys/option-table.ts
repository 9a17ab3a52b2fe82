/** An option of `run`, as data: flags, environment variables, help, completion and the reference are derived from it. */
export interface RunOption {
  /** Long name without dashes, as in `--max-concurrency`. */
  name: string;
  /** One-letter form, as in `-o`; `null` if there is none. */
  short: string | null;
  /** Placeholder of its value in the help; `null` for a switch. */
  value: string | null;
  /** Environment variable that sets it too; `null` if there is none. */
  env: string | null;
  /** Dotted path of the scenario key that it sets; `null` if it sets none. */
  path: string | null;
  /** True if it can be repeated; its environment variable holds one value per line. */
  repeatable: boolean;
  help: string;
  example: string | null;
}

interface Details {
  env?: null;
  repeatable?: true;
  example?: string;
  short?: string;
}

function option<const N extends string>(
  name: N,
  value: string | null,
  path: string | null,
  help: string,
  { env, repeatable, example, short }: Details = {},
): RunOption & { name: N } {
  const variable =
    env === null || path === null ? null : `GOODPUT_${name.toUpperCase().replaceAll('-', '_')}`;
  return {
    name,
    short: short ?? null,
    value,
    env: variable,
    path,
    repeatable: repeatable ?? false,
    help,
    example: example ?? null,
  };
}

export const RUN_OPTIONS = [
  option('url', 'URL', 'endpoint.url', 'base URL of the endpoint, including /v1; repeat for replicas', {
    repeatable: true,
    example: 'http://127.0.0.1:8000/v1',
  }),
  option('provider', 'NAME', 'endpoint.provider', 'known server or service: sets URL, API and key variable', {
    example: 'groq',
  }),
  option('against', 'URL', null, 'compare with this endpoint, in interleaved rounds with the same plans', {
    example: 'http://127.0.0.1:8001/v1',
  }),
  option('rounds', 'N', 'rounds', 'number of rounds; each round measures every endpoint once', {
    example: '5',
  }),
  option('tolerance', 'SHARE', 'tolerance', 'smaller differences count as the same', { example: '5%' }),
  option(
    'fail-on',
    'VERDICT',
    'failOn',
    'verdict that exits with 99: worse, inconclusive (or worse), never',
    {
      example: 'worse',
    },
  ),
  option('decide', 'FIGURES', 'decide', 'figures that decide a comparison, at most four', {
    example: 'ttft p95,attainment',
  }),
  option('api', 'NAME', 'endpoint.api', 'chat, completions, responses or messages', {
    example: 'completions',
  }),
  option('model', 'NAME', 'endpoint.model', 'model to request (default: the first that the endpoint lists)', {
    example: 'my-model',
  }),
  option('api-key-env', 'NAME', 'endpoint.apiKey', 'environment variable that holds the API key', {
    env: null,
    example: 'MY_KEY',
  }),
  option('header', 'NAME:VALUE', 'endpoint.headers', 'additional HTTP header, "Name: value" or name=value', {
    repeatable: true,
    example: 'x-tenant: bench',
  }),
  option('body', 'KEY=VALUE', 'endpoint.body', 'merge into every request body, key=value or a JSON object', {
    repeatable: true,
    example: 'temperature=0',
  }),
  option('cacert', 'FILE', 'endpoint.tls.ca', 'PEM file of additional certificate authorities to trust', {
    example: 'ca.pem',
  }),
  option('cert', 'FILE', 'endpoint.tls.cert', 'PEM file with the client certificate', {
    example: 'client.pem',
  }),
  option('key', 'FILE', 'endpoint.tls.key', 'PEM file with the private key of the client certificate', {
    // GOODPUT_KEY would be taken for the API key.
    env: null,
    example: 'client-key.pem',
  }),
  option(
    'servername',
    'NAME',
    'endpoint.tls.servername',
    'server name for TLS (SNI and certificate verification)',
    {
      example: 'llm.example.com',
    },
  ),
  option('proxy', 'URL', 'endpoint.proxy', 'proxy URL, or none (default: HTTPS_PROXY, HTTP_PROXY)', {
    example: 'http://proxy.example:3128',
  }),
  option('unix-socket', 'PATH', 'endpoint.unixSocket', 'Unix socket to connect to instead of host and port', {
    example: '/run/vllm.sock',
  }),
  option(
    'resolve',
    'HOST:PORT:ADDR',
    'endpoint.resolve',
    'connect to this address instead of resolving the name',
    {
      repeatable: true,
      example: 'llm.example:443:10.0.0.7',
    },
  ),
  option('http2', null, 'endpoint.http2', 'use HTTP/2 if the server supports it'),
  option('insecure', null, 'endpoint.tls.insecure', 'skip certificate verification'),
  option('preset', 'NAME', 'simulator.preset', 'simulated model and accelerators', {
    example: 'llama-3.1-8b-h100',
  }),
  option('engine', 'KEY=VALUE', 'simulator.engine', 'override a parameter of the simulated engine', {
    repeatable: true,
    example: 'maxNumSeqs=64',
  }),
  option(
    'dialect',
    'NAME',
    'simulator.dialect',
    'format of simulated streams: openai, vllm, reasoning, bundled, …',
    {
      example: 'vllm',
    },
  ),
  option(
    'natural-length',
    'TOKENS',
    'simulator.naturalLength',
    'simulated answers end by themselves after 512, uniform:100-200, … tokens',
    { example: 'lognormal:256,128' },
  ),
  option('fault', 'FAULT', 'simulator.faults', 'fault that the simulated endpoint injects', {
    repeatable: true,
    example: 'reset after=3 share=5%',
  }),
  option('rate', 'RATE', 'load.rate', 'requests per unit of time (open loop)', { example: '5/s' }),
  option('concurrency', 'N', 'load.concurrency', 'requests in flight (closed loop)', { example: '16' }),
  option('max-concurrency', 'N', 'load.maxConcurrency', 'cap on requests in flight in open loop', {
    example: '64',
  }),
  option('arrivals', 'PROCESS', 'load.arrivals', 'poisson, constant, gamma, or trace: as in the data', {
    example: 'constant',
  }),
  option('burstiness', 'K', 'load.burstiness', 'shape of gamma arrivals: 1 is Poisson, less is burstier', {
    example: '0.25',
  }),
  option('speed', 'N', 'load.speed', 'speed of a trace: 2 halves all gaps', { example: '2' }),
  option('from', 'TIME', 'load.from', 'time of a trace at which to begin', { example: '10m' }),
  option('duration', 'TIME', 'load.duration', 'length of the measurement window', { example: '60s' }),
  option('requests', 'N', 'load.requests', 'number of requests to measure, instead of a duration', {
    example: '500',
  }),
  option('sessions', 'N', 'load.sessions', 'number of sessions to start, instead of a duration', {
    example: '200',
  }),
  option('warmup', 'TIME', 'load.warmup', 'load before the measurement', { example: '10s' }),
  option('drain', 'TIME', 'load.drain', 'time for requests in flight to finish afterwards', {
    example: '60s',
  }),
  option(
    'input-tokens',
    'LENGTH',
    'workload.input',
    'input length: 512, uniform:100-200, lognormal:MEAN,STDDEV',
    {
      example: 'lognormal:512,200',
    },
  ),
  option('output-tokens', 'LENGTH', 'workload.output', 'output length, in the same notation', {
    example: '128',
  }),
  option(
    'exact-output',
    null,
    'workload.exactOutput',
    'request answers of exactly the planned length (ignore_eos, min_tokens)',
  ),
  option(
    'data',
    'FILE',
    'workload.data.file',
    'data set of prompts, conversations or a trace, instead of synthetic input',
    {
      repeatable: true,
      example: 'sharegpt.json',
    },
  ),
  option('prompts', 'FILE', 'workload.prompts', 'JSONL file of prompts instead of synthetic ones', {
    example: 'prompts.jsonl',
  }),
  option(
    'hardware',
    'NAME[:N],...',
    'hardware.accelerator',
    'the machine of the endpoint, for MFU, MBU, cost and energy: name:count,key=value,...',
    { example: 'h100-sxm:4' },
  ),
  option(
    'model-config',
    'FILE,...',
    'model.config',
    'config.json of the served model, for MFU, MBU and floors: file,weightBytes=1,...',
    { example: 'config.json,weightBytes=1' },
  ),
  option(
    'price',
    'KEY=PRICE,...',
    'price.input',
    'prices of 1M tokens: input=...,output=..., and cachedInput=..., batch=FACTOR',
    {
      example: 'input=0.15,output=0.60',
    },
  ),
  option(
    'telemetry',
    'TARGET',
    'telemetry',
    'page of metrics to scrape during the run: a URL, endpoint (its own page) or nvidia-smi',
    { repeatable: true, example: 'http://gpu:9400/metrics' },
  ),
  option('telemetry-every', 'TIME', 'run.telemetryEvery', 'time between two scrapes of a target', {
    example: '1s',
  }),
  option('slo', 'LIMITS', 'slo', 'limits that each request must meet', {
    repeatable: true,
    example: 'ttft<=200ms,tpot<=100ms',
  }),
  option('slo-preset', 'NAME', 'slo', 'published SLO limits; goodput slo-presets lists them', {
    example: 'mlperf/llama2-70b/server',
  }),
  option('slo-grid', 'LIMITS', null, 'table of attainment for many limits of one or two metrics', {
    example: 'ttft=100ms..1s',
  }),
  option('gate', 'CONDITION', 'gates', 'condition that the run must meet', {
    repeatable: true,
    example: 'attainment>=90%',
  }),
  option('seed', 'N', 'seed', 'seed of the plan; the same seed makes the same plan', { example: '42' }),
  option('workers', 'N', 'run.workers', 'number of load worker threads, or auto', { example: 'auto' }),
  option('preconnect', 'N', 'run.preconnect', 'connections to open before the first request', {
    example: '16',
  }),
  option('timeout-connect', 'TIME', 'endpoint.timeouts.connect', 'timeout for opening a connection', {
    example: '10s',
  }),
  option('timeout-headers', 'TIME', 'endpoint.timeouts.headers', 'timeout for the response headers', {
    example: '1m',
  }),
  option('timeout-first-token', 'TIME', 'endpoint.timeouts.firstToken', 'timeout for the first token', {
    example: '1m',
  }),
  option('timeout-idle', 'TIME', 'endpoint.timeouts.idle', 'timeout between two tokens', { example: '30s' }),
  option('timeout-total', 'TIME', 'endpoint.timeouts.total', 'timeout for the complete request', {
    example: '5m',
  }),
  option('no-probe', null, 'run.probe', 'skip the preflight'),
  option('keep-text', null, 'run.keepText', 'keep the text of the answers'),
  option(
    'tokenizer',
    'FILE',
    'run.tokenizer',
    'tokenizer.json of the model: prompts exact to the token, and counts of tokens that the server did not count',
    {
      example: 'tokenizer.json',
    },
  ),
  option(
    'rank',
    'R/N',
    null,
    'send the share of rank R of N, which all have the same plan; or by the scheduler',
    {
      example: '0/4',
    },
  ),
  option('meet', 'PLACE', null, 'start together: a folder that all ranks share, or the URL of rank 0', {
    example: 'http://rank-0:7070',
  }),
  option('meet-timeout', 'TIME', null, 'time for all ranks to arrive (default: 5m)', { example: '10m' }),
  option('out', 'DIR', 'run.out', 'run folder (default: reports/<name>-<time>); with ranks its parent', {
    example: 'reports/tonight',
  }),
  option('name', 'NAME', 'name', 'name of the run', { example: 'nightly' }),
  option(
    'format',
    'NAME',
    null,
    'output format: text, json, markdown, csv, html; with a verdict also junit, github, prometheus; of runs and comparisons also series; of runs also parquet, otlp, vllm, aiperf',
    {
      example: 'markdown',
    },
  ),
  option('output', 'FILE', null, 'also write to a file, in the format of its extension or of FORMAT:FILE', {
    short: 'o',
    repeatable: true,
    example: 'report.md',
  }),
  option('events', null, null, 'also write the output events of each request, next to a parquet file'),
  option(
    'push-otlp',
    null,
    null,
    'send the metrics to an OpenTelemetry collector; address: OTEL_EXPORTER_OTLP_ENDPOINT',
  ),
  option('audit-truth', null, null, "compare every instant with the simulated endpoint's log"),
  option('require-endpoint', null, null, 'refuse the embedded endpoint unless it is requested explicitly'),
  option('json', null, null, 'print one JSON document and nothing else'),
  option('quiet', null, null, 'print no progress on stderr'),
  option('no-color', null, null, 'print no colours'),
  option('plots', null, null, 'draw percentiles and the timeline below the text report of a run'),
  option('strict', null, 'run.strict', 'treat suspect runs as invalid'),
  option('fail-fast', null, 'run.failFast', 'end the run as soon as a gate can no longer be met'),
] as const;

export type OptionName = (typeof RUN_OPTIONS)[number]['name'];

/** Options about the connection to a server. */
const ABOUT_TRANSPORT: readonly OptionName[] = [
  'cacert',
  'cert',
  'key',
  'servername',
  'insecure',
  'http2',
  'proxy',
  'unix-socket',
  'resolve',
];

/** Options about several endpoints; commands that measure one endpoint do not have them. */
export const ABOUT_COMPARING: readonly OptionName[] = ['against', 'rounds', 'tolerance', 'fail-on', 'decide'];

/** Options about a server and the connection to it; a run on a virtual clock does not have them. */
export const ABOUT_SENDING: readonly OptionName[] = [
  'url',
  'provider',
  'against',
  'api-key-env',
  'header',
  ...ABOUT_TRANSPORT,
  'workers',
  'preconnect',
  'timeout-connect',
  'timeout-headers',
  'no-probe',
  'keep-text',
  'telemetry',
  'telemetry-every',
  'audit-truth',
  'require-endpoint',
  'tokenizer',
];

/** Options about ranks; only commands that carry out or plan one run have them. */
export const ABOUT_RANKS: readonly OptionName[] = ['rank', 'meet', 'meet-timeout'];

/** Options about an endpoint and the connection to it. */
export const ABOUT_ENDPOINT: readonly OptionName[] = [
  'url',
  'provider',
  'api',
  'model',
  'api-key-env',
  'header',
  'body',
  ...ABOUT_TRANSPORT,
  'timeout-connect',
  'json',
  'quiet',
  'no-color',
];

/** Flags as given: a text, the texts of a repeatable flag, or `true` for a switch. */
export type Flags = Readonly<Partial<Record<OptionName, string | readonly string[] | true>>>;

/** The environment variable that holds the API key. */
export const KEY_VARIABLE = 'GOODPUT_API_KEY';

/** The environment variable that holds the number of ranks of an Indexed Job of Kubernetes. */
export const RANKS_VARIABLE = 'GOODPUT_RANKS';

/** The environment variable that holds the token with which ranks meet at rank 0. */
export const MEET_TOKEN_VARIABLE = 'GOODPUT_MEET_TOKEN';

/** The environment variable that names the folder of `goodput calibrate`'s results. */
export const CACHE_VARIABLE = 'GOODPUT_CACHE_DIR';
