import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { GoodputError } from '../errors.ts';

/**
 * Returns the files that words name: paths, `-` for stdin, and patterns with `*`, `?`, `[…]` or `{…}`, whose matches are sorted.
 * @throws {GoodputError} kind `usage` if a pattern matches nothing, or stdin is named twice
 */
export async function expandFiles(words: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const word of words) {
    if (word === '-' || !/[*?[{]/.test(word) || existsSync(word)) {
      files.push(word);
      continue;
    }
    const matches: string[] = [];
    for await (const match of glob(word)) matches.push(match);
    if (matches.length === 0) throw new GoodputError('usage', `${word}: matches no file`);
    files.push(...matches.sort());
  }
  if (files.filter((file) => file === '-').length > 1)
    throw new GoodputError('usage', '-: stdin can be read only once');
  return files;
}
