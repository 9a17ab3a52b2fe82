/** An option of `run`, as data: flags, environment, help, completion and the reference derive from it. */
export interface RunOption {
  /** Long name without dashes, as in `--max-concurrency`. */
  name: string;
  /** One letter that stands for it, as in `-o`; `null`: none. */
  short: string | null;
  /** Placeholder of its value in the help; `null` for a switch. */
  value: string | null;
  /** Environment variable that sets it too. */
  env: string | null;
  /** Dotted path of the scenario key that it sets; `null`: it is about the command's output. */
  path: string | null;
  /** May be given more than once; in the environment one a line. */
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
  option('url', 'URL', 'endpoint.url', 'base URL of the endpoint, with its /v1; again for each replica', {
    repeatable: true,
    example: 'http://127.0.0.1:8000/v1',
  }),
  option('provider', 'NAME', 'endpoint.provider', 'a server or service by name, for its URL, key and API', {
    example: 'groq',
  }),
  option('against', 'URL', null, 'compare with this endpoint, measured with the same plans, interleaved', {
    example: 'http://127.0.0.1:8001/v1',
  }),
  option('rounds', 'N', 'rounds', 'how often each of several endpoints is measured', { example: '5' }),
  option('tolerance', 'SHARE', 'tolerance', 'what differs by less counts as the same', { example: '5%' }),
  option('fail-on', 'VERDICT', 'failOn', 'exit 99 when new is: worse (or inconclusive, or never)', {
    example: 'worse',
  }),
  option('decide', 'FIGURES', 'decide', 'figures that decide a comparison, at most four', {
    example: 'ttft p95,attainment',
  }),
  option('api', 'NAME', 'endpoint.api', 'chat, completions, responses or messages', {
    example: 'completions',
  }),
  option('model', 'NAME', 'endpoint.model', 'model to ask for (else the first that the endpoint lists)', {
    example: 'my-model',
  }),
  option('api-key-env', 'NAME', 'endpoint.apiKey', 'environment variable that holds the API key', {
    env: null,
    example: 'MY_KEY',
  }),
  option('header', 'NAME:VALUE', 'endpoint.headers', 'a further HTTP header, "Name: value" or name=value', {
    repeatable: true,
    example: 'x-tenant: bench',
  }),
  option('body', 'KEY=VALUE', 'endpoint.body', 'merge into every request body, key=value or a JSON object', {
    repeatable: true,
    example: 'temperature=0',
  }),
  option('cacert', 'FILE', 'endpoint.tls.ca', 'PEM file of authorities to trust as well', {
    example: 'ca.pem',
  }),
  option('cert', 'FILE', 'endpoint.tls.cert', 'PEM file with the certificate to show to the server', {
    example: 'client.pem',
  }),
  option('key', 'FILE', 'endpoint.tls.key', 'PEM file with the private key of that certificate', {
    // GOODPUT_KEY would be taken for the API key.
    env: null,
    example: 'client-key.pem',
  }),
  option(
    'servername',
    'NAME',
    'endpoint.tls.servername',
    'name to ask for in TLS, and to find in the certificate',
    {
      example: 'llm.example.com',
    },
  ),
  option('proxy', 'URL', 'endpoint.proxy', 'proxy to go through, or none (else HTTPS_PROXY, HTTP_PROXY)', {
    example: 'http://proxy.example:3128',
  }),
  option(
    'unix-socket',
    'PATH',
    'endpoint.unixSocket',
    'Unix socket to connect to in place of host and port',
    {
      example: '/run/vllm.sock',
    },
  ),
  option('resolve', 'HOST:PORT:ADDR', 'endpoint.resolve', 'address to connect to for a name', {
    repeatable: true,
    example: 'llm.example:443:10.0.0.7',
  }),
  option('http2', null, 'endpoint.http2', 'speak HTTP/2 where the server takes it'),
  option('insecure', null, 'endpoint.tls.insecure', 'take whatever certificate the server shows'),
  option('preset', 'NAME', 'simulator.preset', 'what the simulated endpoint is, a model on accelerators', {
    example: 'llama-3.1-8b-h100',
  }),
  option('engine', 'KEY=VALUE', 'simulator.engine', 'set a value of its engine otherwise', {
    repeatable: true,
    example: 'maxNumSeqs=64',
  }),
  option('dialect', 'NAME', 'simulator.dialect', 'how it streams: openai, vllm, reasoning, bundled, …', {
    example: 'vllm',
  }),
  option(
    'natural-length',
    'TOKENS',
    'simulator.naturalLength',
    'answers end by themselves after 512, uniform:100-200, … tokens',
    { example: 'lognormal:256,128' },
  ),
  option('fault', 'FAULT', 'simulator.faults', 'what goes wrong there on purpose', {
    repeatable: true,
    example: 'reset after=3 share=5%',
  }),
  option('rate', 'RATE', 'load.rate', 'requests per unit of time, open loop', { example: '5/s' }),
  option('concurrency', 'N', 'load.concurrency', 'requests in flight, closed loop', { example: '16' }),
  option('max-concurrency', 'N', 'load.maxConcurrency', 'cap on requests in flight in open loop', {
    example: '64',
  }),
  option('arrivals', 'PROCESS', 'load.arrivals', 'poisson, constant or gamma', { example: 'constant' }),
  option('burstiness', 'K', 'load.burstiness', 'shape of gamma arrivals: 1 is Poisson, less is burstier', {
    example: '0.25',
  }),
  option('duration', 'TIME', 'load.duration', 'length of the measurement', { example: '60s' }),
  option('requests', 'N', 'load.requests', 'measure so many requests instead', { example: '500' }),
  option('warmup', 'TIME', 'load.warmup', 'load before the measurement', { example: '10s' }),
  option('drain', 'TIME', 'load.drain', 'wait for requests in flight afterwards', { example: '60s' }),
  option(
    'input-tokens',
    'LENGTH',
    'workload.input',
    'input length: 512, uniform:100-200, lognormal:MEAN,STDDEV',
    {
      example: 'lognormal:512,200',
    },
  ),
  option('output-tokens', 'LENGTH', 'workload.output', 'output length, in the same way', { example: '128' }),
  option(
    'exact-output',
    null,
    'workload.exactOutput',
    'ask for answers of exactly that length (ignore_eos, min_tokens)',
  ),
  option('prompts', 'FILE', 'workload.prompts', 'JSONL file of prompts instead of synthetic ones', {
    example: 'prompts.jsonl',
  }),
  option('slo', 'LIMITS', 'slo', 'what each request must meet', {
    repeatable: true,
    example: 'ttft<=200ms,tpot<=100ms',
  }),
  option('slo-preset', 'NAME', 'slo', 'published limits instead, which goodput slo-presets lists', {
    example: 'mlperf/llama2-70b/server',
  }),
  option('slo-grid', 'LIMITS', null, 'attainment by many limits, as a table, of one metric or two', {
    example: 'ttft=100ms..1s',
  }),
  option('gate', 'CONDITION', 'gates', 'what the whole run must meet', {
    repeatable: true,
    example: 'attainment>=90%',
  }),
  option('seed', 'N', 'seed', 'the same seed makes the same plan', { example: '42' }),
  option('workers', 'N', 'run.workers', 'threads that send and read, or auto', { example: 'auto' }),
  option('preconnect', 'N', 'run.preconnect', 'connections to open before the first request', {
    example: '16',
  }),
  option('timeout-connect', 'TIME', 'endpoint.timeouts.connect', 'limit for opening a connection', {
    example: '10s',
  }),
  option('timeout-headers', 'TIME', 'endpoint.timeouts.headers', 'limit for the response headers', {
    example: '1m',
  }),
  option('timeout-first-token', 'TIME', 'endpoint.timeouts.firstToken', 'limit for the first token', {
    example: '1m',
  }),
  option('timeout-idle', 'TIME', 'endpoint.timeouts.idle', 'limit between two tokens', { example: '30s' }),
  option('timeout-total', 'TIME', 'endpoint.timeouts.total', 'limit for a whole request', { example: '5m' }),
  option('no-probe', null, 'run.probe', 'find nothing out about the endpoint before the measurement'),
  option('keep-text', null, 'run.keepText', 'keep what the endpoint answered'),
  option(
    'tokenizer',
    'FILE',
    'run.tokenizer',
    'tokenizer.json that counts, after the run, what the server did not',
    {
      example: 'tokenizer.json',
    },
  ),
  option('out', 'DIR', 'run.out', 'run folder (else reports/<name>-<time>)', { example: 'reports/tonight' }),
  option('name', 'NAME', 'name', 'name of the run', { example: 'nightly' }),
  option(
    'format',
    'NAME',
    null,
    'print as text, json, markdown or csv; with a verdict as junit, github or prometheus too',
    {
      example: 'markdown',
    },
  ),
  option('output', 'FILE', null, 'write to a file too, in the form that its ending or FORMAT:FILE names', {
    short: 'o',
    repeatable: true,
    example: 'report.md',
  }),
  option('audit-truth', null, null, 'hold every instant against what the simulated endpoint wrote down'),
  option(
    'require-endpoint',
    null,
    null,
    'refuse the embedded endpoint unless it is named (as in CI with gates)',
  ),
  option('json', null, null, 'print one JSON document alone'),
  option('quiet', null, null, 'no progress on stderr'),
  option('no-color', null, null, 'no colours'),
  option('strict', null, 'run.strict', 'take a suspect run for an invalid one'),
  option('fail-fast', null, 'run.failFast', 'end the run as soon as a gate can no longer be met'),
] as const;

export type OptionName = (typeof RUN_OPTIONS)[number]['name'];

/** Options about the way to a server. */
const ABOUT_THE_WAY: readonly OptionName[] = [
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

/** Options about several endpoints: what measures one has no use for them. */
export const ABOUT_COMPARING: readonly OptionName[] = ['against', 'rounds', 'tolerance', 'fail-on', 'decide'];

/** Options about a server and the way to it: a run on a virtual clock has neither. */
export const ABOUT_SENDING: readonly OptionName[] = [
  'url',
  'provider',
  'against',
  'api-key-env',
  'header',
  ...ABOUT_THE_WAY,
  'workers',
  'preconnect',
  'timeout-connect',
  'timeout-headers',
  'no-probe',
  'keep-text',
  'audit-truth',
  'require-endpoint',
  'tokenizer',
];

/** Options about what an endpoint is, and the way to it. */
export const ABOUT_ENDPOINT: readonly OptionName[] = [
  'url',
  'provider',
  'api',
  'model',
  'api-key-env',
  'header',
  'body',
  ...ABOUT_THE_WAY,
  'timeout-connect',
  'json',
  'quiet',
  'no-color',
];

/** Flags as given: the text, the texts of a repeatable one, `true` for a switch. */
export type Flags = Readonly<Partial<Record<OptionName, string | readonly string[] | true>>>;

/** The environment variable that carries the key itself. */
export const KEY_VARIABLE = 'GOODPUT_API_KEY';

/** Where `goodput calibrate` keeps what it found out. */
export const CACHE_VARIABLE = 'GOODPUT_CACHE_DIR';
