import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { identifiedChain } from '../../src/simulate/identified-chain.ts';
import { chainOf } from '../../src/simulator/engine/chain.ts';

/** Names by their words, as over HTTP: token k of a block is a word of its id. */
const byWords = (ids: readonly number[], tokens: number, length: number, blockSize: number) =>
  chainOf(
    (k) => `${ids[Math.floor(k / tokens)]}.${k % tokens}`,
    Math.min(length, ids.length * tokens),
    blockSize,
  );

/** The first names that two chains share. */
function shared(one: readonly unknown[], other: readonly unknown[]): number {
  const at = one.findIndex((name, k) => name !== other[k]);
  return at === -1 ? one.length : at;
}

describe('identifiedChain', () => {
  it.each([
    [16, 16],
    [512, 16],
    [16, 64],
    [24, 16],
    [7, 16],
  ])(
    'shares the blocks that the words share: blocks of %d tokens, engine blocks of %d',
    (tokens, blockSize) => {
      const random = randomStream(1, 'chains', tokens);
      const prompts = Array.from({ length: 60 }, () => {
        const ids = Array.from(
          { length: 1 + random.below(12) },
          (_, k) => 2 ** 32 * random.below(2) + k * 10,
        );
        return { ids, length: 1 + random.below(ids.length * tokens + 20) };
      });
      const names = prompts.map(({ ids, length }) => identifiedChain({ ids, tokens }, length, blockSize));
      const words = prompts.map(({ ids, length }) => byWords(ids, tokens, length, blockSize));
      let most = 0;
      for (const [a, chain] of names.entries()) {
        expect(chain).toHaveLength(words[a]!.length);
        for (const [b, other] of names.entries()) {
          const common = shared(words[a]!, words[b]!);
          expect(shared(chain, other)).toBe(common);
          if (a !== b) most = Math.max(most, common);
        }
      }
      expect(most).toBeGreaterThan(0);
    },
  );

  it('names no two of a million blocks alike, and none as the own blocks of a request', () => {
    const seen = new Set<number | string>();
    for (let i = 0; i < 1000; i++) {
      const ids = Array.from({ length: 32 }, (_, k) => i * 32 + k);
      for (const name of identifiedChain({ ids, tokens: 512 }, 16_384, 16)) seen.add(name);
    }
    expect([...seen].every((name) => typeof name === 'number' && name < 0)).toBe(true);
    expect(seen.size).toBe(1000 * 1024);
  });
});
