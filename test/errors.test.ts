import { describe, expect, it } from 'vitest';
import { didYouMean, EXIT, GoodputError, type ErrorKind } from '../src/errors.ts';

describe('GoodputError', () => {
  it.each<[ErrorKind, number]>([
    ['usage', 104],
    ['io', 1],
    ['worker', 1],
    ['endpoint', 1],
    ['defect', 1],
  ])('of kind %s exits with %d', (kind, code) => {
    expect(new GoodputError(kind, 'x').exitCode).toBe(code);
  });

  it('carries hint and cause as data', () => {
    const cause = new Error('disk full');
    const error = new GoodputError('io', 'cannot write', { hint: 'Free some space.', cause });
    expect(error).toMatchObject({
      name: 'GoodputError',
      message: 'cannot write',
      hint: 'Free some space.',
      cause,
    });
    const bare = new GoodputError('io', 'x');
    expect(bare.hint).toBeNull();
    expect('cause' in bare).toBe(false);
  });

  it('has the documented exit codes', () => {
    expect(EXIT).toEqual({ ok: 0, failure: 1, invalid: 98, missed: 99, usage: 104, interrupted: 105 });
  });
});

describe('didYouMean', () => {
  const names = ['ttft', 'tpot', 'e2e', 'concurrency', 'duration'];

  it.each([
    ['tftt', 'ttft'],
    ['TTFT', 'ttft'],
    ['concurency', 'concurrency'],
    ['durration', 'duration'],
    ['e2', 'e2e'],
  ])('corrects %s to %s', (word, meant) => {
    expect(didYouMean(word, names)).toBe(meant);
  });

  it.each(['latency', 'xyz', ''])('finds no candidate for %j', (word) => {
    expect(didYouMean(word, names)).toBeNull();
  });

  it('returns the most similar candidate, and the first of equally similar ones', () => {
    expect(didYouMean('rats', ['rate', 'rates'])).toBe('rate');
    expect(didYouMean('rate', ['rates', 'rate'])).toBe('rate');
  });
});
