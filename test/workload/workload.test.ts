import { describe, expect, it } from 'vitest';
import type { Workload } from '../../src/scenario/keys/scenario.ts';
import { openWorkload, type RequestContent } from '../../src/workload/workload.ts';

const SYNTHETIC: Workload = {
  input: { distribution: 'uniform', min: 50, max: 150 },
  output: { distribution: 'exponential', mean: 40, min: 1, max: 200 },
  exactOutput: false,
  prefix: null,
  prompts: null,
};

function textOf({ prompt }: RequestContent): string[] {
  if (prompt.kind !== 'text') throw new Error('no text');
  return prompt.text.split(' ');
}

describe('a synthetic workload', () => {
  it('returns any request by its number, sizes with and without text', () => {
    const forwards = openWorkload({ seed: 42, workload: SYNTHETIC });
    const numbers = [...Array(200).keys()];
    const contents = numbers.map((i) => forwards.content(i));
    const backwards = openWorkload({ seed: 42, workload: SYNTHETIC });
    for (const i of numbers.toReversed()) {
      expect(backwards.content(i)).toEqual(contents[i]);
      const { input, output } = contents[i]!;
      expect(backwards.size(i)).toEqual({ input, output });
      expect(textOf(contents[i]!)).toHaveLength(input!);
    }
  });

  it('draws output lengths that do not depend on the input lengths', () => {
    const other: Workload = { ...SYNTHETIC, input: { distribution: 'constant', tokens: 7 } };
    const [a, b] = [SYNTHETIC, other].map((workload) => openWorkload({ seed: 42, workload }));
    for (let i = 0; i < 50; i++) expect(a!.size(i).output).toBe(b!.size(i).output);
  });

  it('scales words by the calibration, and plans the same tokens', () => {
    const calibration = { tokensPerWord: 1.25, overheadTokens: 10 };
    const workload: Workload = { ...SYNTHETIC, input: { distribution: 'constant', tokens: 510 } };
    const content = openWorkload({ seed: 42, workload }, { calibration }).content(0);
    expect(content.input).toBe(510);
    expect(textOf(content)).toHaveLength(400);
  });

  it('shares the prefix within each of the groups, which are drawn evenly: chi-square, 0.1 % point 16.3', () => {
    const prefixed: Workload = {
      ...SYNTHETIC,
      input: { distribution: 'constant', tokens: 60 },
      prefix: { tokens: 40, groups: 4 },
    };
    const source = openWorkload({ seed: 42, workload: prefixed });
    const counts = new Map<string, number>();
    const texts = Array.from({ length: 2000 }, (_, i) => textOf(source.content(i)));
    for (const text of texts) {
      expect(text).toHaveLength(60);
      const prefix = text.slice(0, 40).join(' ');
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
    expect(counts.size).toBe(4);
    expect([...counts.values()].reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)).toBeLessThan(16.3);
    expect(new Set(texts.map((text) => text.slice(40, 44).join(' '))).size).toBe(2000);
  });

  it('scales the prefix like the rest', () => {
    const workload: Workload = {
      ...SYNTHETIC,
      prefix: { tokens: 50, groups: 1 },
      input: { distribution: 'constant', tokens: 100 },
    };
    const source = openWorkload(
      { seed: 1, workload },
      { calibration: { tokensPerWord: 2, overheadTokens: 0 } },
    );
    const [a, b] = [textOf(source.content(0)), textOf(source.content(1))];
    expect(a.slice(0, 25)).toEqual(b.slice(0, 25));
    expect(a[25]).not.toBe(b[25]);
  });
});

describe('a workload of a prompt file', () => {
  const workload: Workload = {
    ...SYNTHETIC,
    prompts: 'p.jsonl',
    output: { distribution: 'constant', tokens: 9 },
  };
  const prompts = [
    { prompt: { kind: 'text' as const, text: 'a' }, maxTokens: 20 },
    { prompt: { kind: 'text' as const, text: 'b' }, maxTokens: null },
  ];

  it('uses every prompt, with its own limit if it has one, and plans no input tokens', () => {
    const source = openWorkload({ seed: 42, workload }, { prompts });
    const contents = [0, 1].map((i) => source.content(i));
    expect(contents).toContainEqual({ input: null, output: 20, prompt: prompts[0]!.prompt });
    expect(contents).toContainEqual({ input: null, output: 9, prompt: prompts[1]!.prompt });
    expect([0, 1].map((i) => source.size(i))).toEqual(
      contents.map(({ input, output }) => ({ input, output })),
    );
  });

  it('requires the prompts', () => {
    expect(() => openWorkload({ seed: 42, workload })).toThrow(expect.objectContaining({ kind: 'defect' }));
  });
});
