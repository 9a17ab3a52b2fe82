import { describe, expect, it } from 'vitest';
import { calibrate, calibrationPrompts, UNCALIBRATED, lengthFor } from '../../src/workload/calibration.ts';
import { synthesize } from '../../src/workload/synthetic.ts';

describe('calibrate', () => {
  it('fits the line through two points exactly', () => {
    // 12 tokens of template, 1.25 tokens a word.
    const points = [
      { words: 32, promptTokens: 52 },
      { words: 288, promptTokens: 372 },
    ];
    expect(calibrate(points)).toEqual({ tokensPerWord: 1.25, overheadTokens: 12 });
  });

  it('fits more points by least squares', () => {
    // Residuals +1, −2, +1 around 10 + 2·words are orthogonal to the line.
    const points = [
      { words: 10, promptTokens: 31 },
      { words: 20, promptTokens: 48 },
      { words: 30, promptTokens: 71 },
    ];
    expect(calibrate(points)).toEqual({ tokensPerWord: 2, overheadTokens: 10 });
  });

  it('treats a negative overhead as noise', () => {
    const points = [
      { words: 10, promptTokens: 10 },
      { words: 110, promptTokens: 130 },
    ];
    expect(calibrate(points)).toEqual({ tokensPerWord: 1.2, overheadTokens: 0 });
  });

  it.each([
    ['nothing', []],
    ['one probe', [{ words: 32, promptTokens: 40 }]],
    [
      'one word count',
      [
        { words: 32, promptTokens: 40 },
        { words: 32, promptTokens: 41 },
      ],
    ],
    [
      'a constant, as servers without usage give',
      [
        { words: 32, promptTokens: 7 },
        { words: 288, promptTokens: 7 },
      ],
    ],
    [
      'zeros',
      [
        { words: 32, promptTokens: 0 },
        { words: 288, promptTokens: 0 },
      ],
    ],
    [
      'a falling line',
      [
        { words: 32, promptTokens: 288 },
        { words: 288, promptTokens: 32 },
      ],
    ],
    [
      'bytes for tokens',
      [
        { words: 32, promptTokens: 1000 },
        { words: 288, promptTokens: 9000 },
      ],
    ],
    [
      'no numbers',
      [
        { words: 32, promptTokens: NaN },
        { words: 288, promptTokens: 300 },
      ],
    ],
    [
      'fractions',
      [
        { words: 32, promptTokens: 33.5 },
        { words: 288, promptTokens: 300 },
      ],
    ],
  ])('rejects %s', (_, points) => {
    expect(calibrate(points)).toBeNull();
  });

  it('gives prompts with the planned token counts: a round trip over tokenizers and templates', () => {
    for (const tokensPerWord of [0.75, 1, 1.13, 2.4]) {
      for (const overheadTokens of [0, 5, 37]) {
        const count = (words: number): number => Math.round(overheadTokens + tokensPerWord * words);
        const learnt = calibrate(
          calibrationPrompts(42).map(({ words }) => ({ words, promptTokens: count(words) })),
        )!;
        for (const planned of [100, 512, 4000]) {
          // One word is the step there is, and a rounded slope is off by 1 token in 256.
          const tolerance = tokensPerWord + planned / 256;
          expect(Math.abs(count(lengthFor(planned, learnt)) - planned)).toBeLessThanOrEqual(tolerance);
        }
      }
    }
  });
});

describe('lengthFor', () => {
  it('subtracts the overhead, then scales; at least one word', () => {
    expect(lengthFor(512, UNCALIBRATED)).toBe(512);
    expect(lengthFor(512, { tokensPerWord: 1.25, overheadTokens: 12 })).toBe(400);
    expect(lengthFor(10, { tokensPerWord: 1, overheadTokens: 30 })).toBe(1);
  });
});

describe('calibrationPrompts', () => {
  it('have two lengths, and begin like no planned request', () => {
    const probes = calibrationPrompts(42);
    expect(new Set(probes.map(({ words }) => words)).size).toBe(2);
    const planned = new Set(Array.from({ length: 20_000 }, (_, i) => synthesize({ seed: 42, i, length: 4 })));
    for (const { words, text } of probes) {
      expect(text.split(' ')).toHaveLength(words);
      expect(planned.has(text.split(' ').slice(0, 4).join(' '))).toBe(false);
    }
  });
});
