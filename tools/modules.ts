/** A folder of `src/` (or a file right under it): what it does, and which others it may import. */
export interface Module {
  does: string;
  imports: readonly string[];
}

const BASICS = ['errors.ts', 'system-errors.ts', 'units.ts'];

/**
 * The modules of `src/`, in the order of the data flow. `test/architecture.test.ts` fails on an import that is not in this table,
 * and `docs/architecture.md` is generated from it. A new arrow is a decision, made here.
 */
export const MODULES: Readonly<Record<string, Module>> = {
  'units.ts': { does: 'units of time, and how they are read and written', imports: ['errors.ts'] },
  'errors.ts': { does: 'the error class, exit codes, the result of reading input', imports: [] },
  'system-errors.ts': { does: 'the codes of system errors, in words', imports: [] },
  'version.ts': { does: 'the version of goodput', imports: [] },
  'random.ts': { does: 'seeded random streams', imports: [] },
  'redaction.ts': { does: 'masks secrets in texts', imports: [] },
  'token-counts.ts': { does: 'the range of a valid token count', imports: [] },
  'lengths.ts': { does: 'distributions of token counts', imports: ['random.ts'] },
  'faults.ts': { does: 'the faults that a simulated endpoint injects', imports: BASICS },
  document: {
    does: 'definitions of JSON documents: one definition is the check on reading and the JSON Schema',
    imports: [],
  },
  'sample.ts': { does: 'the record of one request', imports: ['units.ts'] },

  statistics: { does: 'quantiles, intervals and tests', imports: ['random.ts'] },
  metrics: {
    does: 'the registry of metrics and the arithmetic of one request',
    imports: ['sample.ts', ...BASICS],
  },
  slo: { does: 'SLOs and gates: their grammar, presets and grids', imports: ['metrics', ...BASICS] },

  'scenario/keys': {
    does: 'the keys of a scenario: types, checks, defaults, providers',
    imports: ['slo', 'metrics', 'faults.ts', 'lengths.ts', ...BASICS],
  },
  scenario: {
    does: 'reads a scenario file, flags and the environment, and resolves them to one scenario',
    imports: ['scenario/keys', 'slo', 'redaction.ts', ...BASICS],
  },
  workload: {
    does: 'prompts and token limits',
    imports: ['scenario/keys', 'lengths.ts', 'random.ts', ...BASICS],
  },
  plan: {
    does: 'the schedule: which request is sent at which instant',
    imports: ['workload', 'scenario/keys', 'sample.ts', 'random.ts', 'units.ts'],
  },
  load: { does: 'open and closed loop: sends what is due', imports: ['plan', 'sample.ts', 'units.ts'] },

  'client/http': {
    does: 'HTTP headers, content coding, SSE, JSON and kinds of failure',
    imports: ['sample.ts', 'units.ts'],
  },
  'client/api': {
    does: 'the APIs: request bodies, and what their events mean',
    imports: ['client/http', 'sample.ts', 'token-counts.ts'],
  },
  'client/stream': {
    does: 'reads a response and timestamps its events',
    imports: ['client/api', 'client/http', 'units.ts'],
  },
  'client/connection': {
    does: 'connections: dialling, TLS, proxies, pools',
    imports: ['client/http', 'redaction.ts', 'units.ts'],
  },
  client: {
    does: 'sends one request and records what came back',
    imports: [
      'client/connection',
      'client/stream',
      'client/api',
      'client/http',
      'sample.ts',
      'token-counts.ts',
      ...BASICS,
    ],
  },

  record: {
    does: 'the run folder: run.json, samples.jsonl, latency.hlog',
    imports: ['document', 'sample.ts', 'token-counts.ts', ...BASICS],
  },
  tokenize: {
    does: 'counts tokens with a tokenizer after a run',
    imports: ['sample.ts', 'errors.ts', 'system-errors.ts'],
  },
  health: {
    does: 'watches the event loop, the process and the machine; the monotonic clock',
    imports: ['record', 'units.ts'],
  },
  lifecycle: {
    does: 'the rules of every run, real or simulated: its phases, window, ending, header and live figures',
    imports: ['plan', 'workload', 'health', 'record', 'scenario/keys', 'metrics', 'sample.ts', ...BASICS],
  },
  preflight: {
    does: 'finds out before a run how to reach its endpoint, and what it accepts',
    imports: [
      'client',
      'client/api',
      'client/connection',
      'client/http',
      'workload',
      'health',
      'record',
      'scenario/keys',
      'sample.ts',
      ...BASICS,
    ],
  },
  run: {
    does: 'carries out one run over sockets: workers, threads, connections',
    imports: [
      'lifecycle',
      'preflight',
      'health',
      'load',
      'plan',
      'workload',
      'client',
      'client/api',
      'client/connection',
      'record',
      'tokenize',
      'scenario/keys',
      'lengths.ts',
      'sample.ts',
      ...BASICS,
    ],
  },
  probe: {
    does: 'the probe command: finds out what an endpoint is and supports',
    imports: [
      'client',
      'client/api',
      'client/connection',
      'workload',
      'scenario/keys',
      'metrics',
      'sample.ts',
      ...BASICS,
    ],
  },

  analysis: {
    does: 'figures of a recorded run',
    imports: ['record', 'slo', 'metrics', 'statistics', 'faults.ts', 'sample.ts', ...BASICS],
  },
  verdict: {
    does: 'the audit of a run, its gates, its summary document',
    imports: ['analysis', 'slo', 'metrics', 'statistics', 'sample.ts', ...BASICS],
  },
  capacity: {
    does: 'the search for the highest load that meets the SLOs',
    imports: ['analysis', 'slo', 'metrics', 'statistics', 'sample.ts', ...BASICS],
  },
  compare: {
    does: 'the differences between runs, with their intervals',
    imports: ['verdict', 'analysis', 'slo', 'metrics', 'statistics', 'record', 'scenario/keys', ...BASICS],
  },
  sweep: { does: 'the points of a sweep and their curves', imports: ['verdict', 'random.ts'] },
  calibrate: {
    does: 'measures what this machine can send',
    imports: [
      'health',
      'run',
      'scenario',
      'scenario/keys',
      'record',
      'analysis',
      'lengths.ts',
      'sample.ts',
      ...BASICS,
    ],
  },

  'simulator/engine': {
    does: 'the batching engine in virtual time, its cost models and presets',
    imports: BASICS,
  },
  'simulator/api': {
    does: 'what the simulated server reads and writes: requests, wire formats, errors',
    imports: ['simulator/engine', 'faults.ts'],
  },
  'simulator/server': {
    does: 'the simulated HTTP server, its faults, metrics and truth log; the null endpoint',
    imports: ['simulator/api', 'simulator/engine', 'faults.ts', 'lengths.ts', 'random.ts', ...BASICS],
  },
  simulator: {
    does: 'the public face of `goodput/simulator`',
    imports: ['simulator/server', 'simulator/engine', 'faults.ts'],
  },
  simulate: {
    does: 'a run in virtual time: the plan against the engine, without sockets',
    imports: [
      'lifecycle',
      'load',
      'plan',
      'workload',
      'scenario/keys',
      'client/http',
      'record',
      'simulator/api',
      'simulator/engine',
      'sample.ts',
      ...BASICS,
    ],
  },

  schemas: {
    does: 'the public face of `goodput/schemas`: JSON Schemas of every document that goodput writes',
    imports: [
      'document',
      'capacity',
      'compare',
      'sweep',
      'probe',
      'verdict',
      'analysis',
      'metrics',
      'record',
      'client/api',
      'sample.ts',
    ],
  },

  'render/layout': {
    does: 'text layout: columns, numbers, colour',
    imports: ['verdict', 'analysis', 'metrics'],
  },
  'render/writers': { does: 'CSV, JSON, JUnit, Prometheus and Markdown syntax', imports: ['render/layout'] },
  'render/run': {
    does: 'the report of one run, in every format',
    imports: [
      'render/layout',
      'render/writers',
      'verdict',
      'analysis',
      'sweep',
      'slo',
      'metrics',
      'statistics',
      'sample.ts',
      ...BASICS,
    ],
  },
  'render/comparison': {
    does: 'the report of a comparison, in every format',
    imports: ['render/layout', 'render/writers', 'compare', 'errors.ts'],
  },
  'render/capacity': {
    does: 'the report of a capacity search, in every format',
    imports: ['render/layout', 'render/writers', 'capacity', 'errors.ts'],
  },
  'render/sweep': { does: 'the report of a sweep', imports: ['render/layout', 'render/writers', 'sweep'] },
  render: {
    does: 'formats and exporters, the probe report, progress, errors',
    imports: [
      'render/run',
      'render/comparison',
      'render/capacity',
      'render/sweep',
      'render/writers',
      'render/layout',
      'compare',
      'calibrate',
      'probe',
      'verdict',
      'slo',
      'errors.ts',
    ],
  },

  score: {
    does: 'a recorded run, scored: its figures, audit and verdict',
    imports: ['scenario', 'scenario/keys', 'plan', 'record', 'analysis', 'verdict', 'slo', 'errors.ts'],
  },
  measure: {
    does: 'measures one run: carries it out, scores it and stores its report',
    imports: [
      'lifecycle',
      'run',
      'simulate',
      'simulator',
      'calibrate',
      'score',
      'scenario',
      'scenario/keys',
      'plan',
      'workload',
      'record',
      'verdict',
      'version.ts',
      'errors.ts',
    ],
  },
  'multi-run': {
    does: 'measures several runs: rounds of endpoints, sweeps, capacity searches; resumes and compares them',
    imports: [
      'lifecycle',
      'measure',
      'score',
      'compare',
      'capacity',
      'sweep',
      'scenario',
      'scenario/keys',
      'plan',
      'workload',
      'run',
      'record',
      'verdict',
      'slo',
      'render/layout',
      'render/run',
      'render/writers',
      'sample.ts',
      'version.ts',
      ...BASICS,
    ],
  },
  library: {
    does: 'the functions of the library',
    imports: [
      'compare',
      'lifecycle',
      'health',
      'preflight',
      'multi-run',
      'measure',
      'score',
      'scenario',
      'scenario/keys',
      'probe',
      'calibrate',
      'run',
      'simulator/server',
      ...BASICS,
    ],
  },
  'index.ts': { does: 'the public face of the library', imports: ['*'] },

  'cli/console': {
    does: 'stdout, stderr and Ctrl-C of a command; where its results go',
    imports: ['measure', 'render', 'render/layout', 'scenario/keys', 'record', ...BASICS],
  },
  'cli/options': {
    does: 'a command as data, and the options that only some commands have',
    imports: ['cli/console', 'scenario/keys'],
  },
  'cli/handlers': {
    does: 'what each command does: parses its options, calls the library, prints the result',
    imports: [
      'cli/options',
      'cli/console',
      'library',
      'multi-run',
      'measure',
      'score',
      'scenario',
      'scenario/keys',
      'compare',
      'probe',
      'calibrate',
      'plan',
      'record',
      'render',
      'render/capacity',
      'render/layout',
      'render/writers',
      'simulate',
      'simulator/engine',
      'simulator/server',
      'slo',
      'metrics',
      'faults.ts',
      'lengths.ts',
      'version.ts',
      ...BASICS,
    ],
  },
  'cli/commands': {
    does: 'the name, options and help of each command',
    imports: ['cli/handlers', 'cli/options', 'scenario/keys', 'slo'],
  },
  cli: {
    does: 'the program: its commands, its help, its errors',
    imports: [
      'cli/commands',
      'cli/console',
      'cli/options',
      'render',
      'render/layout',
      'scenario/keys',
      'version.ts',
      'errors.ts',
    ],
  },
  'bin.ts': { does: 'the entry of the command', imports: ['cli'] },
};
