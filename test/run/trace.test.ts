/** @module-tag timed */
import { expect, it } from 'vitest';
import { withTrace } from '../../src/plan/replay.ts';
import type { Sample } from '../../src/sample.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { dataOf, singleTurn } from '../workload/data-sessions.ts';
import { embedded } from './embedded.ts';

const BLOCK = 64;

/** The block ids of requests that start 150 ms apart. */
const PROMPTS = [[1, 2, 3], [1, 2, 4, 5], [6], [1, 2, 3, 7], [6, 8], [1, 2, 4, 5, 9, 10], [11], [6, 8, 12]];
/** An earlier request began with the first so many of these blocks. */
const KNOWN_BLOCKS = [0, 2, 0, 3, 1, 4, 0, 2];

const data = {
  ...dataOf(
    ...PROMPTS.map((hash_ids, k) => ({
      ...singleTurn({
        messages: null,
        input_tokens: hash_ids.length * BLOCK - 7,
        hash_ids,
        output_tokens: 3 + k,
      }),
      timestamp_ms: 300 * k,
    })),
  ),
  blockTokens: BLOCK,
};

const SCENARIO = `
workload: { data: trace.jsonl }
load: { arrivals: trace, speed: 2, warmup: 0s, drain: 5s }
simulator:
  cost: { kind: linear, base: 2000, prefillToken: 0, decodeSequence: 0, contextToken: 0, prefillPair: 0 }
run: { workers: 2 }
`;

it('a trace has the same lengths and the same reuse over sockets as in virtual time', async () => {
  const { scenario, samples, truth } = await embedded({ 'no-probe': true }, SCENARIO, data);
  const byNumber = (all: readonly Sample[]): Sample[] => all.toSorted((a, b) => a.i - b.i);
  const sent = byNumber(samples);
  expect(truth.agrees).toBe(true);
  expect(sent.map(({ planned_us }) => planned_us)).toEqual(PROMPTS.map((_, k) => 150_000 * k));
  expect(sent.map(({ planned_reusable }) => planned_reusable)).toEqual(
    KNOWN_BLOCKS.map((blocks) => blocks * BLOCK),
  );
  // The embedded endpoint counts a word as a token.
  expect(sent.map(({ input_tokens }) => input_tokens)).toEqual(
    PROMPTS.map(({ length }) => length * BLOCK - 7),
  );
  expect(sent.map(({ output_tokens }) => output_tokens)).toEqual(PROMPTS.map((_, k) => 3 + k));
  // A cut block has less than the known text: 64 − 7 tokens are 3 of the 4 engine blocks.
  const counted = KNOWN_BLOCKS.map((blocks, k) => {
    const isCut = PROMPTS.slice(0, k).some((ids) => ids.length === blocks) && blocks > 0;
    return blocks * BLOCK - (isCut ? 16 : 0);
  });
  const virtual = byNumber(simulateRun(withTrace(scenario, data), { data }).samples);
  for (const all of [sent, virtual]) expect(all.map(({ cached_tokens }) => cached_tokens)).toEqual(counted);
});
