import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modelMix } from '../../src/plan/model-mix.ts';

interface Vector {
  shares: Record<string, number>;
  sessions: number;
  within: Record<string, [number, number]>;
}

const { model_mix } = JSON.parse(
  readFileSync(new URL('../vectors/workloads.json', import.meta.url), 'utf8'),
) as { model_mix: Vector[] };

test.each(model_mix)(
  'models are drawn per session in their shares: $shares',
  ({ shares, sessions, within }) => {
    for (const seed of [1, 42, 7777]) {
      const drawn = Array.from({ length: sessions }, (_, s) => modelMix(seed, shares)(s));
      for (const [model, [least, most]] of Object.entries(within)) {
        const count = drawn.filter((each) => each === model).length;
        expect(count).toBeGreaterThanOrEqual(least);
        expect(count).toBeLessThanOrEqual(most);
      }
      expect(Array.from({ length: sessions }, (_, s) => modelMix(seed, shares)(s))).toEqual(drawn);
    }
  },
);

test('without shares every request has the model of the run', () => {
  expect(modelMix(1, null)(0)).toBeNull();
});
