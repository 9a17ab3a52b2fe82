import { describe, expect, it, test } from 'vitest';
import { parseSlo } from '../../src/slo/grammar.ts';
import { presetGates } from '../../src/slo/preset-gates.ts';
import { SLO_PRESETS } from '../../src/slo/slo-presets.ts';
import { resolve } from '../scenario/resolving.ts';

const read = (text: string) => {
  const slo = parseSlo(text);
  if (!slo.ok) throw new Error(slo.problem.map(({ message }) => message).join('\n'));
  return slo.value;
};
const limits = (text: string) => Object.fromEntries(read(text).map(({ metric, value }) => [metric, value]));
const gates = (text: string) => presetGates(read(text)).map(({ text }) => text);

/** The limits of the sources: TTFT and TPOT in milliseconds. */
const PUBLISHED: Record<string, [number, number]> = {
  'mlperf/llama2-70b/server': [2000, 200],
  'mlperf/llama2-70b/interactive': [450, 40],
  'mlperf/llama3.1-405b/server': [6000, 175],
  'mlperf/llama3.1-405b/interactive': [4500, 80],
  'mlperf/llama3.1-8b/server': [2000, 100],
  'mlperf/llama3.1-8b/interactive': [500, 30],
  'mlperf/deepseek-r1/server': [2000, 80],
  'mlperf/deepseek-r1/interactive': [1500, 15],
  'mlperf/gpt-oss-120b/server': [3000, 80],
  'mlperf/gpt-oss-120b/interactive': [2000, 15],
  'mlperf/mixtral-8x7b/server': [2000, 200],
  'distserve/opt-13b/chat': [250, 100],
  'distserve/opt-66b/chat': [2500, 150],
  'distserve/opt-66b/code': [125, 200],
  'distserve/opt-66b/summarization': [15_000, 150],
  'distserve/opt-175b/chat': [4000, 200],
};

test('the presets have the published limits and a source', () => {
  expect(
    Object.fromEntries(SLO_PRESETS.map(({ name, ttft_ms, tpot_ms }) => [name, [ttft_ms, tpot_ms]])),
  ).toEqual(PUBLISHED);
  for (const { source, what } of SLO_PRESETS)
    expect(`${source} ${what}`).toMatch(/MLPerf|mlcommons|DistServe/);
});

describe('a preset', () => {
  it.each(Object.entries(PUBLISHED))('%s judges every request by both limits', (name, [ttft, tpot]) => {
    expect(limits(name)).toEqual({ ttft, tpot });
    expect(resolve(`slo: { preset: ${name} }`).resolved.scenario.slo).toEqual(read(name));
  });

  it('has the gates of its authors: p99 of each metric for MLPerf, 90 % that meet both limits for DistServe', () => {
    expect(gates('mlperf/llama3.1-8b/interactive')).toEqual(['ttft p99 <= 500ms', 'tpot p99 <= 30ms']);
    expect(gates('distserve/opt-13b/chat')).toEqual(['attainment >= 90%']);
    expect(gates('ttft <= 200ms')).toEqual([]);
  });

  it('is overridden by declared limits, also in the gates', () => {
    const text = 'e2e <= 9s, mlperf/llama3.1-8b/interactive, tpot <= 25ms';
    expect(limits(text)).toEqual({ ttft: 500, tpot: 25, e2e: 9000 });
    expect(gates(text)).toEqual(['ttft p99 <= 500ms', 'tpot p99 <= 25ms']);
    const { scenario } = resolve(
      'slo: { preset: mlperf/llama3.1-8b/interactive, tpot: 25ms, e2e: 9s }',
    ).resolved;
    expect(scenario.slo.map(({ metric, value }) => [metric, value])).toEqual([
      ['ttft', 500],
      ['tpot', 25],
      ['e2e', 9000],
    ]);
    expect(scenario.gates.map((gate) => gate.text)).toEqual(['ttft p99 <= 500ms', 'tpot p99 <= 25ms']);
  });

  it('adds no gates if some are declared', () => {
    const { gates } = resolve('slo: { preset: distserve/opt-13b/chat }\ngates: [error_rate <= 1%]').resolved
      .scenario;
    expect(gates.map(({ text }) => text)).toEqual(['error_rate <= 1%']);
  });

  it('has the two limits that on_time_share needs', () => {
    expect(limits('mlperf/llama3.1-8b/interactive, on_time_share >= 99%')).toMatchObject({
      on_time_share: 0.99,
    });
  });

  it.each([
    ['mlperf/llama3.1-8b/interactiv', 0, /did you mean mlperf\/llama3\.1-8b\/interactive\?/],
    ['ttft <= 1s, llama3.1-8b/interactive', 12, /did you mean mlperf\/llama3\.1-8b\/interactive\?/],
    ['distserve/opt-66b', 0, /did you mean distserve\/opt-66b\/c/],
    ['a/b', 0, /goodput slo-presets lists them$/],
    ['distserve/opt-66b/code, mlperf/mixtral-8x7b/server', 24, /a second preset/],
  ])('%s is a mistake', (text, offset, message) => {
    const slo = parseSlo(text);
    expect(slo).toMatchObject({
      ok: false,
      problem: [{ offset, message: expect.stringMatching(message) as string }],
    });
  });

  it('from a flag replaces the SLOs of the file, and is combined with --slo', () => {
    const file = 'slo: { ttft: 9s, max_gap: 1s }';
    const flags = { 'slo-preset': 'distserve/opt-13b/chat' };
    const byFlag = resolve(file, flags).resolved.scenario.slo;
    expect(byFlag.map(({ metric, value }) => [metric, value])).toEqual([
      ['ttft', 250],
      ['tpot', 100],
    ]);
    const both = resolve(file, { ...flags, slo: ['ttft<=300ms', 'e2e<=9s'] }).resolved.scenario.slo;
    expect(both.map(({ metric, value }) => [metric, value])).toEqual([
      ['ttft', 300],
      ['tpot', 100],
      ['e2e', 9000],
    ]);
    const env = { GOODPUT_SLO_PRESET: 'distserve/opt-175b/chat' };
    expect(resolve(file, {}, env).resolved.scenario.slo[0]).toMatchObject({ value: 4000 });
  });
});
