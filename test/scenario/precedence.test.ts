import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RUN_OPTIONS } from '../../src/scenario/keys/option-table.ts';
import type { OptionName } from '../../src/scenario/keys/option-table.ts';
import { valueAt } from '../../src/scenario/keys/map.ts';
import { FILE, resolve } from './resolving.ts';

const P95 = { metric: 'ttft', aggregation: 'p95' };
const ATTAINMENT = { metric: 'attainment', aggregation: null };

const TINY_LLAMA = join(import.meta.dirname, 'tiny-llama.json');

/** For each option: a file that sets its key, then environment and flag, each with the resulting value. */
const CASES: Readonly<
  Partial<
    Record<
      OptionName,
      { path: string; file: [string, unknown]; env: [string, unknown]; flag: [string, unknown] }
    >
  >
> = {
  url: {
    path: 'endpoint.url',
    file: ['endpoint: { url: http://a/v1 }', 'http://a/v1'],
    env: ['http://b/v1', 'http://b/v1'],
    flag: ['http://c/v1/', 'http://c/v1'],
  },
  provider: {
    path: 'endpoint.provider',
    file: ['endpoint: { provider: groq }', 'groq'],
    env: ['vllm', 'vllm'],
    flag: ['ollama', 'ollama'],
  },
  api: {
    path: 'endpoint.api',
    file: ['endpoint: { url: simulated, api: chat }', 'chat'],
    env: ['completions', 'completions'],
    flag: ['chat', 'chat'],
  },
  model: {
    path: 'endpoint.model',
    file: ['endpoint: { url: simulated, model: a }', 'a'],
    env: ['b', 'b'],
    flag: ['7', '7'],
  },
  header: {
    path: 'endpoint.headers.x-a',
    file: ['endpoint: { url: simulated, headers: { X-A: 1 } }', '1'],
    env: ['x-a: 2', '2'],
    flag: ['X-A=3: 4', '3: 4'],
  },
  body: {
    path: 'endpoint.body.t',
    file: ['endpoint: { url: simulated, body: { t: 1 } }', 1],
    env: ['{"t": [2]}', [2]],
    flag: ['t=x=y', 'x=y'],
  },
  preset: {
    path: 'simulator.preset',
    file: ['simulator: { preset: tiny }', 'tiny'],
    env: ['llama-3.1-8b-l4', 'llama-3.1-8b-l4'],
    flag: ['tiny', 'tiny'],
  },
  engine: {
    path: 'simulator.engine.maxNumSeqs',
    file: ['simulator: { engine: { maxNumSeqs: 1 } }', 1],
    env: ['maxNumSeqs=2', 2],
    flag: ['maxNumSeqs=3k', 3000],
  },
  dialect: {
    path: 'simulator.dialect',
    file: ['simulator: { dialect: vllm }', 'vllm'],
    env: ['reasoning', 'reasoning'],
    flag: ['bundled', 'bundled'],
  },
  'natural-length': {
    path: 'simulator.naturalLength',
    file: ['simulator: { naturalLength: 8 }', { distribution: 'constant', tokens: 8 }],
    env: ['uniform:2-4', { distribution: 'uniform', min: 2, max: 4 }],
    flag: ['exponential:9,2-80', { distribution: 'exponential', mean: 9, min: 2, max: 80 }],
  },
  fault: {
    path: 'simulator.faults',
    file: [
      'simulator: { faults: [stall at=1s for=2s] }',
      [{ kind: 'stall', at: 1000, for: 2000, every: null }],
    ],
    env: ['stall at=2s for=3s', [{ kind: 'stall', at: 2000, for: 3000, every: null }]],
    flag: ['refuse at=3s for=4s every=10s', [{ kind: 'refuse', at: 3000, for: 4000, every: 10_000 }]],
  },
  rate: { path: 'load.rate', file: ['load: { rate: 1/s }', 1], env: ['120/min', 2], flag: ['3', 3] },
  concurrency: {
    path: 'load.concurrency',
    file: ['load: { concurrency: 1 }', 1],
    env: ['2', 2],
    flag: ['1k', 1000],
  },
  'max-concurrency': {
    path: 'load.maxConcurrency',
    file: ['load: { rate: 1/s, maxConcurrency: 1 }', 1],
    env: ['2', 2],
    flag: ['3', 3],
  },
  arrivals: {
    path: 'load.arrivals',
    file: ['load: { rate: 1/s, arrivals: poisson }', 'poisson'],
    env: ['constant', 'constant'],
    flag: ['poisson', 'poisson'],
  },
  burstiness: {
    path: 'load.burstiness',
    file: ['load: { arrivals: gamma, burstiness: 1 }', 1],
    env: ['0.5', 0.5],
    flag: ['.25', 0.25],
  },
  speed: {
    path: 'load.speed',
    file: ['workload: { data: t.csv }\nload: { arrivals: trace, speed: 1 }', 1],
    env: ['0.5', 0.5],
    flag: ['4', 4],
  },
  from: {
    path: 'load.from',
    file: ['workload: { data: t.csv }\nload: { arrivals: trace, from: 1s }', 1000],
    env: ['2s', 2000],
    flag: ['1m', 60_000],
  },
  duration: {
    path: 'load.duration',
    file: ['load: { duration: 1s }', 1000],
    env: ['2s', 2000],
    flag: ['1m30s', 90_000],
  },
  requests: { path: 'load.requests', file: ['load: { requests: 1 }', 1], env: ['2', 2], flag: ['3k', 3000] },
  warmup: { path: 'load.warmup', file: ['load: { warmup: 1s }', 1000], env: ['2s', 2000], flag: ['0', 0] },
  drain: { path: 'load.drain', file: ['load: { drain: 1s }', 1000], env: ['2s', 2000], flag: ['500ms', 500] },
  'input-tokens': {
    path: 'workload.input',
    file: ['workload: { input: { tokens: 1 } }', { distribution: 'constant', tokens: 1 }],
    env: ['uniform:1-9', { distribution: 'uniform', min: 1, max: 9 }],
    flag: ['7', { distribution: 'constant', tokens: 7 }],
  },
  'output-tokens': {
    path: 'workload.output',
    file: ['workload: { output: 1 }', { distribution: 'constant', tokens: 1 }],
    env: ['2', { distribution: 'constant', tokens: 2 }],
    flag: ['exponential:9,2-80', { distribution: 'exponential', mean: 9, min: 2, max: 80 }],
  },
  tokenizer: {
    path: 'run.tokenizer',
    file: ['run: { tokenizer: t.json }', 'some/t.json'],
    env: ['u.json', 'u.json'],
    flag: ['/v.json', '/v.json'],
  },
  sessions: {
    path: 'load.sessions',
    file: ['load: { sessions: 1 }', 1],
    env: ['2', 2],
    flag: ['3k', 3000],
  },
  data: {
    path: 'workload.data.files',
    file: ['workload: { data: p.jsonl }', ['some/p.jsonl']],
    env: ['q.jsonl\n-', ['q.jsonl', '-']],
    flag: ['r.jsonl', ['r.jsonl']],
  },
  prompts: {
    path: 'workload.data.files.0',
    file: ['workload: { prompts: p.jsonl }', 'some/p.jsonl'],
    env: ['q.jsonl', 'q.jsonl'],
    flag: ['r.jsonl', 'r.jsonl'],
  },
  slo: {
    path: 'slo.0.text',
    file: ['slo: { ttft: 1s }', 'ttft <= 1s'],
    env: ['ttft<=2s', 'ttft <= 2s'],
    flag: ['ttft<=3s', 'ttft <= 3s'],
  },
  'slo-preset': {
    path: 'slo.0.preset',
    file: ['slo: { preset: distserve/opt-13b/chat }', 'distserve/opt-13b/chat'],
    env: ['distserve/opt-66b/code', 'distserve/opt-66b/code'],
    flag: ['distserve/opt-175b/chat', 'distserve/opt-175b/chat'],
  },
  gate: {
    path: 'gates.0.text',
    file: ['gates: [rps >= 1]', 'rps >= 1'],
    env: ['rps >= 2', 'rps >= 2'],
    flag: ['rps >= 3', 'rps >= 3'],
  },
  seed: { path: 'seed', file: ['seed: 1', 1], env: ['2', 2], flag: ['0', 0] },
  preconnect: {
    path: 'run.preconnect',
    file: ['run: { preconnect: 1 }', 1],
    env: ['2', 2],
    flag: ['1k', 1000],
  },
  workers: { path: 'run.workers', file: ['run: { workers: 1 }', 1], env: ['auto', 'auto'], flag: ['3', 3] },
  'timeout-connect': timeout('connect'),
  'timeout-headers': timeout('headers'),
  'timeout-first-token': timeout('firstToken'),
  'timeout-idle': timeout('idle'),
  'timeout-total': timeout('total'),
  cacert: tls('ca', ''),
  cert: tls('cert', 'key: k.pem, '),
  servername: tls('servername', '', ''),
  proxy: {
    path: 'endpoint.proxy',
    file: ['endpoint: { url: http://h/v1, proxy: http://a:1 }', 'http://a:1'],
    env: ['http://b:2', 'http://b:2'],
    flag: ['none', null],
  },
  'unix-socket': {
    path: 'endpoint.unixSocket',
    file: ['endpoint: { url: http://h/v1, unixSocket: /a.sock }', '/a.sock'],
    env: ['b.sock', 'b.sock'],
    flag: ['c.sock', 'c.sock'],
  },
  resolve: {
    path: 'endpoint.resolve',
    file: [
      'endpoint: { url: http://h/v1, resolve: ["H:80:10.0.0.1", "[::1]:1:[::2]"] }',
      [
        { host: 'h', port: 80, address: '10.0.0.1' },
        { host: '::1', port: 1, address: '::2' },
      ],
    ],
    env: ['h:80:10.0.0.2', [{ host: 'h', port: 80, address: '10.0.0.2' }]],
    flag: ['h:443:fe80::3', [{ host: 'h', port: 443, address: 'fe80::3' }]],
  },
  rounds: { path: 'rounds', file: ['rounds: 3', 3], env: ['4', 4], flag: ['5', 5] },
  tolerance: {
    path: 'comparing.tolerance',
    file: ['tolerance: 3%', 0.03],
    env: ['0.1', 0.1],
    flag: ['7.5%', 0.075],
  },
  'fail-on': {
    path: 'comparing.failOn',
    file: ['failOn: inconclusive', 'inconclusive'],
    env: ['never', 'never'],
    flag: ['worse', 'worse'],
  },
  decide: {
    path: 'comparing.decide',
    file: ['decide: [ttft p95, attainment]', [P95, ATTAINMENT]],
    env: ['attainment', [ATTAINMENT]],
    flag: ['attainment, ttft p95', [ATTAINMENT, P95]],
  },
  hardware: {
    path: 'hardware',
    file: [
      'hardware: { accelerator: l4, pricePerHour: 1 }',
      expect.objectContaining({ accelerator: 'l4', count: 1, pricePerHour: 1 }),
    ],
    env: ['l40s', expect.objectContaining({ accelerator: 'l40s', count: 1, pricePerHour: null })],
    flag: ['h100-sxm:4', expect.objectContaining({ accelerator: 'h100-sxm', count: 4 })],
  },
  telemetry: {
    path: 'telemetry',
    file: [
      'telemetry: [http://a:8000]',
      [{ target: 'http://a:8000/metrics', shown: 'http://a:8000/metrics' }],
    ],
    env: ['endpoint', [{ target: 'endpoint', shown: 'endpoint' }]],
    flag: [
      'http://u:pw@b/m?key=abc',
      [{ target: 'http://u:pw@b/m?key=abc', shown: 'http://***@b/m?key=***' }],
    ],
  },
  'telemetry-every': {
    path: 'run.telemetryEvery',
    file: ['run: { telemetryEvery: 2s }', 2000],
    env: ['500ms', 500],
    flag: ['3s', 3000],
  },
  'model-config': {
    path: 'model',
    file: [
      `model: { config: '${TINY_LLAMA}', weights: 1MB }`,
      expect.objectContaining({ weightBytes: 1e6, kvBytes: 2 }),
    ],
    env: [TINY_LLAMA, expect.objectContaining({ bytesPerWeight: 2, kvBytes: 2 })],
    flag: [`${TINY_LLAMA},weightBytes=1`, expect.objectContaining({ bytesPerWeight: 1, kvBytes: 2 })],
  },
  price: {
    path: 'price',
    file: ['price: { input: 1, output: 2, currency: EUR }', priceOf(1, 2, 'EUR')],
    env: ['input=3,output=4', priceOf(3, 4, 'USD')],
    flag: ['input=5,output=6,currency=JPY', priceOf(5, 6, 'JPY')],
  },
  out: { path: 'run.out', file: ['run: { out: a }', 'a'], env: ['b', 'b'], flag: ['c', 'c'] },
  name: { path: 'name', file: ['name: a', 'a'], env: ['b', 'b'], flag: ['c', 'c'] },
};

function priceOf(input: number, output: number, currency: string) {
  return { input, cachedInput: input, output, currency, per: 1e6 };
}

function timeout(name: string) {
  return {
    path: `endpoint.timeouts.${name}`,
    file: [`endpoint: { url: simulated, timeouts: { ${name}: 1s } }`, 1000] as [string, unknown],
    env: ['2s', 2000] as [string, unknown],
    flag: ['3s', 3000] as [string, unknown],
  };
}

/** `beside`: keys that it requires; `from`: the folder of the file's paths. */
function tls(name: string, beside: string, from = 'some/') {
  return {
    path: `endpoint.tls.${name}`,
    file: [`endpoint: { url: https://h/v1, tls: { ${beside}${name}: a } }`, `${from}a`] as [string, unknown],
    env: ['b', 'b'] as [string, unknown],
    flag: ['c', 'c'] as [string, unknown],
  };
}

/** Options that an option requires. */
const BESIDE: Readonly<Record<string, Record<string, string>>> = {
  burstiness: { GOODPUT_ARRIVALS: 'gamma' },
  speed: { GOODPUT_ARRIVALS: 'trace', GOODPUT_DATA: 't.csv' },
  from: { GOODPUT_ARRIVALS: 'trace', GOODPUT_DATA: 't.csv' },
};
/** The same for options without a variable. */
const BESIDE_FLAGS: Readonly<Record<string, Record<string, string>>> = { cert: { key: 'k.pem' } };

const steps = (path: string): (string | number)[] =>
  path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));

const withValue = RUN_OPTIONS.filter(
  ({ value, path, env }) => value !== null && path !== null && env !== null,
);

test.each(withValue)('--$name over $env over the file', ({ name, env, repeatable }) => {
  const { path, ...sources } = CASES[name]!;
  const flags = { [name]: repeatable ? [sources.flag[0]] : sources.flag[0] };
  const others = BESIDE_FLAGS[name] ?? {};
  const variables = { ...BESIDE[name], [env!]: sources.env[0] };
  const value = (...from: Parameters<typeof resolve>): unknown =>
    valueAt(resolve(...from).resolved.scenario, steps(path));
  expect(value(sources.file[0])).toEqual(sources.file[1]);
  expect(value(sources.file[0], others, variables)).toEqual(sources.env[1]);
  expect(value(null, others, variables)).toEqual(sources.env[1]);
  expect(value(sources.file[0], { ...others, ...flags })).toEqual(sources.flag[1]);
  expect(value(sources.file[0], { ...others, ...flags }, variables)).toEqual(sources.flag[1]);
});

const SWITCHES = [
  ['no-probe', 'probe', true],
  ['keep-text', 'keepText', false],
  ['strict', 'strict', false],
  ['fail-fast', 'failFast', false],
] as const;

test.each(SWITCHES)('--%s', (name, key, fallback) => {
  const variable = `GOODPUT_${name.toUpperCase().replace('-', '_')}`;
  const value = (...from: Parameters<typeof resolve>): boolean => resolve(...from).resolved.scenario.run[key];
  expect(value(null)).toBe(fallback);
  expect(value(`run: { ${key}: ${fallback} }`, { [name]: true })).toBe(!fallback);
  expect(value(null, {}, { [variable]: '1' })).toBe(!fallback);
  expect(value(null, {}, { [variable]: 'false' })).toBe(fallback);
  expect(value(`run: { ${key}: ${!fallback} }`)).toBe(!fallback);
});

test('each value has its source and position', () => {
  const text =
    'seed: 7\nload:\n  rate: 5/s\n  drain: 9s\nendpoint:\n  url: simulated\n  headers:\n    x-a: 1\n    x-b: 2\n';
  const { values } = resolve(text, { rate: '6/s', header: ['x-b: 3'] }, { GOODPUT_WARMUP: '4s' }).resolved;
  const of = (path: string) => values.find((value) => value.path === path);
  expect(of('seed')).toEqual({ path: 'seed', shown: '7', source: 'file', from: `${FILE}:1:7` });
  expect(of('load.rate')).toEqual({ path: 'load.rate', shown: '6/s', source: 'flag', from: '--rate' });
  expect(of('load.warmup')).toEqual({
    path: 'load.warmup',
    shown: '4s',
    source: 'environment',
    from: 'GOODPUT_WARMUP',
  });
  expect(of('load.drain')).toMatchObject({ source: 'file', from: `${FILE}:4:10` });
  expect(of('load.duration')).toEqual({ path: 'load.duration', shown: '60s', source: 'default', from: null });
  expect(of('endpoint.headers.x-a')).toMatchObject({ shown: '1', source: 'file', from: `${FILE}:8:10` });
  expect(of('endpoint.headers.x-b')).toMatchObject({ shown: '3', source: 'flag', from: '--header' });
});

test('one value in place of the only list of a sweep leaves one run, other lists stay', () => {
  const only = 'sweep: { rate: [1/s, 2/s], repeats: 3 }';
  expect(resolve(only, { rate: '5/s' }).resolved.scenario).toMatchObject({ sweep: null, load: { rate: 5 } });
  expect(resolve(only, {}, { GOODPUT_CONCURRENCY: '4' }).resolved.scenario).toMatchObject({
    sweep: null,
    load: { rate: null, concurrency: 4 },
  });
  const both = 'sweep: { rate: [1/s, 2/s], input: [8, 16], repeats: 3 }';
  expect(resolve(both, { rate: '5/s' }).resolved.scenario).toMatchObject({
    sweep: { rate: [], input: [{ tokens: 8 }, { tokens: 16 }], repeats: 3 },
    load: { rate: 5 },
  });
  expect(resolve(both, { rate: '5/s', 'input-tokens': '9' }).resolved.scenario.sweep).toBeNull();
  expect(resolve(only, { url: 'http://a/v1' }).resolved.scenario.sweep).toMatchObject({ rate: [1, 2] });
});

test('a flag replaces its counterpart in the file and the keys that depend on it', () => {
  const load = (...from: Parameters<typeof resolve>) => resolve(...from).resolved.scenario.load;
  const open = 'load: { rate: 5/s, arrivals: constant, maxConcurrency: 9, clock: sent, duration: 5s }';
  expect(load(open, { concurrency: '4' })).toMatchObject({
    rate: null,
    concurrency: 4,
    maxConcurrency: null,
  });
  expect(load('load: { concurrency: 4, requests: 5 }', { rate: '2/s' })).toMatchObject({
    rate: 2,
    concurrency: null,
    requests: 5,
  });
  expect(load(open, { requests: '7' })).toMatchObject({ duration: null, requests: 7 });
  expect(load('load: { requests: 5 }', {}, { GOODPUT_DURATION: '3s' })).toMatchObject({
    duration: 3000,
    requests: null,
  });
  expect(load(null, { rate: '3/s' }, { GOODPUT_CONCURRENCY: '4' })).toMatchObject({
    rate: 3,
    concurrency: null,
  });
  const ramp = 'load: { stages: [{ from: 0/s, to: 60/min, for: 5s }, { at: 2, for: 500ms }] }';
  const stages = [
    { from: 0, to: 1, for: 5000 },
    { from: 2, to: 2, for: 500 },
  ];
  expect(load(ramp)).toMatchObject({ rate: null, stages, duration: 5500, requests: null });
  expect(load(ramp, { rate: '3/s' })).toMatchObject({ rate: 3, stages: null, duration: 60_000 });
  expect(load(ramp, { concurrency: '3' })).toMatchObject({ rate: null, stages: null, concurrency: 3 });
  const bursty = 'load: { arrivals: gamma, burstiness: 0.5 }';
  expect(load(bursty, { arrivals: 'constant' })).toMatchObject({ arrivals: 'constant', burstiness: null });
  expect(load(bursty, { arrivals: 'gamma' })).toMatchObject({ arrivals: 'gamma', burstiness: 0.5 });
  expect(load(bursty, { concurrency: '3' })).toMatchObject({ burstiness: null, concurrency: 3 });

  const workload = (...from: Parameters<typeof resolve>) => resolve(...from).resolved.scenario.workload;
  expect(workload('workload: { input: 5, prefix: { tokens: 2 } }', { prompts: 'p' })).toMatchObject({
    data: { files: ['p'] },
    prefix: null,
  });
  for (const source of ['prompts: p', 'data: p', 'data: { file: p, order: file }'])
    expect(workload(`workload: { ${source} }`, { 'input-tokens': '5' })).toMatchObject({
      data: null,
      input: { tokens: 5 },
    });
  expect(
    workload('workload: { data: { file: p, order: file, take: 3 } }', { data: ['q', 'r'] }),
  ).toMatchObject({
    data: { files: ['q', 'r'], order: 'file', take: 3 },
  });

  const simulated = 'endpoint: simulated\nsimulator: { preset: tiny }';
  expect(resolve(simulated, { url: 'http://h/v1' }).resolved.scenario.endpoint.simulated).toBe(false);
  expect(
    resolve('endpoint: { url: http://h/v1 }', { url: 'simulated' }).resolved.scenario.endpoint.simulated,
  ).toBe(true);
});

test('flags add to the endpoint of a file, even if it is one word', () => {
  const { endpoint } = resolve('endpoint: simulated', { api: 'completions', body: ['a=1', '{"b":2}'] })
    .resolved.scenario;
  expect(endpoint).toMatchObject({ simulated: true, url: null, api: 'completions', body: { a: 1, b: 2 } });
  const referred = resolve('endpoint: ${EP}', { api: 'completions' }, { EP: 'simulated' }).resolved.scenario
    .endpoint;
  expect(referred).toMatchObject({ simulated: true, api: 'completions' });
});

test('without file and URL: the simulated endpoint, open loop, and enough requests for a p99', () => {
  const { scenario } = resolve(null).resolved;
  expect(scenario.endpoint).toMatchObject({ simulated: true, url: null });
  expect(scenario.load).toEqual({
    arrivals: 'poisson',
    burstiness: null,
    rate: 2,
    stages: null,
    concurrency: null,
    speed: 1,
    from: 0,
    spread: true,
    maxConcurrency: null,
    clock: 'planned',
    warmup: 10_000,
    duration: 60_000,
    requests: null,
    sessions: null,
    drain: 60_000,
  });
  expect((scenario.load.rate! * scenario.load.duration!) / 1000).toBeGreaterThanOrEqual(100);
});

test('the name comes from the file, the host, or the simulated endpoint', () => {
  const name = (...from: Parameters<typeof resolve>): string => resolve(...from).resolved.scenario.name;
  expect(name('')).toBe('chat');
  expect(name(null, { url: 'https://api.example.com/v1' })).toBe('api.example.com');
  expect(name(null, { url: 'http://[::1]:80/v1' })).toBe('1');
  expect(name(null)).toBe('simulated');
});

test('unknown GOODPUT_ variables are reported', () => {
  const { warnings } = resolve(null, {}, { GOODPUT_RAET: '5/s', GOODPUT_RATE: '', OTHER: 'x' });
  expect(warnings).toEqual([expect.stringMatching(/GOODPUT_RAET.*did you mean GOODPUT_RATE\?/)]);
});

test('a URL without /v1 is a warning, not a mistake', () => {
  const doubts = (url: string): number => resolve(null, { url }).warnings.length;
  expect(['http://h', 'http://h:8000/', 'http://h/api'].map(doubts)).toEqual([1, 1, 1]);
  expect(['http://h/v1', 'http://h/api/v4/', 'http://h/openai/v1?x=1'].map(doubts)).toEqual([0, 0, 0]);
});

test('a path can be appended to every URL', () => {
  const url = (given: string): string | null => resolve(null, { url: given }).resolved.scenario.endpoint.url;
  expect(url('http://h:8000/v1/')).toBe('http://h:8000/v1');
  expect(url('HTTP://H//')).toBe('http://h');
  expect(url('http://h/v1#part')).toBe('http://h/v1');
});

test('--key has no variable, because GOODPUT_KEY could be mistaken for the API key', () => {
  const { resolved, warnings } = resolve(null, {}, { GOODPUT_KEY: 'sk-12345678' });
  expect(resolved.scenario.endpoint.tls.key).toBeNull();
  expect(warnings).toEqual([expect.stringMatching(/unknown .*GOODPUT_KEY/)]);
  expect(JSON.stringify([resolved, warnings])).not.toContain('sk-1234');
  const flags = { url: 'https://h/v1', cert: 'c.pem', key: 'k.pem' };
  expect(resolve(null, flags).resolved.scenario.endpoint.tls).toMatchObject({ cert: 'c.pem', key: 'k.pem' });
});

test('--url is repeated for replicas and replaces those of the file', () => {
  const urls = (...from: Parameters<typeof resolve>): unknown => {
    const { url, replicas } = resolve(...from).resolved.scenario.endpoint;
    return [url, ...replicas];
  };
  const file = 'endpoint: { url: http://a/v1, replicas: [http://b/v1/, http://c/v1] }';
  expect(urls(file)).toEqual(['http://a/v1', 'http://b/v1', 'http://c/v1']);
  expect(urls(file, { url: ['http://d/v1', 'http://e/v1'] })).toEqual(['http://d/v1', 'http://e/v1']);
  expect(urls(file, { url: ['http://d/v1'] })).toEqual(['http://d/v1']);
  expect(urls(file, { url: 'simulated' })).toEqual([null]);
  expect(urls(null, {}, { GOODPUT_URL: 'http://d/v1\nhttp://e/v1' })).toEqual(['http://d/v1', 'http://e/v1']);
});

test('a key from the environment is not sent to replicas on another origin', () => {
  const key = (url: string[]): string | null =>
    resolve(null, { url }, { OPENAI_API_KEY: 'sk-12345' }).resolved.scenario.endpoint.apiKey;
  expect(key(['https://api.openai.com/v1'])).toBe('sk-12345');
  expect(key(['https://api.openai.com/v1', 'https://api.openai.com/v1'])).toBe('sk-12345');
  expect(key(['https://api.openai.com/v1', 'https://elsewhere.example/v1'])).toBeNull();
});

test('--http2 is a switch of the endpoint', () => {
  const value = (...from: Parameters<typeof resolve>): boolean =>
    resolve(...from).resolved.scenario.endpoint.http2;
  expect(value('endpoint: { url: https://h/v1 }')).toBe(false);
  expect(value('endpoint: { url: https://h/v1, http2: true }')).toBe(true);
  expect(value(null, { http2: true, url: 'https://h/v1' })).toBe(true);
  expect(value(null, {}, { GOODPUT_HTTP2: '1', GOODPUT_URL: 'https://h/v1' })).toBe(true);
});

test.each(['insecure'] as const)('--%s is a switch of TLS', (name) => {
  const value = (...from: Parameters<typeof resolve>): boolean =>
    resolve(...from).resolved.scenario.endpoint.tls[name];
  expect(value(null)).toBe(false);
  expect(value(null, { [name]: true, url: 'https://h/v1' })).toBe(true);
  expect(value('endpoint: { url: https://h/v1, tls: { insecure: true } }')).toBe(true);
});
