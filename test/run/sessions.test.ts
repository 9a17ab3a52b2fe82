/** @module-tag timed */
import { expect, it } from 'vitest';
import { EMPTY_TURN, type Turn } from '../../src/dataset/model/session.ts';
import type { Sample } from '../../src/sample.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { dataOf } from '../workload/data-sessions.ts';
import { embedded } from './embedded.ts';

const BLOCK = 16;
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
const SESSIONS = [
  [40, 20, 10],
  [33, 17],
];
const DELAY_MS = 120;

const data = dataOf(
  ...SESSIONS.map((lengths, s) => ({
    session: null,
    timestamp_ms: null,
    tags: {},
    turns: lengths.map((count, k) => turn(count, `s${s}t${k}w`, k === 0 ? 0 : DELAY_MS)),
  })),
);

const SCENARIO = `
workload: { data: { file: chat.jsonl, order: file, cycle: false } }
load: { concurrency: 2, warmup: 0s, drain: 5s }
simulator:
  cost: { kind: linear, base: 2000, prefillToken: 0, decodeSequence: 0, contextToken: 0, prefillPair: 0 }
run: { workers: 1 }
`;

const byNumber = (all: readonly Sample[]): Sample[] => all.toSorted((a, b) => a.i - b.i);

it('a turn follows the answer before it, repeats the conversation, and finds it in the cache', async () => {
  const { scenario, samples, truth } = await embedded({ 'no-probe': true }, SCENARIO, data);
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
  const inputs = SESSIONS.flatMap((lengths) =>
    lengths.map((_, k) => lengths.slice(0, k + 1).reduce((sum, count) => sum + count, 0) + k * OUTPUT),
  );
  const virtual = byNumber(simulateRun(scenario, { data }).samples);
  for (const all of [sent, virtual]) {
    expect(all.map(({ input_tokens }) => input_tokens)).toEqual(inputs);
    for (const [k, sample] of all.entries()) {
      if ((sample.turn ?? 0) === 0) continue;
      const before = all[k - 1]!;
      const known = before.input_tokens! + before.output_tokens!;
      // The engine stores an answer's last token only when another follows, so that token's block may be missing.
      expect(sample.cached_tokens).toBeGreaterThanOrEqual(Math.floor((known - 1) / BLOCK) * BLOCK);
      expect(sample.planned_us).toBe(before.ended_us + DELAY_MS * 1000);
    }
  }
});
