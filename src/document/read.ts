import { readFile } from 'node:fs/promises';
import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { decodeText } from './decode.ts';
import type { Definition } from './definition.ts';

/**
 * Reads a JSON document from a file and checks it; returns `null` if there is no such file.
 * @param hint what to do about a damaged file
 * @throws {GoodputError} of kind `usage` that names the file, and the key or the position in it
 */
export async function readDocument<T>(
  path: string,
  definition: Definition<T>,
  hint: string,
): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw new GoodputError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
  return readText(definition, text, path, hint);
}

/**
 * Reads a JSON document, or a line that is one.
 * @param where the file, and the line in it
 * @throws {GoodputError} of kind `usage` that names `where`, and the key or the position in the document
 */
export function readText<T>(definition: Definition<T>, text: string, where: string, hint: string): T {
  try {
    return decodeText(definition, text);
  } catch (error) {
    throw damaged(where, error, hint);
  }
}

/** Returns the error for a document that is not what its definition allows. */
export const damaged = (where: string, error: unknown, hint: string): GoodputError =>
  new GoodputError('usage', `${where}: ${error instanceof Error ? error.message : String(error)}`, {
    hint,
    cause: error,
  });
