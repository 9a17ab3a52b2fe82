import { describe, expect, it } from 'vitest';
import { withTrace } from '../../src/plan/replay.ts';
import { randomStream } from '../../src/random.ts';
import type { Sample } from '../../src/sample.ts';
import { TokenCounter } from '../../src/simulate/request-tokens.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { openWorkload } from '../../src/workload/workload.ts';
import { dataOf, singleTurn } from '../workload/data-sessions.ts';
import { scenarioOf } from './support.ts';

/** Requests of conversations: each begins with some of the blocks of an earlier one. */
function traceOf(count: number, blockTokens: number) {
  const random = randomStream(1, 'trace test');
  const prompts: number[][] = [];
  const sessions = Array.from({ length: count }, (_, k) => {
    const earlier = prompts[random.below(Math.max(1, prompts.length))] ?? [];
    // The last block may be partial: its id stands for less than a block.
    const kept = earlier.slice(0, random.below(Math.max(1, earlier.length)));
    const hash_ids = [...kept, ...Array.from({ length: 1 + random.below(4) }, (__, n) => 100 * k + n)];
    prompts.push(hash_ids);
    const input_tokens = hash_ids.length * blockTokens - random.below(blockTokens);
    const turn = { messages: null, input_tokens, hash_ids, output_tokens: 2 + random.below(5) };
    return { ...singleTurn(turn), timestamp_ms: 700 * k };
  });
  return { ...dataOf(...sessions), blockTokens };
}

const SCENARIO = `
workload: { data: trace.jsonl }
load: { arrivals: trace, warmup: 0s, drain: 10s }
simulator:
  engine: { kvBlocks: 1000000, blockSize: 16 }
  cost: { kind: linear, base: 1000, prefillToken: 0, decodeSequence: 0, contextToken: 0, prefillPair: 0 }
`;

const total = (samples: readonly Sample[], value: (sample: Sample) => number): number =>
  samples.reduce((sum, sample) => sum + value(sample), 0);

describe('a trace in virtual time', () => {
  it.each([16, 48, 512])(
    'reuses what it says, in the blocks of the engine (%d tokens each)',
    (blockTokens) => {
      const data = traceOf(300, blockTokens);
      const scenario = withTrace(scenarioOf(SCENARIO), data);
      const { samples, window, planned } = simulateRun(scenario, { data });
      expect([planned, samples.length]).toEqual([300, 300]);
      expect(window).toEqual({ start_us: 0, end_us: 210_000_000 });
      for (const { i, planned_us, sent_us, planned_reusable, cached_tokens, input_tokens } of samples) {
        expect([planned_us, sent_us]).toEqual([700_000 * i, 700_000 * i]);
        // Whole engine blocks, and the last token is always computed.
        const reusable = Math.min(planned_reusable!, input_tokens! - 1);
        expect(cached_tokens).toBe(Math.floor(reusable / 16) * 16);
      }
      const share =
        total(samples, (each) => each.cached_tokens!) / total(samples, (each) => each.input_tokens!);
      expect(share).toBeGreaterThan(0.3);
      expect(total(samples, (each) => each.input_tokens!)).toBe(
        total(samples, (each) => each.planned_input!),
      );
    },
  );

  it('has the lengths and shares the blocks of the texts that a real run sends', () => {
    const data = traceOf(80, 40);
    const scenario = scenarioOf(SCENARIO);
    const source = openWorkload(withTrace(scenario, data), { data });
    const counter = new TokenCounter(source, 16, data.blockTokens);
    const texts = Array.from({ length: 80 }, (_, i) => {
      const prompt = source.prompt(i, 0, i);
      return prompt.kind === 'text' ? prompt.text.split(' ') : [];
    });
    const counted = texts.map((_, i) => {
      const { hash_ids, input } = source.session(i).turns[0]!;
      return counter.ofBlocks(hash_ids!, input!);
    });
    expect(counted.map(({ prompt }) => prompt)).toEqual(texts.map((words) => words.length));
    const shared = (one: readonly unknown[], other: readonly unknown[]): number => {
      const at = one.findIndex((each, k) => each !== other[k]);
      return at === -1 ? one.length : at;
    };
    for (let a = 0; a < 80; a++)
      for (let b = 0; b < a; b++)
        expect(shared(counted[a]!.chain, counted[b]!.chain)).toBe(
          Math.floor(shared(texts[a]!, texts[b]!) / 16),
        );
  });
});
