import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { SimpleEngine } from '../../src/simulator/engine.ts';

const SETTINGS = { ttftBase: 40, ttftPerInputToken: 0.2, ttftPerRequest: 8, tpot: 12 };

type Token = [id: number, k: number, due_us: number];

function advance(engine: SimpleEngine, to_us: number): Token[] {
  const tokens: Token[] = [];
  engine.advance(to_us, (id, k, due_us) => tokens.push([id, k, due_us]));
  return tokens;
}

describe('SimpleEngine', () => {
  it('waits for the input and for the others in flight, then streams steadily', () => {
    const engine = new SimpleEngine(SETTINGS);
    expect(engine.next_us()).toBeNull();
    expect(engine.submit(1000, { prompt: 100, output: 3 })).toBe(0);
    // 40 + 0.2·100 = 60 ms; the second waits 8 ms more for the first: 40 + 0.2·50 + 8 = 58 ms.
    expect(engine.submit(2000, { prompt: 50, output: 2 })).toBe(1);
    expect(engine.inFlight).toBe(2);
    expect(engine.next_us()).toBe(60_000);
    expect(advance(engine, 59_999)).toEqual([]);
    expect(advance(engine, 72_000)).toEqual([
      [1, 0, 60_000],
      [0, 0, 61_000],
      [1, 1, 72_000],
    ]);
    expect(engine.inFlight).toBe(1);
    // Token 2 of the first is due at 61 + 2·12 ms, however late the last call came.
    expect(advance(engine, 1_000_000)).toEqual([
      [0, 1, 73_000],
      [0, 2, 85_000],
    ]);
    expect(engine.inFlight).toBe(0);
    expect(engine.next_us()).toBeNull();
  });

  it('gives tokens due at the same instant in the order of their requests', () => {
    const engine = new SimpleEngine({ ...SETTINGS, ttftPerRequest: 0 });
    for (let id = 0; id < 5; id++) engine.submit(0, { prompt: 0, output: 2 });
    expect(advance(engine, 52_000).map(([id, k]) => [id, k])).toEqual([
      ...[0, 1, 2, 3, 4].map((id) => [id, 0]),
      ...[0, 1, 2, 3, 4].map((id) => [id, 1]),
    ]);
  });

  it('rounds every deadline from its absolute value: a third of a millisecond a token adds no error', () => {
    const engine = new SimpleEngine({ ttftBase: 0, ttftPerInputToken: 0, ttftPerRequest: 0, tpot: 1 / 3 });
    engine.submit(0, { prompt: 1, output: 30_001 });
    const tokens = advance(engine, 10_000_000);
    expect(tokens).toHaveLength(30_001);
    for (const [, k, due_us] of tokens) expect(Math.abs(due_us - (k * 1000) / 3)).toBeLessThanOrEqual(0.5);
  });

  it('drops a cancelled request at once, and minds no second cancel', () => {
    const engine = new SimpleEngine(SETTINGS);
    const first = engine.submit(0, { prompt: 0, output: 9 });
    engine.submit(0, { prompt: 0, output: 1 });
    engine.cancel(10_000, first);
    engine.cancel(10_000, first);
    expect(engine.inFlight).toBe(1);
    expect(engine.next_us()).toBe(48_000);
    // The third has one other in flight, not two.
    engine.submit(10_000, { prompt: 0, output: 1 });
    expect(advance(engine, 1_000_000)).toEqual([
      [1, 0, 48_000],
      [2, 0, 58_000],
    ]);
    engine.cancel(1_000_000, 2);
    expect(engine.inFlight).toBe(0);
  });

  it('agrees with a naive bookkeeping of random requests, cancels and late calls', () => {
    const random = randomStream(5, 'test');
    const engine = new SimpleEngine(SETTINGS);
    const naive: { first_us: number; output: number; given: number; cancelled: boolean }[] = [];
    const naiveTokens = (to_us: number): Token[] => {
      const due: Token[] = [];
      for (const [id, request] of naive.entries()) {
        while (!request.cancelled && request.given < request.output) {
          const due_us = request.first_us + request.given * 12_000;
          if (due_us > to_us) break;
          due.push([id, request.given++, due_us]);
        }
      }
      return due.sort((a, b) => a[2] - b[2] || a[0] - b[0]);
    };
    const inFlight = (): number =>
      naive.filter(({ cancelled, given, output }) => !cancelled && given < output).length;
    const ids: number[] = [];
    let now_us = 0;
    for (let step = 0; step < 3000; step++) {
      now_us += random.below(20_000);
      expect(advance(engine, now_us)).toEqual(naiveTokens(now_us));
      const next = random.uniform();
      if (next < 0.5) {
        const [prompt, output] = [random.below(300), 1 + random.below(40)];
        naive.push({
          first_us: now_us + Math.round(40_000 + 200 * prompt + 8000 * inFlight()),
          output,
          given: 0,
          cancelled: false,
        });
        ids.push(engine.submit(now_us, { prompt, output }));
      } else if (next < 0.7 && naive.length > 0) {
        const id = random.below(naive.length);
        naive[id]!.cancelled = true;
        engine.cancel(now_us, id);
      }
      expect(engine.inFlight).toBe(inFlight());
    }
    expect(ids).toEqual([...naive.keys()]);
  });
});
