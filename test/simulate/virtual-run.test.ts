import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { planRequests, requestOf } from '../workload/single-requests.ts';
import { dataOf, singleTurn } from '../workload/data-sessions.ts';
import { encodeSample } from '../../src/record/samples-jsonl.ts';
import { eventInstants, type Sample } from '../../src/sample.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { VirtualRun } from '../../src/simulate/virtual-run.ts';
import { TokenCounter } from '../../src/simulate/request-tokens.ts';
import { simulate } from '../../src/simulator/index.ts';
import { PRESETS } from '../../src/simulator/engine/model-presets.ts';
import { openWorkload } from '../../src/workload/workload.ts';
import { scenarioOf } from './support.ts';

const tiny = PRESETS.find(({ name }) => name === 'tiny')!;
const byNumber = (samples: readonly Sample[]): Sample[] => samples.toSorted((a, b) => a.i - b.i);
const lines = (samples: readonly Sample[]): string => samples.map(encodeSample).join('\n');

const CROWDED = `
simulator: { preset: tiny, engine: { kvBlocks: 60 } }
workload: { input: { distribution: uniform, min: 20, max: 300 }, output: { distribution: uniform, min: 1, max: 60 }, prefix: { tokens: 100, groups: 3 } }
load: { rate: 50/s, warmup: 1s, duration: 9s, drain: 60s }`;

test('an open loop has the instants of the engine fed with the plan', () => {
  const scenario = scenarioOf(CROWDED);
  const run = simulateRun(scenario);
  const workload = openWorkload(scenario);
  const plan = [...planRequests(scenario)];
  const truth = simulate({
    engine: { ...tiny.engine, kvBlocks: 60 },
    cost: tiny.cost,
    requests: plan.map(({ i, planned_us, input, output }) => {
      const { group, length: words } = workload.shared(i)!;
      return {
        arrival_us: planned_us!,
        prompt: input!,
        output,
        prefix: { id: String(group), length: words },
      };
    }),
  });
  const samples = byNumber(run.samples);
  expect(samples.map((sample) => [...eventInstants(sample)])).toEqual(truth.tokens_us);
  expect(samples.map(({ cached_tokens }) => cached_tokens)).toEqual(truth.cached_tokens);
  expect(run.engine).toEqual({
    steps: truth.steps,
    preemptions: truth.preemptions,
    peak_running: truth.peak_running,
    peak_blocks: truth.peak_blocks,
  });
  // It is a case worth having: the cache was used, and blocks ran out.
  expect(truth.preemptions).toBeGreaterThan(0);
  expect(Math.max(...truth.cached_tokens)).toBe(96);
  expect(run).toMatchObject({ planned: plan.length, window: { start_us: 1e6, end_us: 10e6 } });
});

test.each([
  CROWDED,
  `${CROWDED.replace('drain: 60s', 'drain: 1s, maxConcurrency: 5')}\nendpoint: { url: simulated, timeouts: { firstToken: 300ms, idle: 50ms } }`,
  'simulator: { preset: tiny }\nload: { concurrency: 12, warmup: 1s, requests: 60 }',
  'simulator: { preset: tiny }\nload: { concurrency: 12, warmup: 1s, duration: 4s, drain: 10ms }',
])('the result does not depend on the steps in which a run is advanced: %#', (text) => {
  const scenario = scenarioOf(text);
  const whole = simulateRun(scenario);
  expect(lines(simulateRun(scenario).samples)).toBe(lines(whole.samples));
  const samples: Sample[] = [];
  const run = new VirtualRun({ scenario, onSample: (sample) => samples.push(sample) });
  const random = randomStream(3, 'slices');
  while (!run.advance(run.now_us + random.below(40_000)));
  expect(lines(samples)).toBe(lines(whole.samples));
  const { samples: _, ...end } = whole;
  expect(run.end()).toEqual(end);
});

test('another seed gives another run', () => {
  const first = simulateRun(scenarioOf(CROWDED)).samples;
  expect(lines(simulateRun(scenarioOf(`${CROWDED}\nseed: 7`)).samples)).not.toBe(lines(first));
});

test('with a cap, request i is sent when i − cap others have ended, and its wait is recorded', () => {
  const CAP = 4;
  const scenario = scenarioOf(CROWDED.replace('drain', `maxConcurrency: ${CAP}, drain`));
  const samples = byNumber(simulateRun(scenario).samples);
  const ends = samples.map(({ ended_us }) => ended_us).toSorted((a, b) => a - b);
  let held = 0;
  for (const { i, planned_us, released_us, sent_us } of samples) {
    const free_us = i < CAP ? 0 : ends[i - CAP]!;
    expect(released_us).toBe(Math.max(planned_us, free_us));
    expect(sent_us).toBe(released_us);
    if (released_us! > planned_us) held++;
  }
  expect(held).toBeGreaterThan(100);
});

describe('a closed loop', () => {
  const SLOTS = 6;
  const load = (rest: string) =>
    scenarioOf(`simulator: { preset: tiny }
workload: { output: { distribution: uniform, min: 5, max: 60 } }
load: { concurrency: ${SLOTS}, ${rest} }`);

  test('keeps its slots busy: each request starts where another has ended', () => {
    const { samples, window } = simulateRun(load('warmup: 1s, duration: 6s'));
    const starts = byNumber(samples).map(({ sent_us }) => sent_us!);
    const ends = samples.map(({ ended_us }) => ended_us);
    expect(starts.slice(0, SLOTS)).toEqual(Array.from({ length: SLOTS }, () => 0));
    expect(starts.slice(SLOTS)).toEqual(ends.slice(0, starts.length - SLOTS));
    expect(Math.max(...starts)).toBeLessThan(7e6);
    expect(window).toEqual({ start_us: 1e6, end_us: 7e6 });
    for (const { phase, sent_us } of samples) expect(phase).toBe(sent_us! < 1e6 ? 'warmup' : 'measure');
  });

  test('of N requests measures N, and its window closes when a slot is first idle', () => {
    const { samples, window, planned } = simulateRun(load('warmup: 1s, requests: 40'));
    const measured = samples.filter(({ phase }) => phase === 'measure');
    expect(measured).toHaveLength(40);
    expect(planned).toBe(samples.length);
    // The one that came after the last start.
    const lastStart = Math.max(...measured.map(({ sent_us }) => sent_us!));
    const after = samples.map(({ ended_us }) => ended_us).filter((end) => end > lastStart);
    expect(window.end_us).toBe(Math.min(...after));
  });

  test('of one wave closes at its last completion', () => {
    const { samples, window } = simulateRun(load(`warmup: 0s, requests: ${SLOTS - 1}`));
    expect(samples).toHaveLength(SLOTS - 1);
    expect(window.end_us).toBe(Math.max(...samples.map(({ ended_us }) => ended_us)));
  });

  test('of refused requests only ends', () => {
    const scenario = scenarioOf(`simulator: { preset: tiny, engine: { maxModelLen: 9 } }
load: { concurrency: 2, warmup: 0s, duration: 1s }`);
    const { samples } = simulateRun(scenario);
    expect(samples).toHaveLength(2000);
    expect(samples[7]).toMatchObject({
      outcome: 'http_error',
      status: 400,
      error: { message: expect.stringContaining('maximum context length is') },
      output_tokens: null,
    });
  });
});

describe('timeouts of the client', () => {
  // Steps of 10 ms; one at a time, so that all but the first wait.
  const at = (timeouts: string, load = 'load: { rate: 20/s, arrivals: constant, warmup: 0s, requests: 3 }') =>
    byNumber(
      simulateRun(
        scenarioOf(`simulator: { engine: { maxNumSeqs: 1 }, cost: { kind: linear, base: 10000 } }
workload: { input: { tokens: 5 }, output: { tokens: 20 } }
endpoint: { url: simulated, timeouts: { ${timeouts} } }
${load}`),
      ).samples,
    );

  test('first token: the request ends at the limit, and its place is free for the next', () => {
    // Arrivals at 0, 50 and 100 ms; the first runs until 200 ms, the second is given up at 140 ms.
    const [first, second, third] = at('firstToken: 90ms, total: 10s');
    expect(first).toMatchObject({ outcome: 'ok', ended_us: first!.planned_us + 200_000 });
    expect(second).toMatchObject({
      outcome: 'timeout',
      error: { kind: 'first_token', message: 'no first token within 90ms' },
      ended_us: second!.planned_us + 90_000,
      events_us: [],
      output_tokens: null,
      tokens_from: 'events',
    });
    expect(third).toMatchObject({ outcome: 'timeout', ended_us: third!.planned_us + 90_000 });
  });

  test('total: the events that arrived before are kept', () => {
    const [first] = at('total: 95ms');
    expect(first).toMatchObject({
      outcome: 'timeout',
      error: { kind: 'total' },
      ended_us: first!.planned_us + 95_000,
      output_tokens: 9,
      answer: 0,
    });
  });

  test('idle: the engine was busy with other requests', () => {
    // Two at once, and 40,000 tokens of prefill in one step: the first stalls for 400 ms.
    const samples = byNumber(
      simulateRun(
        scenarioOf(`simulator: { engine: { maxBatchedTokens: 100k }, cost: { kind: linear, base: 10000, prefillToken: 10 } }
workload: { input: { distribution: uniform, min: 20k, max: 40k }, output: { tokens: 50 } }
endpoint: { url: simulated, timeouts: { idle: 150ms } }
load: { rate: 2/s, arrivals: constant, warmup: 0s, requests: 4 }`),
      ).samples,
    );
    const idle = samples.filter(({ error }) => error?.kind === 'idle');
    expect(idle.length).toBeGreaterThan(0);
    for (const sample of idle) {
      const last = eventInstants(sample).at(-1)!;
      expect(sample.ended_us).toBe(last + 150_000);
    }
  });

  test('the end of the drain cuts requests in flight, and requests that a cap holds are not sent', () => {
    const samples = at(
      'total: 10s',
      'load: { rate: 20/s, arrivals: constant, warmup: 0s, duration: 1s, drain: 0.5s, maxConcurrency: 3 }',
    );
    const outcomes = samples.map(({ outcome }) => outcome);
    // 200 ms each, one after the other: seven until 1.5 s, three are out, the rest were held.
    expect(outcomes.slice(0, 7).every((outcome) => outcome === 'ok')).toBe(true);
    expect(outcomes.slice(7, 10)).toEqual(['aborted', 'aborted', 'aborted']);
    expect(new Set(outcomes.slice(10))).toEqual(new Set(['not_sent']));
    expect(samples).toHaveLength(20);
    for (const { outcome, ended_us, error } of samples.slice(7)) {
      expect(ended_us).toBe(1_500_000);
      if (outcome === 'aborted')
        expect(error!.message).toBe('still unfinished when the drain of 0.5 s ended');
    }
  });
});

test('Ctrl-C closes the window at once, and a second one cuts the requests', () => {
  const scenario = scenarioOf(CROWDED);
  const interrupted = (times: number) => {
    const samples: Sample[] = [];
    const run = new VirtualRun({ scenario, onSample: (sample) => samples.push(sample) });
    run.advance(3_000_000);
    for (let k = 0; k < times; k++) run.interrupt();
    expect(run.advance(Infinity)).toBe(true);
    return { samples, end: run.end(), now_us: run.now_us };
  };
  const once = interrupted(1);
  expect(once.end.window).toEqual({ start_us: 1e6, end_us: 3e6 });
  expect(once.end.planned).toBe(once.samples.length);
  expect(Math.max(...once.samples.map(({ planned_us }) => planned_us))).toBeLessThanOrEqual(3e6);
  expect(once.samples.every(({ outcome }) => outcome === 'ok')).toBe(true);
  const twice = interrupted(2);
  expect(twice.now_us).toBe(3e6);
  expect(twice.samples.filter(({ outcome }) => outcome === 'aborted').length).toBeGreaterThan(0);
  expect(twice.samples).toHaveLength(once.samples.length);
});

test('lengths and shared prefixes are those of the texts that a real run sends', () => {
  const BLOCK = 16;
  for (const workload of [
    'input: { distribution: uniform, min: 5, max: 200 }, prefix: { tokens: 100, groups: 4 }',
    'input: { distribution: uniform, min: 5, max: 200 }',
  ]) {
    const scenario = scenarioOf(`workload: { ${workload} }`);
    const source = openWorkload(scenario);
    const planned = new TokenCounter(source, BLOCK, 512);
    const texts = Array.from({ length: 120 }, (_, i) => {
      const { prompt } = requestOf(source, i);
      return prompt.kind === 'text' ? prompt.text.split(' ') : [];
    });
    const all = texts.map((_, i) => planned.ofLength(i, requestOf(source, i).input!));
    expect(all.map(({ prompt }) => prompt)).toEqual(texts.map((words) => words.length));
    for (let a = 0; a < 120; a++) {
      for (let b = 0; b < a; b++) {
        let equal = 0;
        while (equal < texts[a]!.length && texts[a]![equal] === texts[b]![equal]) equal++;
        const [one, other] = [all[a]!.chain, all[b]!.chain];
        let shared = 0;
        while (shared < one.length && one[shared] === other[shared]) shared++;
        expect(shared).toBe(Math.floor(equal / BLOCK));
      }
    }
  }
});

test('prompts of a file are counted in words, and share the prefixes of their texts', () => {
  const words = (from: number, count: number) =>
    Array.from({ length: count }, (_, k) => `w${from + k}`).join(' ');
  const data = dataOf(
    singleTurn({
      messages: [{ role: 'user', content: `${words(0, 32)}  ${words(100, 9)}\n` }],
      output_tokens: 4,
    }),
    singleTurn({
      messages: [
        { role: 'system', content: words(0, 32) },
        { role: 'user', content: [{ type: 'text', text: words(200, 9) }] },
      ],
    }),
  );
  const scenario = scenarioOf(`simulator: { preset: tiny }
workload: { prompts: p.jsonl, output: { tokens: 7 } }
load: { rate: 1/s, arrivals: constant, warmup: 0s, requests: 4 }`);
  const { samples } = simulateRun(scenario, { data });
  expect(samples.map(({ input_tokens }) => input_tokens)).toEqual([41, 41, 41, 41]);
  // The first finds nothing; all others its first two blocks, which are all full blocks that each text has.
  expect(samples.map(({ cached_tokens }) => cached_tokens)).toEqual([0, 32, 32, 32]);
});
