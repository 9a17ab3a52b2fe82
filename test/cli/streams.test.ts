/** @module-tag timed */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { score, type Score } from '../../src/score/score.ts';
import { parseGate } from '../../src/slo/grammar.ts';
import { renderText } from '../../src/render/run/text.ts';
import { renderMarkdown } from '../../src/render/run/markdown.ts';
import { renderCsv } from '../../src/render/run/csv.ts';
import { renderPrometheus } from '../../src/render/run/prometheus.ts';
import { readTruth, TRUTH_FILE } from '../../src/record/truth-log.ts';
import { Run } from '../../src/run/run.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { engineOf } from '../../src/simulate/engine-settings.ts';
import { startEndpoint } from '../../src/simulator/index.ts';
import { goodput } from './goodput.ts';
import { type Relaying, startRelay } from './relay.ts';

const scratch = await mkdtemp(join(tmpdir(), 'goodput-streams-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));
let count = 0;

const OUTPUT = 64;
/** The engine takes 3 ms a step, and more of nothing. */
const STEP_US = 3000;
const SCENARIO = `
name: streams
load: { concurrency: 4, requests: 4, warmup: 0s }
workload: { input: 16, output: ${OUTPUT} }
simulator: { cost: { kind: linear, base: ${STEP_US}, prefillToken: 0, decodeSequence: 0 } }
`;

/** Measures the simulated endpoint through a relay, over sockets; `null`: without one. Its truth log is in the folder. */
async function measure(relaying: Relaying | null, flags: Record<string, string> = {}): Promise<Score> {
  const out = join(scratch, String(count++));
  const file = { path: 'scenario.yaml', text: SCENARIO };
  const { resolved } = resolveScenario({ file, env: {}, flags: { out, url: 'simulated', ...flags } });
  const { dialect, faults } = resolved.scenario.simulator;
  const { engine, cost } = engineOf(resolved.scenario.simulator);
  const endpoint = await startEndpoint({ engine, cost, dialect, faults, seed: 1 });
  const relay = relaying === null ? null : await startRelay(endpoint.url, relaying);
  const run = new Run({
    resolved,
    url: relay?.url ?? endpoint.url,
    data: null,
    version: 'test',
    said: endpoint.said,
    began: (dir, origin_ns) => endpoint.begin(join(dir, TRUTH_FILE), origin_ns),
    io: { progress: () => undefined, warn: () => undefined },
  });
  const { error } = await run.carryOut();
  await relay?.close();
  await endpoint.close();
  if (error !== null) throw error;
  return score(out, { strict: false });
}

const rulesOf = ({ audit }: Score): string[] => audit.reasons.map(({ rule, level }) => `${rule} ${level}`);

/** Mean time between two tokens as the server wrote them, by its own log. */
async function writtenGap(found: Score): Promise<number> {
  const log = await readTruth(found.report.run.dir, BigInt(found.header.origin.monotonic_ns));
  const spans = [...log.requests.values()].map(({ written_us: at }) => [at.at(-1)! - at[0]!, at.length - 1]);
  return spans.reduce((sum, [span]) => sum + span!, 0) / spans.reduce((sum, [, gaps]) => sum + gaps!, 0);
}

describe('what stands before the server, over sockets', () => {
  test('nothing: TPOT is the server’s', async () => {
    const found = await measure(null);
    expect(found.report.health.deliveries).toMatchObject({ judged: 4, once: 0 });
    expect(rulesOf(found).join()).not.toContain('buffered_stream');
    expect(found.report.metrics['tpot']!.mean! * 1000).toBeGreaterThan(0.8 * STEP_US);
  });

  test.each<[string, Relaying, 'once' | 'bursts']>([
    ['a proxy that buffers whole responses', 'whole', 'once'],
    ['a proxy with a buffer of 4 KiB', 4096, 'bursts'],
    ['a proxy with a buffer of 8 KiB', 8192, 'bursts'],
    ['a proxy that compresses with a buffer', 'gzip', 'once'],
  ])('%s', async (_, relaying, delivery) => {
    const found = await measure(relaying);
    expect(await writtenGap(found)).toBeGreaterThan(0.8 * STEP_US);
    expect(found.report.counts.ok).toBe(4);
    expect(found.report.health.deliveries).toMatchObject({ judged: 4, [delivery]: 4 });
    expect(rulesOf(found)).toContain('buffered_stream suspect');
    for (const name of ['tpot', 'itl', 'user_tps'])
      expect(found.report.metrics[name]).toMatchObject({ count: 0, mean: null, why: { p50: 'buffered' } });
    expect(found.report.metrics['ttft']!.count).toBe(4);
    const text = renderText(found, { color: false, unicode: true, width: 100 });
    expect(text).toMatch(/buffered on the way: of 4 responses .* 4 arrived/s);

    const slo = await score(found.report.run.dir, {
      strict: false,
      slo: [{ metric: 'tpot', op: '<=', value: 20, unit: 'ms', text: 'tpot<=20ms' }],
    });
    expect(slo.verdict).toMatchObject({ status: 'invalid', exitCode: 98 });
    const gate = parseGate('itl p99 <= 20ms');
    if (!gate.ok) throw new Error('the gate is wrong');
    const gated = await score(found.report.run.dir, { strict: false, gates: [gate.value] });
    expect(gated.verdict).toMatchObject({ status: 'invalid', exitCode: 98 });
    expect(gated.verdict.gates[0]).toMatchObject({ pass: false, value: null });
    expect(gated.verdict.gates[0]!.reason).toContain('buffered');
  });
});

test('a capacity by TPOT cannot be searched behind a buffer: exit 98, and no capacity is printed', async () => {
  const file = join(scratch, 'capacity.yaml');
  await writeFile(
    file,
    SCENARIO.replace(/^load:.*$/m, 'load: { concurrency: 4 }').replace(/^simulator:.*$/m, ''),
  );
  const { simulator, seed } = resolveScenario({
    file: { path: 'scenario.yaml', text: SCENARIO },
    env: {},
    flags: { url: 'simulated' },
  }).resolved.scenario;
  const endpoint = await startEndpoint({ ...engineOf(simulator), dialect: simulator.dialect, seed });
  endpoint.begin(null, process.hrtime.bigint());
  const relay = await startRelay(endpoint.url, 'whole');
  const args = ['capacity', file, '--url', relay.url, '--by', 'concurrency', '--slo', 'tpot<=20ms'];
  const out = join(scratch, 'capacity');
  const { code, stdout, stderr } = await goodput([
    ...args,
    '--budget',
    '3m',
    '--quiet',
    '--json',
    '--out',
    out,
  ]);
  await relay.close();
  await endpoint.close();
  expect(code).toBe(98);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/capacity cannot be searched: .*buffered[^]*hint: /);
}, 120_000);

describe('a server that counts nothing', () => {
  test.each(['chat', 'completions', 'responses', 'messages'])(
    'and sends four tokens per event in the %s API: no figure by token',
    async (api) => {
      const found = await measure('uncounted', { api, dialect: 'bundled' });
      const { report } = found;
      expect(report.counts.ok).toBe(4);
      expect(report.tokens).toMatchObject({ from: { events: 4 }, unit: 'event' });
      // One word a token by the engine; the first event has one, each other one four.
      expect(report.tokens.words_per_event).toBeCloseTo(OUTPUT / (1 + Math.ceil((OUTPUT - 1) / 4)), 1);
      for (const name of ['tpot', 'ntpot', 'user_tps'])
        expect(report.metrics[name]).toMatchObject({ count: 0, why: { p50: 'per_event' } });
      expect(report.rates).toMatchObject({ output_tps: null, goodput_tps: null, total_tps: null });
      expect(report.metrics['itl']!.count).toBeGreaterThan(0);
      const gate = parseGate('output_tps >= 1');
      if (!gate.ok) throw new Error('the gate is wrong');
      const gated = await score(report.run.dir, { strict: false, gates: [gate.value] });
      expect(gated.verdict.gates[0]).toMatchObject({ pass: false, value: null });
    },
  );

  test('and sends one token per event: every figure is there, labelled in every output', async () => {
    const found = await measure('uncounted');
    const { report } = found;
    expect(report.tokens).toMatchObject({ unit: 'event', words_per_event: 1 });
    const tpot = report.metrics['tpot']!.mean! * 1000;
    expect(tpot / (await writtenGap(found))).toBeCloseTo(1, 1);
    for (const width of [60, 100]) {
      const text = renderText(found, { color: false, unicode: true, width });
      expect(text).toMatch(width === 100 ? /tpot .*per event/ : /tpot, itl: per event/);
      expect(text).toMatch(/per event: output/);
    }
    const markdown = renderMarkdown(found);
    expect(markdown).toMatch(/`tpot` .*per event/);
    expect(markdown).toMatch(/per event: output/);
    const [head = '', row = ''] = renderCsv([found]).split('\r\n');
    const cell = (name: string): string => row.split(',')[head.split(',').indexOf(name)]!;
    expect(cell('token_unit')).toBe('event');
    expect(cell('per_event').split(' ')).toEqual(
      expect.arrayContaining(['tpot_mean_ms', 'itl_mean_ms', 'user_tps_mean', 'output_tps', 'goodput_tps']),
    );
    expect(cell('per_event')).not.toMatch(/ttft|chunk_gap|\brps/);
    const prometheus = renderPrometheus([found]);
    for (const name of ['goodput_tpot_seconds_sum', 'goodput_itl_seconds_sum', 'goodput_run_output_tps'])
      expect(prometheus).toMatch(new RegExp(`^${name}{[^}]*per="event"`, 'm'));
    expect(prometheus).not.toMatch(/ttft[^\n]*per="event"/);
    expect(found.summary.tokens.unit).toBe('event');
  });
});
