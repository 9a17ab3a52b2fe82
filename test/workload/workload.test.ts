import { describe, expect, it } from 'vitest';
import type { Workload } from '../../src/scenario/keys/scenario.ts';
import { PROMPT_FILE } from '../../src/scenario/build.ts';
import { openWorkload } from '../../src/workload/workload.ts';
import { dataOf, singleTurn } from './data-sessions.ts';
import { requestOf, type SingleRequest } from './single-requests.ts';

const SYNTHETIC: Workload = {
  input: { distribution: 'uniform', min: 50, max: 150 },
  output: { distribution: 'exponential', mean: 40, min: 1, max: 200 },
  exactOutput: false,
  prefix: null,
  sessions: null,
  data: null,
};

function textOf({ prompt }: SingleRequest): string[] {
  if (prompt.kind !== 'text') throw new Error('no text');
  return prompt.text.split(' ');
}

describe('a synthetic workload', () => {
  it('returns any request by its number, sizes with and without text', () => {
    const forwards = openWorkload({ seed: 42, workload: SYNTHETIC });
    const numbers = [...Array(200).keys()];
    const contents = numbers.map((i) => requestOf(forwards, i));
    const backwards = openWorkload({ seed: 42, workload: SYNTHETIC });
    for (const i of numbers.toReversed()) {
      expect(requestOf(backwards, i)).toEqual(contents[i]);
      const { input, output } = contents[i]!;
      expect(backwards.session(i).turns[0]).toMatchObject({ input, output });
      expect(textOf(contents[i]!)).toHaveLength(input!);
    }
  });

  it('draws output lengths that do not depend on the input lengths', () => {
    const other: Workload = { ...SYNTHETIC, input: { distribution: 'constant', tokens: 7 } };
    const [a, b] = [SYNTHETIC, other].map((workload) => openWorkload({ seed: 42, workload }));
    for (let i = 0; i < 50; i++) expect(a!.session(i).turns[0]!.output).toBe(b!.session(i).turns[0]!.output);
  });

  it('scales words by the calibration, and plans the same tokens', () => {
    const calibration = { tokensPerWord: 1.25, overheadTokens: 10 };
    const workload: Workload = { ...SYNTHETIC, input: { distribution: 'constant', tokens: 510 } };
    const content = requestOf(openWorkload({ seed: 42, workload }, { calibration }), 0);
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
    const texts = Array.from({ length: 2000 }, (_, i) => textOf(requestOf(source, i)));
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
    const [a, b] = [textOf(requestOf(source, 0)), textOf(requestOf(source, 1))];
    expect(a.slice(0, 25)).toEqual(b.slice(0, 25));
    expect(a[25]).not.toBe(b[25]);
  });
});

describe('a workload of a data set', () => {
  const ALL = { ...PROMPT_FILE, files: ['p.jsonl'] };
  const workload: Workload = { ...SYNTHETIC, data: ALL, output: { distribution: 'constant', tokens: 9 } };
  const data = dataOf(
    singleTurn({ messages: [{ role: 'user', content: 'a' }], output_tokens: 20 }),
    singleTurn({ messages: [{ role: 'user', content: 'b' }], tags: { language: 'en' } }),
    singleTurn({ messages: null, input_tokens: 60 }),
  );

  it('uses every session, with its own output length if it has one', () => {
    const source = openWorkload({ seed: 42, workload }, { data });
    const found: (SingleRequest & { record: number | null })[] = [];
    for (const s of [0, 1, 2]) found.push({ ...requestOf(source, s), record: source.record(s) });
    expect(found.toSorted((a, b) => a.record! - b.record!)).toEqual([
      { input: null, output: 20, prompt: { kind: 'text', text: 'a' }, record: 0 },
      { input: null, output: 9, prompt: { kind: 'text', text: 'b' }, record: 1 },
      { input: 60, output: 9, prompt: { kind: 'text', text: expect.any(String) as string }, record: 2 },
    ]);
    expect(textOf(found.find(({ record }) => record === 2)!)).toHaveLength(60);
  });

  it('writes texts of a given length by the calibration', () => {
    const calibration = { tokensPerWord: 2, overheadTokens: 10 };
    const file = { ...workload, data: { ...ALL, order: 'file' as const } };
    const source = openWorkload({ seed: 42, workload: file }, { data, calibration });
    expect(requestOf(source, 2).input).toBe(60);
    expect(textOf(requestOf(source, 2))).toHaveLength(25);
  });

  it('has an end only without cycle', () => {
    const count = (cycle: boolean): number =>
      openWorkload({ seed: 42, workload: { ...workload, data: { ...ALL, cycle } } }, { data }).count;
    expect([count(true), count(false)]).toEqual([Infinity, 3]);
  });

  it('requires the data', () => {
    expect(() => openWorkload({ seed: 42, workload })).toThrow(expect.objectContaining({ kind: 'defect' }));
  });
});
