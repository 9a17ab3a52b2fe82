import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { planCommand } from '../../src/cli/handlers/plan.ts';
import { planSize } from '../../src/plan/plan-size.ts';
import { planPhases } from '../../src/cli/handlers/plan-text.ts';
import { planRequests } from '../workload/single-requests.ts';
import { dataOf, singleTurn } from '../workload/data-sessions.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import { fakeConsole } from './console.ts';

const folder = mkdtempSync(join(tmpdir(), 'goodput-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const scenarioOf = (flags: Flags): Scenario =>
  resolveScenario({ file: null, env: {}, flags }).resolved.scenario;

test('constant arrivals, counted by hand', () => {
  // At 4/s an arrival every 250 ms from 0: 8 in [0, 2 s), 12 in [2 s, 5 s).
  const scenario = scenarioOf({
    rate: '4/s',
    arrivals: 'constant',
    warmup: '2s',
    duration: '3s',
    'input-tokens': '100',
    'output-tokens': '10',
  });
  expect(planSize(scenario, null)).toEqual({
    sessions: null,
    requests: { warmup: 8, measure: 12 },
    tokens: { input: 2000, output: 200 },
    perRequest: { input: 100, output: 10 },
  });
});

test.each([
  {
    rate: '50/s',
    warmup: '3s',
    duration: '20s',
    'input-tokens': 'lognormal:200,90,16-900',
    'output-tokens': 'exponential:40',
  },
  { rate: '7/s', warmup: '1s', requests: '200', 'input-tokens': 'uniform:10-90', seed: '9' },
])('Poisson arrivals and drawn lengths are what the plan itself would send: %j', (flags) => {
  const scenario = scenarioOf(flags);
  const size = { requests: { warmup: 0, measure: 0 }, tokens: { input: 0, output: 0 } };
  for (const { phase, input, output } of planRequests(scenario)) {
    size.requests[phase!]++;
    size.tokens.input += input!;
    size.tokens.output += output;
  }
  expect(planSize(scenario, null)).toMatchObject(size);
});

test('closed loop: only what can be known', () => {
  const size = (flags: Flags) =>
    planSize(scenarioOf({ concurrency: '4', 'input-tokens': '9', 'output-tokens': '2', ...flags }), null);
  const perRequest = { input: 9, output: 2 };
  const unknown = { input: null, output: null };
  expect(size({ duration: '5s' })).toEqual({
    sessions: null,
    requests: { warmup: null, measure: null },
    tokens: unknown,
    perRequest,
  });
  expect(size({ requests: '50' })).toEqual({
    sessions: null,
    requests: { warmup: null, measure: 50 },
    tokens: unknown,
    perRequest,
  });
  expect(size({ requests: '50', warmup: '0' })).toEqual({
    sessions: null,
    requests: { warmup: 0, measure: 50 },
    tokens: { input: 450, output: 100 },
    perRequest,
  });
});

test('a prompt file brings its own input and may bring its output', () => {
  const scenario = scenarioOf({
    rate: '2/s',
    arrivals: 'constant',
    warmup: '0',
    requests: '4',
    prompts: 'p',
    'output-tokens': '10',
  });
  const entry = (output_tokens: number | null) => singleTurn({ output_tokens });
  // Each of the two comes twice in four.
  expect(planSize(scenario, dataOf(entry(3), entry(null)))).toEqual({
    sessions: null,
    requests: { warmup: 0, measure: 4 },
    tokens: { input: null, output: 26 },
    perRequest: { input: null, output: 6.5 },
  });
});

const phasesOf = (scenario: Scenario) =>
  planPhases({
    scenario,
    size: planSize(scenario, scenario.workload.data === null ? null : dataOf(singleTurn({}))),
  });

test('the phases, a sentence each', () => {
  const said = (flags: Flags): Record<string, string> =>
    Object.fromEntries(phasesOf(scenarioOf(flags)).map(({ name, text }) => [name, text]));
  expect(
    said({
      slo: ['ttft<=200ms,tpot<=9ms'],
      gate: ['rps>=1', 'attainment>=90%'],
      'max-concurrency': '5',
      rate: '30/min',
    }),
  ).toEqual({
    preflight: 'A few requests learn which fields this endpoint takes, and how many tokens a word is.',
    'warm-up': '10s of requests: open loop, Poisson 30/min, at most 5 in flight; they are not judged.',
    measure:
      '1m of requests: open loop, Poisson 30/min, at most 5 in flight; good are those with ttft <= 200ms and tpot <= 9ms, and 2 gates decide.',
    drain: 'Nothing new is sent; requests in flight are followed for up to 1m, then cut.',
  });
  expect(
    said({ concurrency: '2', requests: '1', warmup: '0', drain: '0', 'no-probe': true, gate: ['rps>=1'] }),
  ).toEqual({
    measure: '1 request: closed loop, 2 in flight; every success is good, and 1 gate decides.',
    drain: 'Requests still in flight are cut at once.',
  });
  expect(said({ prompts: 'p' })['preflight']).toBe('A few requests learn which fields this endpoint takes.');
  expect(said({ arrivals: 'gamma', burstiness: '0.25' })['measure']).toMatch(
    /^1m of requests: open loop, gamma \(burstiness 0.25\) 2\/s;/,
  );
});

test('stages, a sentence each', () => {
  const text = 'load:\n  stages:\n    - { from: 1/s, to: 20/s, for: 60s }\n    - { at: 20/s, for: 60s }\n';
  const { scenario } = resolveScenario({ file: { path: 'a.yaml', text }, env: {}, flags: {} }).resolved;
  // (1 + 20)/2 · 60 = 630.
  expect(phasesOf(scenario).slice(1, -1)).toEqual([
    { name: 'warm-up', text: '10s of requests: open loop, Poisson 1/s; they are not judged.' },
    {
      name: 'measure',
      text: '2m of requests: open loop, Poisson 1/s to 20/s over 1m, then 20/s for 1m; every success is good, and no gate decides.',
    },
    { name: 'stage 1', text: '1/s to 20/s over 1m: 630 requests are expected.' },
    { name: 'stage 2', text: '20/s for 1m: 1200 requests are expected.' },
  ]);
});

/** The cells of a plan's rows; a source that is too long for its column is in the line below. */
const rowsOf = (lines: readonly string[]): string[][] =>
  lines
    .join('\n')
    .replaceAll(/\n {4}(?=file )/g, '  ')
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

test('the text shows every value with its source, and no colour', async () => {
  const io = fakeConsole({ GOODPUT_DRAIN: '7s' });
  const path = file('chat.yaml', 'load:\n  rate: 3/s\n  duration: 10s\n  warmup: 0\n  arrivals: constant\n');
  expect(await planCommand(path, { seed: '5' }, io)).toBe(0);
  const lines = io.out().split('\n');
  const rows = rowsOf(lines);
  const row = (key: string): string[] => rows.find(([first]) => first === key)!;
  expect(lines[0]).toBe('Plan of chat, against the embedded simulated endpoint. Nothing was sent.');
  expect(row('requests')).toEqual(['requests', '30 requests, all measured']);
  expect(row('tokens')).toEqual(['tokens', '15,360 in, 512 a request; 3840 out, 128 a request']);
  expect(row('load.rate')).toEqual(['load.rate', '3/s', `file ${path}:2:9`]);
  expect(row('load.drain')).toEqual(['load.drain', '7s', 'environment GOODPUT_DRAIN']);
  expect(row('seed')).toEqual(['seed', '5', 'flag --seed']);
  expect(row('load.clock')).toEqual(['load.clock', 'planned', 'default']);
  expect(io.out()).not.toContain('\u001B');
  expect(io.err()).toBe('');
});

test('what auto makes of the workers is shown, since it depends on the machine', async () => {
  const text = async (workers: string): Promise<string> => {
    const io = fakeConsole();
    await planCommand(null, { workers, rate: '3/s', 'no-probe': true }, io);
    return io.out();
  };
  expect(await text('auto')).toMatch(/^ {2}workers +1 on this machine$/m);
  expect(await text('2')).not.toContain('on this machine');
});

test('--json is one document with the same facts', async () => {
  const io = fakeConsole();
  await planCommand(
    null,
    { json: true, rate: '3/s', duration: '10s', warmup: '0', arrivals: 'constant' },
    io,
  );
  const document = JSON.parse(io.out());
  expect(document).toMatchObject({
    schemaVersion: 1,
    scenario: { endpoint: { url: 'simulated' }, load: { rate: '3/s' } },
    requests: { warmup: 0, measure: 30 },
    tokens: { input: 15_360, output: 3840 },
  });
  expect(document.phases.map(({ name }: { name: string }) => name)).toEqual([
    'preflight',
    'measure',
    'drain',
  ]);
  expect(document.values).toContainEqual({ path: 'load.rate', shown: '3/s', source: 'flag', from: '--rate' });
});

const ENDPOINTS = `endpoints:
  - { name: blue, url: "http://blue:8000/v1", apiKey: "\${BLUE_KEY}" }
  - { name: green, url: "http://green:8000/v1", model: candidate }
  - { name: red, url: simulated }
rounds: 4
tolerance: 3%
load: { rate: 3/s, duration: 10s, warmup: 0, arrivals: constant }
`;

test('of several endpoints each is shown, with the order of the rounds and what differs', async () => {
  const io = fakeConsole({ BLUE_KEY: 'sk-0123456789' });
  const path = file('three.yaml', ENDPOINTS);
  expect(await planCommand(path, { 'fail-on': 'inconclusive' }, io)).toBe(0);
  const sections = new Map(
    io
      .out()
      .split('\n\n')
      .map((text): [string, string[][]] => {
        const [title = '', ...lines] = text.trimEnd().split('\n');
        return [title, rowsOf(lines)];
      }),
  );
  expect(io.out().replace(/\n(?=sent)/, ' ')).toMatch(
    /^Plan of three: 4 rounds of 3 endpoints, 12 runs .* Nothing was sent\.$/m,
  );
  expect(sections.get('Endpoints')).toEqual([
    ['blue', 'http://blue:8000/v1'],
    ['green', 'http://green:8000/v1'],
    ['red', 'the embedded simulated endpoint'],
  ]);
  expect(sections.get('Rounds')).toEqual([
    ['1', 'seed 42', 'blue, green, red'],
    ['2', 'seed 43', 'green, red, blue'],
    ['3', 'seed 44', 'red, blue, green'],
    ['4', 'seed 45', 'blue, green, red'],
  ]);
  expect(sections.get('Comparison')).toEqual([
    ['decided by', 'attainment, ttft mean, tpot mean, ttft p95'],
    ['the same within', '3% of blue'],
    ['fails where', 'another is worse than blue, or inconclusive (exit 99)'],
  ]);
  const common = sections.get('Values of all endpoints')!.map(([key]) => key);
  expect(common).toContain('load.rate');
  expect(common).not.toContain('endpoint.url');
  expect(sections.get('Values of green')).toEqual([
    ['endpoint.url', 'http://green:8000/v1', `file ${path}:3:25`],
    ['endpoint.model', 'candidate', `file ${path}:3:56`],
  ]);
  expect(io.out()).not.toContain('sk-0123456789');
});

test('--against and --json: the runs of both, and who is first in which round', async () => {
  const io = fakeConsole();
  const flags = { url: 'http://new/v1', against: 'http://base/v1', rounds: '3', json: true } as const;
  await planCommand(null, flags, io);
  const document = JSON.parse(io.out());
  expect(document.rounds).toEqual([
    { round: 1, seed: 42, order: ['base', 'new'] },
    { round: 2, seed: 43, order: ['new', 'base'] },
    { round: 3, seed: 44, order: ['base', 'new'] },
  ]);
  expect(
    document.endpoints.map(
      ({ name, scenario }: { name: string; scenario: { endpoint: { url: string } } }) => [
        name,
        scenario.endpoint.url,
      ],
    ),
  ).toEqual([
    ['base', 'http://base/v1'],
    ['new', 'http://new/v1'],
  ]);
  expect(document.comparing).toMatchObject({ tolerance_pct: 5, fail_on: 'worse' });
  expect(document.scenario).toEqual(document.endpoints[0].scenario);
});

test('of many rounds the first and the last are shown; plan refuses what run refuses', async () => {
  const io = fakeConsole();
  await planCommand(null, { url: 'simulated', against: 'simulated', rounds: '1000' }, io);
  expect(io.out()).toMatch(/^ {2}…\n {2}1000 {2}seed 1041 {2}new, base$/m);
  const sweep = file('swept.yaml', `${ENDPOINTS.replace('rate: 3/s, ', '')}sweep: { rate: [1/s, 2/s] }\n`);
  await expect(planCommand(sweep, {}, fakeConsole({ BLUE_KEY: 'k' }))).rejects.toThrow(
    /a sweep of several endpoints/,
  );
  await expect(planCommand(null, { rounds: '3' }, fakeConsole())).rejects.toThrow(/only one endpoint/);
});

test('warnings go to stderr, secrets nowhere', async () => {
  const io = fakeConsole({ GOODPUT_API_KEY: 'sk-0123456789' });
  await planCommand(null, { url: 'http://h:1/', header: ['x-api-key: sk-0123456789'] }, io);
  expect(io.err()).toMatch(/^warning: .*endpoint\.url has no \/v1.*http:\/\/host:port\/v1\n$/);
  expect(io.out() + io.err()).not.toContain('sk-0123456789');
});

test('a terminal gets no commands from a scenario', async () => {
  const io = fakeConsole();
  await planCommand(file('evil.yaml', 'endpoint: { url: simulated, model: "a\\e[31mb" }'), {}, io);
  expect(io.out()).toContain('endpoint.model');
  expect(io.out()).not.toContain('\u001B');
});

test('a scenario that is not there', async () => {
  await expect(planCommand(join(folder, 'none.yaml'), {}, fakeConsole())).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('it does not exist'),
  });
  await expect(planCommand(folder, {}, fakeConsole())).rejects.toThrow('it is a folder');
});
