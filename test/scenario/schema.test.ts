import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../../src/metrics/registry.ts';
import { SCENARIO_KEYS } from '../../src/scenario/keys/keys.ts';
import { RUN_OPTIONS } from '../../src/scenario/keys/option-table.ts';
import { scenarioSchema } from '../../src/scenario/keys/schema.ts';
import { DIALECT_NAMES, PRESET_NAMES } from '../../src/scenario/keys/simulator-keys.ts';
import { DIALECTS } from '../../src/simulator/api/stream-dialect.ts';
import { DEFAULT_BATCHING, PRESETS } from '../../src/simulator/index.ts';
import { scenarioJsonSchema } from '../../tools/docs/scenario.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { resolve } from './resolving.ts';

type Json = Record<string, unknown>;

const SCHEMA: Json = JSON.parse(scenarioJsonSchema());

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES: Record<string, (value: unknown) => boolean> = {
  object: isMap,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
};

/** The part of JSON Schema that the scenario's schema uses. An unknown keyword is an error, so that none is ignored. */
const KEYWORDS: Record<string, (value: unknown, rule: unknown, schema: Json) => boolean> = {
  type: (value, rule) => [rule].flat().some((type) => TYPES[String(type)]!(value)),
  properties: (value, rule) =>
    !isMap(value) ||
    Object.entries(rule as Json).every(
      ([key, below]) => !(key in value) || matches(value[key], below as Json),
    ),
  required: (value, rule) => !isMap(value) || (rule as string[]).every((key) => key in value),
  additionalProperties: (value, rule, schema) => {
    if (!isMap(value)) return true;
    const others = Object.keys(value).filter((key) => !(key in ((schema['properties'] ?? {}) as Json)));
    return rule === false ? others.length === 0 : others.every((key) => matches(value[key], rule as Json));
  },
  items: (value, rule) => !Array.isArray(value) || value.every((each) => matches(each, rule as Json)),
  anyOf: (value, rule) => (rule as Json[]).some((each) => matches(value, each)),
  minItems: (value, rule) => !Array.isArray(value) || value.length >= (rule as number),
  oneOf: (value, rule) => (rule as Json[]).filter((each) => matches(value, each)).length === 1,
  enum: (value, rule) => (rule as unknown[]).includes(value),
  const: (value, rule) => value === rule,
  pattern: (value, rule) => typeof value !== 'string' || new RegExp(rule as string, 'u').test(value),
  minLength: (value, rule) => typeof value !== 'string' || value.length >= (rule as number),
  minimum: (value, rule) => typeof value !== 'number' || value >= (rule as number),
  exclusiveMinimum: (value, rule) => typeof value !== 'number' || value > (rule as number),
  exclusiveMaximum: (value, rule) => typeof value !== 'number' || value < (rule as number),
  maximum: (value, rule) => typeof value !== 'number' || value <= (rule as number),
};
const NOTES = new Set(['$schema', '$id', 'title', 'description', 'examples', 'default']);

function matches(value: unknown, schema: Json): boolean {
  return Object.entries(schema).every(
    ([keyword, rule]) => NOTES.has(keyword) || KEYWORDS[keyword]!(value, rule, schema),
  );
}

const scenarios = readdirSync('scenarios').filter((name) => name.endsWith('.yaml'));

test.each(scenarios)('scenarios/%s resolves without a warning and matches the JSON Schema', (name) => {
  const path = `scenarios/${name}`;
  const text = readFileSync(path, 'utf8');
  expect(matches(parse(text), SCHEMA)).toBe(true);
  const { resolved, warnings } = resolveScenario({ file: { path, text }, env: {}, flags: {} });
  expect(warnings).toEqual([]);
  expect(resolved.scenario.name).toBe(name.replace('.yaml', ''));
  expect(resolved.scenario.endpoint.simulated).toBe(true);
  // One only sets the start of latencies, one only ranks, and a batch has no latencies.
  const decidesNothing = ['batch.yaml', 'coordinated-omission.yaml', 'providers.yaml'].includes(name);
  expect(resolved.scenario.gates.length > 0).toBe(!decidesNothing);
});

test('the first run takes about 20 seconds', () => {
  const { load } = resolve(readFileSync('scenarios/first-run.yaml', 'utf8')).resolved.scenario;
  const seconds = (load.warmup + load.duration! + load.drain) / 1000;
  expect(load.duration! * load.rate!).toBeGreaterThanOrEqual(100_000);
  expect(seconds).toBeGreaterThanOrEqual(15);
  expect(seconds).toBeLessThanOrEqual(25);
});

/** Single values of a key: the schema of the code and that of editors agree. */
const VALUES: readonly [string, unknown, boolean][] = [
  ...['200ms', '1.5s', '1m30s', '2 h', '500us', '+1s', '1e3ms', '0'].map(
    (each): [string, unknown, boolean] => ['load.drain', each, true],
  ),
  ...[5, '5', 'ms', '5 parsecs', true, [], 's5'].map((each): [string, unknown, boolean] => [
    'load.drain',
    each,
    false,
  ]),
  ['load.drain', 0, true],
  ['load.duration', 0, false],
  ...['5/s', '300/min', '.5/s', '1000/h', 5, 0.5, '7'].map((each): [string, unknown, boolean] => [
    'load.rate',
    each,
    true,
  ]),
  ...[0, -1, '5/y', '/s', ['1/s'], {}].map((each): [string, unknown, boolean] => ['load.rate', each, false]),
  ...[1, '10k', '1_000', '2M'].map((each): [string, unknown, boolean] => ['load.requests', each, true]),
  ...[0, 1.5, 'many', true].map((each): [string, unknown, boolean] => ['load.requests', each, false]),
  ['load.stages', [{ from: '0/s', to: 5, for: '1m' }], true],
  [
    'load.stages',
    [
      { at: '30/min', for: '1m' },
      { from: 5, to: '0/s', for: '1m' },
    ],
    true,
  ],
  ['load.stages', [], false],
  ['load.stages', [{ from: '1/s', for: '1m' }], false],
  ['load.stages', [{ from: 1, to: 2, at: 3, for: '1m' }], false],
  ['load.stages', [{ at: '1/s' }], false],
  ['load.stages', [{ at: -1, for: '1m' }], false],
  ['load.burstiness', 0.25, true],
  ['load.burstiness', 0, false],
  ['run.workers', 'auto', true],
  ['run.workers', 3, true],
  ['run.workers', 'many', false],
  ['endpoint', 'simulated', true],
  ['endpoint', 'else', false],
  ['endpoint', {}, false],
  ['endpoint.api', 'chat', true],
  ['endpoint.api', 'messages', true],
  ['endpoint.api', 'embeddings', false],
  ['run.probe', false, true],
  ['run.probe', 'no', false],
  ['workload.input', 512, true],
  ['workload.input', { tokens: 5 }, true],
  ['workload.input', { token: 5 }, false],
  ['workload.input', { distribution: 'normal', mean: 5, stddev: 1 }, true],
  ['workload.input', { distribution: 'cauchy' }, false],
  ['slo', { ttft: '200ms', user_tps: 20 }, true],
  ['slo', { preset: 'mlperf/llama3.1-8b/interactive', e2e: '9s' }, true],
  ['slo', { preset: 'mlperf/llama' }, false],
  ['slo', { preset: 5 }, false],
  ['slo', { itl: '200ms' }, false],
  ['slo', { ttft: 200 }, false],
  ['slo', 'ttft<=200ms', true],
  ['gates', ['attainment >= 90%'], true],
  ['gates', [5], false],
  ['nonsense', 1, false],
];

test.each(VALUES)('%s: %j, valid: %s', (path, value, valid) => {
  const tree: Json = {};
  const steps = path.split('.');
  if (steps[0] === 'endpoint' && steps.length > 1) tree['endpoint'] = { url: 'simulated' };
  let map = tree;
  for (const step of steps.slice(0, -1)) map = (map[step] ??= {}) as Json;
  map[steps.at(-1)!] = value;
  expect({ code: scenarioSchema.safeParse(tree).success, editor: matches(tree, SCHEMA) }).toEqual({
    code: valid,
    editor: valid,
  });
});

/** Keys that a section must have. */
const REQUIRED_BESIDE: Readonly<Record<string, Json>> = {
  hardware: { accelerator: 'h100-sxm' },
  model: { config: {} },
  price: { input: 1, output: 2 },
};

test.each(SCENARIO_KEYS)(
  '$path is described, and its default is one that it takes',
  ({ path, description, fallback }) => {
    expect(description).toMatch(/\S.*\.$/s);
    if (fallback === undefined) return;
    const tree: Json = path
      .split('.')
      .reduceRight<unknown>((value, step) => ({ [step]: value }), fallback) as Json;
    if (isMap(tree['endpoint'])) tree['endpoint']['url'] = 'simulated';
    if (path.startsWith('workload.data.'))
      (tree['workload'] as Json)['data'] = { file: 'p', [path.split('.').at(-1)!]: fallback };
    if (path === 'workload.prefix.groups') tree['workload'] = { prefix: { tokens: 1, groups: fallback } };
    const [section = ''] = path.split('.');
    if (Object.hasOwn(REQUIRED_BESIDE, section))
      Object.assign(tree[section] as Json, REQUIRED_BESIDE[section]);
    expect(scenarioSchema.safeParse(tree).success).toBe(true);
  },
);

test('every option sets an existing key, or belongs to the output or a comparison', () => {
  const paths = new Set(SCENARIO_KEYS.map(({ path }) => path));
  const astray = RUN_OPTIONS.filter(({ path }) => path !== null && !paths.has(path));
  expect(astray).toEqual([]);
  expect(RUN_OPTIONS.filter(({ path }) => path === null).map(({ name }) => name)).toEqual([
    'against',
    'slo-grid',
    'rank',
    'meet',
    'meet-timeout',
    'format',
    'output',
    'events',
    'push-otlp',
    'audit-truth',
    'require-endpoint',
    'json',
    'quiet',
    'no-color',
    'plots',
  ]);
});

/** Their examples need a variable or a file. */
const NOT_ALONE = ['api-key-env', 'model-config'];
const EXAMPLES = RUN_OPTIONS.filter(({ name, example }) => example !== null && !NOT_ALONE.includes(name));

test.each(EXAMPLES)('the example of --$name is valid', ({ name, example, repeatable }) => {
  const openLoop = name === 'max-concurrency' || name === 'arrivals' ? { rate: '1/s' } : {};
  const beside =
    name === 'burstiness'
      ? { arrivals: 'gamma' }
      : name === 'speed' || name === 'from'
        ? { arrivals: 'trace', data: ['t.csv'] }
        : name === 'cert'
          ? { key: 'k.pem' }
          : name === 'key'
            ? { cert: 'c.pem' }
            : {};
  expect(() =>
    resolve(null, { [name]: repeatable ? [example!] : example!, ...openLoop, ...beside }),
  ).not.toThrow();
});

test("the schema's SLO metrics are the registry's", () => {
  const slo = (SCHEMA['properties'] as Json)['slo'] as { anyOf: [{ properties: Json }] };
  const judged = METRICS.filter(({ kind, better }) => kind === 'request' && better !== null);
  expect(Object.keys(slo.anyOf[0].properties)).toEqual(['preset', ...judged.map(({ name }) => name)]);
});

test("the names of presets are the simulator's, and so are their kinds of cost", () => {
  expect(PRESET_NAMES).toEqual(PRESETS.map(({ name }) => name));
  for (const { name, cost } of PRESETS) {
    const other = cost.kind === 'linear' ? 'params: 1' : 'base: 1';
    const own = cost.kind === 'linear' ? 'base: 1' : 'params: 1';
    expect(resolve(`simulator: { preset: ${name}, cost: { ${own} } }`).resolved.scenario.simulator).toEqual({
      preset: name,
      engine: {},
      cost: own.startsWith('base') ? { base: 1 } : { params: 1 },
      dialect: 'openai',
      naturalLength: null,
      faults: [],
    });
    expect(() => resolve(`simulator: { preset: ${name}, cost: { ${other} } }`)).toThrow(
      'another kind of cost',
    );
  }
});

test("the names of dialects are the simulator's", () => {
  expect(DIALECT_NAMES).toEqual(Object.keys(DIALECTS));
});

test("the scheduler's keys are the engine's", () => {
  const schema = (SCHEMA['properties'] as Json)['simulator'] as {
    properties: { engine: { properties: Json } };
  };
  expect(Object.keys(schema.properties.engine.properties)).toEqual(
    expect.arrayContaining(Object.keys(DEFAULT_BATCHING)),
  );
  expect(Object.keys(schema.properties.engine.properties)).toHaveLength(Object.keys(DEFAULT_BATCHING).length);
});

test('a complete cost replaces the default preset, a partial one does not', () => {
  const simulator = (text: string) => resolve(text).resolved.scenario.simulator;
  expect(simulator('simulator: { engine: { maxNumSeqs: 2 } }')).toMatchObject({
    preset: 'llama-3.1-8b-h100',
    engine: { maxNumSeqs: 2 },
  });
  expect(simulator('simulator: { cost: { mfu: 0.4 } }')).toMatchObject({ preset: 'llama-3.1-8b-h100' });
  expect(simulator('simulator: { cost: { kind: linear, base: 2k } }')).toEqual({
    preset: null,
    engine: {},
    cost: { kind: 'linear', base: 2000 },
    dialect: 'openai',
    naturalLength: null,
    faults: [],
  });
  expect(
    simulator(
      'simulator: { preset: tiny, cost: { kind: roofline, params: 8e9, weightBytes: 16e9, peakFlops: 1e15, peakBandwidth: 3e12 } }',
    ),
  ).toMatchObject({ preset: 'tiny', cost: { kind: 'roofline' } });
});
