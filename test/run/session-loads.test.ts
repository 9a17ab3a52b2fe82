/** @module-tag timed */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/sample.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { dataOf } from '../workload/data-sessions.ts';
import { DataSet } from '../../src/dataset/read.ts';
import type { Session } from '../../src/dataset/model/session.ts';
import { READ_OPTIONS } from '../dataset/read-options.ts';
import { embedded } from './embedded.ts';

const BLOCK = 16;
const FLAGS = { 'no-probe': true, drain: '20s' } as const;
const byNumber = (samples: readonly Sample[]): Sample[] => samples.toSorted((a, b) => a.i - b.i);

/** Groups the turns of each session, in order. */
const sessionsOf = (samples: readonly Sample[]): Sample[][] => [
  ...Map.groupBy(byNumber(samples), ({ i, session = i }) => session).values(),
];

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

describe('sessions over sockets', () => {
  it.each(Object.entries(LOADS))(
    '%s: the engine finds the turns before in its cache, and the log of the server agrees',
    async (_, load) => {
      const { scenario, samples, truth } = await embedded(FLAGS, `${SYNTHETIC}\n${load}`);
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
          // Nothing was computed from the last token of the answer, so its block is not full before the next turn.
          const repeated = before.input_tokens! + before.output_tokens! - 1;
          expect(cached_tokens).toBeGreaterThanOrEqual(Math.floor(repeated / BLOCK) * BLOCK);
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

  it('keeps no text in the samples that was only kept for the next turn', async () => {
    const { samples } = await embedded(
      FLAGS,
      `${SYNTHETIC}\nload: { concurrency: 2, warmup: 0s, sessions: 4 }`,
    );
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

  it('several workers share the sessions of an open loop, and the users of a closed one', async () => {
    for (const load of [LOADS['open loop'], LOADS['open loop with a cap'], LOADS['closed loop']]) {
      const one = await embedded({ ...FLAGS, workers: '1' }, `${SYNTHETIC}\n${load}`);
      const two = await embedded({ ...FLAGS, workers: '2' }, `${SYNTHETIC}\n${load}`);
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
});
