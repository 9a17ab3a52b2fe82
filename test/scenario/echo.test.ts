import { expect, test } from 'vitest';
import { scenarioFromEcho } from '../../src/scenario/echo.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import { resolve } from './resolving.ts';

/** The run folder stores the echo as JSON. */
const rebuilt = (
  text: string | null,
  flags: Flags = {},
  env: Record<string, string> = {},
): [Scenario, Scenario] => {
  const { scenario, echo } = resolve(text, flags, env).resolved;
  return [scenarioFromEcho(JSON.parse(JSON.stringify(echo))), scenario];
};

test.each([
  [null, {}],
  ['seed: 9\nload: { concurrency: 4, requests: 10k }\nworkload: { output: uniform:1-9 }', {}],
  [
    'load: { rate: 300/min, duration: 1234.567ms, maxConcurrency: 3, clock: sent }\nslo: ttft<=0.2s,tpot<=9ms',
    {},
  ],
  [
    'workload: { prompts: p.jsonl }\ngates: attainment>=90%',
    { 'output-tokens': 'lognormal:9,2', workers: '3' },
  ],
  [
    'load: { arrivals: gamma, stages: [{ from: 0/s, to: 90/min, for: 1m }, { at: 2, for: 10s }] }',
    { burstiness: '0.5', workers: 'auto' },
  ],
  [
    'simulator: { preset: tiny, engine: { maxNumSeqs: 3, prefixCaching: false }, cost: { base: 500 } }\nworkload: { input: { distribution: normal, mean: 900, stddev: 5 }, prefix: { tokens: 7 } }',
    {},
  ],
  ['rounds: 3\ntolerance: 3%\ndecide: [ttft p95, attainment]', { 'fail-on': 'never' }],
  [
    'slo: { ttft: 1s, user_tps: 5 }',
    { gate: ['ttft p99<=1s', 'rps>=1'], rate: '3', 'no-probe': true, 'keep-text': true },
  ],
  [
    'simulator: { engine: { kvBlocks: 20k }, cost: { kind: linear, base: 9000, contextToken: 0.05 } }',
    { rate: '3' },
  ],
] as const)('a simulated scenario is the same again: %j %j', (text, flags) => {
  const [again, first] = rebuilt(text, flags);
  expect(again).toEqual(first);
});

test('everything but secrets of a real endpoint is restored', () => {
  const text = `endpoint:
  url: \${BASE}
  apiKey: \${KEY}
  headers: { x-a: "\${KEY}" }
  body: { a: 1 }
  timeouts: { total: 1m }
load: { rate: "\${RATE}" }
name: "\${NAME}"
`;
  const [again, first] = rebuilt(
    text,
    {},
    { BASE: 'http://h/v1', KEY: 'sk-123456', RATE: '7/s', NAME: 'nightly' },
  );
  const { endpoint, ...rest } = again;
  const { endpoint: original, ...others } = first;
  expect(rest).toEqual(others);
  expect(rest).toMatchObject({ name: 'nightly', load: { rate: 7 } });
  expect(endpoint).toEqual({ ...original, url: '${BASE}', apiKey: null, headers: {}, secrets: [] });
});

test('the echo has the keys and units of the file, with the defaults', () => {
  const { echo } = resolve('load: { rate: 300/min }\nslo: { ttft: 200ms }', {
    requests: '50',
    'input-tokens': '7',
  }).resolved;
  expect(echo).toMatchObject({
    name: 'chat',
    seed: 42,
    endpoint: { url: 'simulated', api: 'chat', timeouts: { connect: '10s', total: '15m' } },
    workload: { input: 7, output: { tokens: 128 } },
    load: { rate: '300/min', requests: 50, warmup: '10s', drain: '60s' },
    slo: { ttft: '200ms' },
    run: { workers: 1, probe: true },
  });
  expect(echo).not.toHaveProperty('load.duration');
  expect(resolve('endpoint: { url: http://h/v1 }').resolved.echo).not.toHaveProperty('simulator');
});

test('an echo written out as a file is the scenario again', () => {
  const { scenario, echo } = resolve(
    'load: { concurrency: 3 }\nworkload: { output: "normal:50,5,1-90" }',
  ).resolved;
  expect(resolve(JSON.stringify(echo)).resolved.scenario).toEqual(scenario);
});

test('a run whose endpoint has keys of an earlier version can be read', () => {
  const { scenario, echo } = resolve('load: { rate: 3/s }').resolved;
  const again = scenarioFromEcho({ ...echo, simulator: { ttftBase: '40ms', tpot: '12ms' } });
  expect(again).toEqual({
    ...scenario,
    simulator: { preset: null, engine: {}, cost: {}, dialect: 'openai', naturalLength: null, faults: [] },
  });
});

test('an unreadable echo is reported as one of another version', () => {
  expect(() => scenarioFromEcho({ load: { rate: '5/s' }, warp: 9 })).toThrow(
    /^run\.json: scenario\.warp: unknown key/,
  );
});
