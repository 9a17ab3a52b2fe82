import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GENERATED, fileOf } from '../../tools/docs/write.ts';

const LONG = GENERATED.filter(({ repeatsRuns = false }) => repeatsRuns);
const SHORT = GENERATED.filter((page) => !LONG.includes(page));

describe('generated from the code', () => {
  test.each(SHORT)('$path is up to date; if not, run `npm run docs`', isUpToDate);
});

describe('with the output of runs', { tags: ['study'] }, () => {
  test.each(LONG)('$path is up to date; if not, run `npm run docs`', { timeout: 120_000 }, isUpToDate);
});

async function isUpToDate({ path, content }: (typeof GENERATED)[number]): Promise<void> {
  expect(readFileSync(fileOf(path), 'utf8')).toBe(await content());
}
