/** @module-tag timed */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/sample.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { dataOf } from '../workload/data-sessions.ts';
import { DataSet } from '../../src/dataset/read.ts';
import { EMPTY_TURN, type Session, type Turn } from '../../src/dataset/model/session.ts';
import { READ_OPTIONS } from '../dataset/read-options.ts';
import { shared } from '../shared.ts';
import { embedded } from './embedded.ts';

const BLOCK = 16;
const FLAGS = { 'no-probe': true, drain: '20s' } as const;
const byNumber = (samples: readonly Sample[]): Sample[] => samples.toSorted((a, b) => a.i - b.i);

/** Groups the turns of each session, in order. */
const sessionsOf = (samples: readonly Sample[]): Sample[][] => [
  ...Map.groupBy(byNumber(samples), ({ i, session = i }) => session).values(),
];

/** Returns the tokens of a turn's whole blocks. Nothing was computed from the last token of the answer, so its block is not full before the next turn. */
const repeatedBlocks = ({ input_tokens, output_tokens }: Sample): number =>
  Math.floor((input_tokens! + output_tokens! - 1) / BLOCK) * BLOCK;

const SYNTHETIC = `
simulator: { preset: tiny }
workload:
  sessions: { turns: uniform:1-4, think: exponential:50ms, first: uniform:60-120, next: 30 }
  prefix: { tokens: 40, groups: 2 }
  output: uniform:10-40`;

const LOADS = {
  'open loop': 'load: { rate: 20/s, warmup: 0s, sessions: 12 }',
  'open loop with a cap': 'load: { rate: 40/s, maxConcurrency: 2, warmup: 0s, sessions: 12 }',
  'closed loop': 'load: { concurrency: 4, warmup: 0s, sessions: 12 }',
};

const NAMES = ['open loop', 'open loop with a cap', 'closed loop'] as const;

const byOneWorker = (name: keyof typeof LOADS) =>
  shared(() => embedded({ ...FLAGS, workers: '1' }, `${SYNTHETIC}\n${LOADS[name]}`));
const byLoad = {
  'open loop': byOneWorker('open loop'),
  'open loop with a cap': byOneWorker('open loop with a cap'),
  'closed loop': byOneWorker('closed loop'),
};

const OUTPUT = 24;

const words = (count: number, name: string): string =>
  Array.from({ length: count }, (_, k) => `${name}${k}`).join(' ');

const turn = (count: number, name: string, delay_ms: number): Turn => ({
  ...EMPTY_TURN,
  messages: [{ role: 'user', content: words(count, name) }],
  output_tokens: OUTPUT,
  delay_ms,
});

/** Words of each turn's own message, and the pauses before them. */
const OWN_WORDS = [
  [40, 20, 10],
  [33, 17],
];
const DELAY_MS = 120;

const KNOWN = dataOf(
  ...OWN_WORDS.map((lengths, s) => ({
    session: null,
    timestamp_ms: null,
    tags: {},
    turns: lengths.map((count, k) => turn(count, `s${s}t${k}w`, k === 0 ? 0 : DELAY_MS)),
  })),
);

const FIXED_COST = `
workload: { data: { file: chat.jsonl, order: file, cycle: false } }
load: { concurrency: 2, warmup: 0s, drain: 5s }
simulator:
  cost: { kind: linear, base: 2000, prefillToken: 0, decodeSequence: 0, contextToken: 0, prefillPair: 0 }
run: { workers: 1 }
`;

describe('sessions over sockets', () => {
  it.for(NAMES)(
    '%s: the engine finds the turns before in its cache, and the log of the server agrees',
    async (name, context) => {
      const { scenario, samples, truth } = await byLoad[name](context);
      expect(truth).toMatchObject({ whole: true, agrees: true, samples_alone: 0, truth_alone: 0 });
      const sessions = sessionsOf(samples);
      expect(sessions).toHaveLength(12);
      for (const turns of sessions) {
        expect(turns.map(({ turn = 0 }) => turn)).toEqual(turns.map((_each, k) => k));
        expect(turns).toHaveLength(turns[0]!.turns ?? 1);
        for (const [
          k,
          { outcome, planned_us, sent_us, input_tokens, planned_input, cached_tokens },
        ] of turns.entries()) {
          expect(outcome).toBe('ok');
          expect(sent_us).toBeGreaterThanOrEqual(planned_us);
          expect(input_tokens).toBe(planned_input);
          if (k === 0) continue;
          const before = turns[k - 1]!;
          expect(cached_tokens).toBeGreaterThanOrEqual(repeatedBlocks(before));
          expect(planned_us).toBeGreaterThanOrEqual(before.ended_us);
        }
      }
      // The virtual clock has the same requests, with the same tokens in all and the same in the cache of later turns.
      const virtual = byNumber(simulateRun(scenario).samples);
      const facts = (sample: Sample): unknown => [
        sample.i,
        sample.session ?? sample.i,
        sample.turn ?? 0,
        sample.input_tokens,
        sample.output_tokens,
        (sample.turn ?? 0) === 0 ? null : sample.cached_tokens,
      ];
      expect(byNumber(samples).map(facts)).toEqual(virtual.map(facts));
    },
  );

  it.each(['actual', 'recorded', 'none'] as const)(
    'conversations of a data set with history %s have the same tokens as on the virtual clock',
    async (history) => {
      const path = new URL('../dataset/fixtures/openai-chat.jsonl', import.meta.url).pathname;
      const sessions: Session[] = [];
      // The simulated endpoint takes no images.
      for await (const session of new DataSet([path], READ_OPTIONS).sessions())
        if (!JSON.stringify(session).includes('image_url')) sessions.push(session);
      expect(readFileSync(path, 'utf8')).toContain('tool_calls');
      const data = dataOf(...sessions);
      const text = `simulator: { preset: tiny }
workload: { output: 12, data: { file: x, cycle: false, order: file, history: ${history} } }
load: { concurrency: 2, warmup: 0s }`;
      const { scenario, samples } = await embedded(FLAGS, text, data);
      const virtual = simulateRun(scenario, { data }).samples;
      const tokens = (all: readonly Sample[]): unknown =>
        byNumber(all).map(({ i, input_tokens, outcome }) => [i, input_tokens, outcome]);
      expect(tokens(samples)).toEqual(tokens(virtual));
      expect(samples).toHaveLength(sessions.flatMap(({ turns }) => turns).length);
    },
  );

  it('keeps no text in the samples that was only kept for the next turn', async (context) => {
    const { samples } = await byLoad['closed loop'](context);
    expect(samples.some(({ turns = 1 }) => turns > 1)).toBe(true);
    for (const sample of samples) {
      expect(sample).not.toHaveProperty('text');
      expect(sample).not.toHaveProperty('usage');
    }
  });

  it('a failed turn ends its session; with onError: continue the next one is due all the same', async () => {
    const faulty = (onError: string): string =>
      `simulator: { preset: tiny, faults: [reset after=3 share=30%] }
workload: { sessions: { turns: 4, think: 0, first: 20, next: 10, onError: ${onError} }, output: 8 }
load: { concurrency: 3, warmup: 0s, sessions: 12 }`;
    const ended = await embedded(FLAGS, faulty('end'));
    for (const turns of sessionsOf(ended.samples)) {
      const failed = turns.findIndex(({ outcome }) => outcome !== 'ok');
      expect(turns).toHaveLength(failed === -1 ? 4 : failed + 1);
    }
    expect(ended.samples.some(({ outcome }) => outcome !== 'ok')).toBe(true);
    const continued = await embedded(FLAGS, faulty('continue'));
    for (const turns of sessionsOf(continued.samples)) expect(turns).toHaveLength(4);
  });

  it('several workers share the sessions of an open loop, and the users of a closed one', async (context) => {
    const runs = await Promise.all(
      NAMES.map(async (name) => ({
        one: await byLoad[name](context),
        two: await embedded({ ...FLAGS, workers: '2' }, `${SYNTHETIC}\n${LOADS[name]}`),
      })),
    );
    for (const { one, two } of runs) {
      expect(new Set(one.samples.map(({ worker }) => worker))).toEqual(new Set([0]));
      const plan = (samples: readonly Sample[]): unknown =>
        byNumber(samples).map(({ i, session, turn, planned_input }) => [
          i,
          session ?? i,
          turn ?? 0,
          planned_input,
        ]);
      expect(plan(two.samples)).toEqual(plan(one.samples));
      for (const turns of sessionsOf(two.samples))
        expect(new Set(turns.map(({ worker }) => worker)).size).toBe(1);
      expect(new Set(two.samples.map(({ worker }) => worker)).size).toBe(2);
    }
  });

  it('a turn follows the answer before it, repeats the conversation, and finds it in the cache', async () => {
    const { scenario, samples, truth } = await embedded({ 'no-probe': true }, FIXED_COST, KNOWN);
    expect(truth.agrees).toBe(true);
    const sent = byNumber(samples);
    expect(sent.map(({ i, session = i, turn: k = 0 }) => [session, k])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
    ]);
    // One word is one token: own messages, and all messages and answers before.
    const inputs = OWN_WORDS.flatMap((lengths) =>
      lengths.map((_, k) => lengths.slice(0, k + 1).reduce((sum, count) => sum + count, 0) + k * OUTPUT),
    );
    const virtual = byNumber(simulateRun(scenario, { data: KNOWN }).samples);
    for (const all of [sent, virtual]) {
      expect(all.map(({ input_tokens }) => input_tokens)).toEqual(inputs);
      for (const [k, sample] of all.entries()) {
        if ((sample.turn ?? 0) === 0) continue;
        const before = all[k - 1]!;
        expect(sample.cached_tokens).toBeGreaterThanOrEqual(repeatedBlocks(before));
        expect(sample.planned_us).toBe(before.ended_us + DELAY_MS * 1000);
      }
    }
  });
});
