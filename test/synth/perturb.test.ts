import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EMPTY_TURN, type Session, sessionText } from '../../src/dataset/model/session.ts';
import { perturbed, replacedTokens } from '../../src/synth/perturb.ts';
import { randomStream } from '../../src/random.ts';

const { perturb } = JSON.parse(
  await readFile(join(import.meta.dirname, '..', 'vectors', 'workloads.json'), 'utf8'),
) as { perturb: { tokens: number; share: number; expect: number }[] };

const conversation: Session = {
  session: 'c',
  timestamp_ms: 5,
  tags: { source: 'a.jsonl' },
  turns: [
    {
      ...EMPTY_TURN,
      messages: [
        { role: 'system', content: 'one  two\tthree' },
        { role: 'user', content: [{ type: 'text', text: 'four five\n\nsix' }, { type: 'image_url' }] },
      ],
      reference: 'never changed',
    },
    { ...EMPTY_TURN, messages: [{ role: 'user', content: 'seven eight nine ten' }] },
  ],
};

describe('perturb', () => {
  it.each(perturb)('$share of $tokens tokens', ({ tokens, share, expect: expected }) => {
    expect(replacedTokens(tokens, share)).toBe(expected);
  });

  it('a share that is not exact in binary counts as written', () => {
    expect(replacedTokens(100, 0.145)).toBe(15);
    expect(replacedTokens(1000, 0.0035)).toBe(4);
  });

  it('exactly this many words differ, at any place with the same probability; all else is kept', () => {
    const before = sessionText(conversation)!.split(/\s+/);
    const changes = before.map(() => 0);
    const seeds = 500;
    for (let seed = 0; seed < seeds; seed++) {
      const made = perturbed(conversation, 'c', 0.3, randomStream(seed, 'test'))!;
      const text = sessionText(made)!;
      expect(text.match(/\s+/g)).toEqual(sessionText(conversation)!.match(/\s+/g));
      const differing = text.split(/\s+/).map((word, at) => word !== before[at]);
      expect(differing.filter(Boolean)).toHaveLength(3);
      differing.forEach((isDifferent, at) => (changes[at]! += Number(isDifferent)));
      expect(made).toMatchObject({
        session: 'c',
        timestamp_ms: 5,
        tags: { source: 'a.jsonl', parent: 'c' },
        turns: [{ reference: 'never changed', messages: [{ role: 'system' }, { role: 'user' }] }, {}],
      });
    }
    // Four standard errors of a share of 500.
    for (const changed of changes)
      expect(Math.abs(changed / seeds - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / seeds));
  });

  it('a session given by length has no words to replace', () => {
    const turns = [{ ...EMPTY_TURN, input_tokens: 9 }];
    expect(perturbed({ ...conversation, turns }, 'c', 1, randomStream(1, 'test'))).toBeNull();
  });
});
