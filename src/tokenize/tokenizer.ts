import { readFile } from 'node:fs/promises';
import type { Tokenizer } from '@huggingface/tokenizers';
import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';

/** Counts the tokens of a text, without those that a model puts around it. */
export type CountTokens = (text: string) => number;

/** Any text: it shows whether the parts of a tokenizer work together. */
const TRIAL = 'one two';

/**
 * Reads a Hugging Face `tokenizer.json`.
 * @throws {GoodputError} kind `usage` where there is none, or none that can count
 */
export async function readTokenizer(path: string): Promise<CountTokens> {
  const tokenizer = await parsed(await textOf(path), path);
  const count: CountTokens = (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
  try {
    count(TRIAL);
  } catch (error) {
    throw unusable(path, (error as Error).message, error);
  }
  return count;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new GoodputError('usage', `cannot read the tokenizer ${path}: ${reasonOf(error)}`, {
      ...(codeOf(error) === 'EISDIR' ? { hint: 'name the tokenizer.json in it' } : {}),
      cause: error,
    });
  }
}

async function parsed(text: string, path: string): Promise<Tokenizer> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw unusable(path, `it is no JSON: ${(error as Error).message}`, error);
  }
  if (typeof json !== 'object' || json === null || !('model' in json))
    throw unusable(path, 'it has no model; tokenizer_config.json and vocab.json are other files');
  // Loaded by those who use it alone.
  const { Tokenizer } = await import('@huggingface/tokenizers');
  try {
    // What a second file (tokenizer_config.json) says is about special tokens and decoding.
    return new Tokenizer(json, {});
  } catch (error) {
    throw unusable(path, (error as Error).message, error);
  }
}

const unusable = (path: string, reason: string, cause?: unknown): GoodputError =>
  new GoodputError('usage', `${path} is no tokenizer that goodput can use: ${reason}`, {
    hint: 'Name the tokenizer.json of the model, as Hugging Face has it.',
    ...(cause === undefined ? {} : { cause }),
  });
