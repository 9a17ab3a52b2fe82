import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GENERATED, fileOf } from '../../tools/docs/write.ts';

test.each(GENERATED)('$path is what the code says: else run `npm run docs`', async ({ path, content }) => {
  expect(readFileSync(fileOf(path), 'utf8')).toBe(await content());
});
