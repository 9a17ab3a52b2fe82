import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bloomSize } from '../../src/dataset/duplicates/bloom.ts';
import { type DedupeDocument, type DedupeOptions, openDeduper } from '../../src/dataset/duplicates/dedupe.ts';
import { candidateProbability } from '../../src/dataset/duplicates/minhash.ts';
import { arrivalsOf } from '../../src/dataset/inspect/arrivals.ts';
import { correlationOf } from '../../src/dataset/inspect/correlation.ts';
import { coverageOf } from '../../src/dataset/inspect/coverage.ts';
import { lengthFigures, outliersOf } from '../../src/dataset/inspect/length-figures.ts';
import { PrefixReuse } from '../../src/dataset/inspect/reusable-prefix.ts';
import { leastForUpperBound, recordsForQuantile } from '../../src/dataset/inspect/size.ts';
import { EMPTY_TURN, type Session } from '../../src/dataset/model/session.ts';
import { normalForm } from '../../src/dataset/text/normal-form.ts';
import { WORDS } from '../../src/dataset/text/tokens.ts';

interface Cluster {
  kept: number;
  removed: number[];
}

interface Vectors {
  dedupe: { texts: string[]; exact: Cluster[]; near: { threshold: number; clusters: Cluster[] } }[];
  units: { texts: string[]; paragraph: object; sentence: object }[];
  prefix: { texts: string[]; blocks: number; groups: object[] }[];
  normal: { text: string; expect: string }[];
  figures: { lengths: number[]; expect: object; outliers: object | null }[];
  correlation: { input: number[]; output: number[]; pearson: number | null; spearman: number | null }[];
  arrivals: { timestamps_ms: number[]; expect: object }[];
  entropy: { counts: number[]; bits: number; largest_share: number }[];
  reusable: { block: number; requests: { hash_ids: number[]; input: number }[]; expect: Reusable }[];
  reusable_text: { sessions: { messages: string[][]; references: (string | null)[] }[]; expect: Reusable }[];
  size: { p: number; epsilon: number; expect: number }[];
  least: { p: number; alpha: number; expect: number }[];
  bloom: { n: number; p: number; bits: number; hashes: number; expected_false: number }[];
  candidate: { s: number; expect: number }[];
}

interface Reusable {
  tokens: number;
  share: number;
  each: number[];
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'vectors', 'workloads.json'), 'utf8'),
) as Vectors;

const sessionOf = (...texts: string[]): Session => ({
  session: null,
  timestamp_ms: null,
  tags: {},
  turns: [{ ...EMPTY_TURN, messages: texts.map((content) => ({ role: 'user', content })) }],
});

async function dedupe(texts: readonly string[], options: Partial<DedupeOptions>): Promise<DedupeDocument> {
  const deduper = openDeduper({
    level: 'document',
    method: 'exact',
    threshold: 0.8,
    blocks: 1,
    bloom: { expected: 1000, rate: 1e-9 },
    ...options,
  });
  for (const text of texts) deduper.add(sessionOf(text));
  return (await deduper.finish()).document;
}

/** The expected values, each number within rounding. */
const close = (expected: unknown): unknown =>
  typeof expected === 'number'
    ? expect.closeTo(expected, 9)
    : typeof expected === 'object' && expected !== null
      ? Array.isArray(expected)
        ? expected.map(close)
        : Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, close(value)]))
      : expected;

describe('dedupe', () => {
  it.each(vectors.dedupe)('exact, minhash and bloom %#', async ({ texts, exact, near }) => {
    const document = await dedupe(texts, {});
    expect(document.clusters).toEqual(exact);
    expect(document).toMatchObject({
      records: texts.length,
      removed: exact.reduce((sum, { removed }) => sum + removed.length, 0),
    });
    expect((await dedupe(texts, { method: 'bloom' })).removed).toBe(document.removed);
    const found = await dedupe(texts, { method: 'minhash', threshold: near.threshold });
    expect(found).toMatchObject({ clusters: near.clusters, threshold: near.threshold });
  });

  it.each(vectors.units)('paragraphs and sentences', async ({ texts, paragraph, sentence }) => {
    expect(await dedupe(texts, { level: 'paragraph' })).toMatchObject(paragraph);
    expect(await dedupe(texts, { level: 'sentence' })).toMatchObject(sentence);
    expect(await dedupe(texts, { level: 'sentence', method: 'bloom' })).toMatchObject(sentence);
  });

  it.each(vectors.prefix)('prefixes of $blocks blocks', async ({ texts, blocks, groups }) => {
    expect(await dedupe(texts, { level: 'prefix', blocks })).toMatchObject({ groups, removed: 0 });
  });

  it.each(vectors.bloom)('a Bloom filter for $n texts', ({ n, p, bits, hashes, expected_false }) => {
    expect(bloomSize(n, p)).toEqual({
      bits,
      hashes,
      expected_false: expect.closeTo(expected_false, 9) as number,
    });
  });

  it.each(vectors.candidate)('candidates at $s', ({ s, expect: probability }) => {
    expect(candidateProbability(s)).toBeCloseTo(probability, 12);
  });
});

describe('inspect', () => {
  it.each(vectors.normal)('the normal form of $text', ({ text, expect: form }) => {
    expect(normalForm(text)).toBe(form);
  });

  it.each(vectors.figures)('lengths %#', ({ lengths, expect: figures, outliers }) => {
    expect(outliersOf(lengths)).toEqual(outliers);
    expect(lengthFigures(Float64Array.from(lengths))).toEqual(close(figures));
  });

  it.each(vectors.correlation)('correlation %#', ({ input, output, pearson, spearman }) => {
    const found = correlationOf(Float64Array.from(input), Float64Array.from(output));
    expect(found).toEqual(close({ pearson, spearman }));
  });

  it.each(vectors.arrivals)('arrivals %#', ({ timestamps_ms, expect: arrivals }) => {
    expect(arrivalsOf(Float64Array.from(timestamps_ms))).toEqual(close(arrivals));
  });

  it.each(vectors.entropy)('coverage %#', ({ counts, bits, largest_share }) => {
    expect(coverageOf(counts)).toMatchObject(close({ entropy_bits: bits, largest_share }) as object);
  });

  it.each(vectors.reusable)('reusable blocks %#', ({ block, requests, expect: { each, ...total } }) => {
    const reuse = new PrefixReuse(WORDS, block);
    const turns = requests.map(({ hash_ids, input }) => ({ ...EMPTY_TURN, hash_ids, input_tokens: input }));
    expect(turns.flatMap((turn) => reuse.add({ turns: [turn] }))).toEqual(each);
    expect(reuse.result()).toEqual(close(total));
  });

  it.each(vectors.reusable_text)('reusable text %#', ({ sessions, expect: { each, ...total } }) => {
    const reuse = new PrefixReuse(WORDS, 512);
    const found = sessions.flatMap(({ messages, references }) =>
      reuse.add({
        turns: messages.map((texts, at) => ({
          ...sessionOf(...texts).turns[0]!,
          reference: references[at]!,
        })),
      }),
    );
    expect(found).toEqual(each);
    expect(reuse.result()).toEqual(close(total));
  });
});

describe('size', () => {
  it.each(vectors.size)('p$p ± $epsilon', ({ p, epsilon, expect: records }) => {
    expect(recordsForQuantile(p, epsilon, 0.95)).toBe(records);
  });

  it.each(vectors.least)('an upper bound of p$p', ({ p, alpha, expect: records }) => {
    expect(leastForUpperBound(p, alpha)).toBe(records);
  });
});
