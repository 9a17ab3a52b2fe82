import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { type BatchingSettings, DEFAULT_BATCHING, refusalOf } from '../../src/simulator/engine/batching.ts';
import { BatchingEngine, type Step } from '../../src/simulator/engine/batching-engine.ts';
import { stepTimeOf } from '../../src/simulator/engine/cost.ts';
import { simulate } from '../../src/simulator/engine/simulation.ts';
import { naive } from './naive.ts';
import { randomCase } from './random-case.ts';

const SEEDS = Array.from({ length: 4000 }, (_, seed) => seed);

const COST = {
  kind: 'linear',
  base: 1000,
  prefillToken: 10,
  decodeSequence: 100,
  contextToken: 0,
  prefillPair: 0,
} as const;

const engineOf = (settings: Partial<BatchingSettings> = {}): BatchingEngine =>
  new BatchingEngine({ ...DEFAULT_BATCHING, ...settings }, stepTimeOf(COST));

type Token = [id: number, k: number, due_us: number];

function advance(engine: BatchingEngine, to_us: number): Token[] {
  const tokens: Token[] = [];
  engine.advance(to_us, (id, k, due_us) => tokens.push([id, k, due_us]));
  return tokens;
}

describe('random small cases', () => {
  it('agree with a naive implementation of the rules in every figure', () => {
    const met = { preemptions: 0, refused: 0, hits: 0, waits: 0 };
    for (const seed of SEEDS) {
      const { engine, cost, requests } = randomCase(seed);
      const simulation = simulate({ engine, cost, requests });
      expect(simulation, `seed ${seed}`).toEqual(naive(engine, cost, requests));
      met.preemptions += simulation.preemptions;
      met.refused += simulation.admitted_us.filter((at) => at === null).length;
      met.hits += simulation.cached_tokens.filter((tokens) => tokens > 0).length;
      met.waits += simulation.admitted_us.filter(
        (at, k) => at !== null && at > requests[k]!.arrival_us,
      ).length;
    }
    // The cases must apply every rule, or the comparison is weak.
    for (const times of Object.values(met)) expect(times).toBeGreaterThan(1000);
  });

  it('keep the limits in every step, and release every block', () => {
    for (const seed of SEEDS) {
      const { engine: settings, cost, requests } = randomCase(seed);
      const steps: Step[] = [];
      const engine = new BatchingEngine(settings, stepTimeOf(cost), { step: (step) => steps.push(step) });
      const accepted = requests
        .filter((request) => refusalOf(settings, request) === null)
        .sort((a, b) => a.arrival_us - b.arrival_us);
      let tokens = 0;
      for (const { arrival_us, prompt, output } of accepted) {
        engine.advance(arrival_us, () => tokens++);
        engine.submit(arrival_us, { prompt, output, chain: ['shared'] });
      }
      engine.advance(Infinity, () => tokens++);
      const broken = steps.filter(({ prefillTokens, decodes, running, blocks, start_us }, k) => {
        const computed = prefillTokens + decodes;
        const kept =
          computed > 0 &&
          computed <= settings.maxBatchedTokens &&
          running <= settings.maxNumSeqs &&
          blocks <= settings.kvBlocks &&
          start_us >= (steps[k - 1]?.end_us ?? 0);
        return !kept;
      });
      expect(broken).toEqual([]);
      expect(tokens).toBe(accepted.reduce((sum, { output }) => sum + output, 0));
      expect(engine.inFlight).toBe(0);
      expect(engine.blocksInUse).toBe(0);
      expect(engine.next_us()).toBeNull();
    }
  });

  it('emit every token of accepted requests, none before its arrival or out of order; admit in order of arrival', () => {
    for (const seed of SEEDS.slice(0, 1000)) {
      const { engine, cost, requests } = randomCase(seed);
      const { tokens_us, admitted_us, cached_tokens } = simulate({ engine, cost, requests });
      const admissions: number[] = [];
      const order = requests
        .map((_, k) => k)
        .sort((a, b) => requests[a]!.arrival_us - requests[b]!.arrival_us);
      for (const k of order) {
        const { arrival_us, prompt, output } = requests[k]!;
        const at = admitted_us[k]!;
        const tokens = tokens_us[k]!;
        if (at === null) {
          expect(tokens).toEqual([]);
          continue;
        }
        admissions.push(at);
        expect(at).toBeGreaterThanOrEqual(arrival_us);
        expect(tokens).toHaveLength(output);
        expect(tokens[0]).toBeGreaterThanOrEqual(at);
        expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
        expect(cached_tokens[k]).toBeLessThan(prompt);
      }
      expect(admissions).toEqual(admissions.toSorted((a, b) => a - b));
    }
  });

  it('give the same output for the same input, which they do not change', () => {
    for (const seed of SEEDS.slice(0, 200)) {
      const input = randomCase(seed);
      expect(simulate(input)).toEqual(simulate(randomCase(seed)));
      expect(input).toEqual(randomCase(seed));
    }
  });

  it('preempt nothing if there are enough blocks', () => {
    for (const seed of SEEDS) {
      const { engine, cost, requests } = randomCase(seed);
      const kvBlocks = requests.reduce((sum, { prompt, output }) => sum + prompt + output, 0);
      expect(simulate({ engine: { ...engine, kvBlocks }, cost, requests }).preemptions).toBe(0);
    }
  });
});

describe('an engine with a driver', () => {
  it('gives the same result as simulate, whenever it is advanced', () => {
    for (const seed of SEEDS.slice(0, 1000)) {
      const { engine: settings, cost, requests } = randomCase(seed);
      const plain = requests
        .map(({ arrival_us, prompt, output }) => ({ arrival_us, prompt, output }))
        .filter((request) => refusalOf(settings, request) === null)
        .sort((a, b) => a.arrival_us - b.arrival_us);
      const engine = new BatchingEngine(settings, stepTimeOf(cost));
      const random = randomStream(seed, 'looks');
      const tokens_us: number[][] = plain.map(() => []);
      const onToken = (id: number, k: number, due_us: number): void => {
        tokens_us[id]![k] = due_us;
      };
      let now = 0;
      for (const { arrival_us, prompt, output } of plain) {
        // Calls between arrivals, early or late, must change nothing.
        while (now < arrival_us) {
          now = Math.min(arrival_us, now + 1 + random.below(60));
          engine.advance(now, onToken);
        }
        engine.advance(arrival_us, onToken);
        engine.submit(arrival_us, { prompt, output });
      }
      // From here on only at its own next instant, like a timer.
      for (let next = engine.next_us(); next !== null; next = engine.next_us()) engine.advance(next, onToken);
      expect(tokens_us).toEqual(simulate({ engine: settings, cost, requests: plain }).tokens_us);
    }
  });

  it('includes requests that arrive at the instant at which a step begins', () => {
    const engine = engineOf();
    expect(engine.next_us()).toBeNull();
    engine.submit(500, { prompt: 10, output: 2 });
    // 1000 + 10·10 = 1100: the step is scheduled once 500 has passed.
    expect(engine.next_us()).toBe(501);
    expect(advance(engine, 501)).toEqual([]);
    expect(engine.next_us()).toBe(1600);
    expect(advance(engine, 1600)).toEqual([[0, 0, 1600]]);
    engine.submit(1600, { prompt: 20, output: 1 });
    // 1000 + 20·10 + 100 = 1300, both in one step.
    expect(advance(engine, 1601)).toEqual([]);
    expect(engine.next_us()).toBe(2900);
    expect(advance(engine, 9999)).toEqual([
      [0, 1, 2900],
      [1, 0, 2900],
    ]);
    expect(engine.inFlight).toBe(0);
  });

  it('accepts a request from the callback of a token, at its instant, as in a closed loop', () => {
    const engine = engineOf();
    const tokens: Token[] = [];
    engine.submit(0, { prompt: 10, output: 1 });
    engine.advance(Infinity, (id, k, due_us) => {
      tokens.push([id, k, due_us]);
      if (id < 3) engine.submit(due_us, { prompt: 10, output: 1 });
    });
    expect(tokens).toEqual([0, 1, 2, 3].map((id) => [id, 0, (id + 1) * 1100]));
  });

  it('removes a cancelled request: no more tokens, its blocks are free, its step keeps its duration', () => {
    const engine = engineOf({ kvBlocks: 4, maxNumSeqs: 1 });
    const first = engine.submit(0, { prompt: 20, output: 9 });
    const second = engine.submit(0, { prompt: 20, output: 9 });
    engine.submit(0, { prompt: 20, output: 1 });
    expect(advance(engine, 1200)).toEqual([[first, 0, 1200]]);
    advance(engine, 1500);
    expect(engine.blocksInUse).toBe(2);
    engine.cancel(1500, first);
    engine.cancel(1500, first);
    engine.cancel(1500, second);
    expect(engine.blocksInUse).toBe(0);
    expect(engine.inFlight).toBe(1);
    // The step of 1200 ends at 2300; then the third request is computed: 1000 + 20·10.
    expect(advance(engine, Infinity)).toEqual([[2, 0, 3500]]);
    expect(engine.next_us()).toBeNull();
  });

  it('shares blocks with equal names, of prompts and of answers', () => {
    const cached: number[] = [];
    const engine = new BatchingEngine(DEFAULT_BATCHING, stepTimeOf(COST), {
      admitted: (_id, _at, tokens) => cached.push(tokens),
    });
    const chain = ['a', 'ab', 'abc', 'abcd'];
    engine.submit(0, { prompt: 40, output: 20, chain });
    advance(engine, 1_000_000);
    // 59 of the 60 tokens were computed, so 3 of the 4 named blocks are full.
    engine.submit(1_000_000, { prompt: 64, output: 1, chain });
    engine.submit(1_000_000, { prompt: 64, output: 1, chain: ['a', 'ax', 'abc'] });
    engine.submit(1_000_000, { prompt: 64, output: 1 });
    advance(engine, Infinity);
    expect(cached).toEqual([0, 48, 16, 0]);
  });

  it('rejects a request that can never run as a defect of its driver', () => {
    expect(() => engineOf({ kvBlocks: 1 }).submit(0, { prompt: 16, output: 2 })).toThrow(
      /maximum context length is 17 tokens\..*the 1 blocks of 16 tokens/,
    );
  });

  it('reports a step beyond the range of its clock', () => {
    expect(() =>
      simulate({
        engine: {},
        cost: { ...COST, base: 1e300 },
        requests: [{ arrival_us: 0, prompt: 1, output: 1 }],
      }),
    ).toThrow(/step of .* exceeds .*clock/);
  });
});
