import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GENERATED, fileOf } from '../../tools/docs/write.ts';

test.each(GENERATED)(
  '$path is up to date; if not, run `npm run docs`',
  { timeout: 120_000 },
  async ({ path, content }) => {
    expect(readFileSync(fileOf(path), 'utf8')).toBe(await content());
  },
);
