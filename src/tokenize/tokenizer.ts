import { readFile } from 'node:fs/promises';
import type { Tokenizer } from '@huggingface/tokenizers';
import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';

/** Counts the tokens of a text, without special tokens. */
export type CountTokens = (text: string) => number;

/** A text for a trial, which shows whether the tokenizer works. */
const TRIAL = 'one two';

/**
 * Reads a Hugging Face `tokenizer.json`.
 * @throws {GoodputError} kind `usage` if the file cannot be read or is not a usable tokenizer
 */
export async function readTokenizer(path: string): Promise<CountTokens> {
  const encode = await readEncoder(path);
  return (text) => encode(text).length;
}

/** Returns the tokens of a text as ids. `special`: with the tokens that the tokenizer adds at the beginning and the end. */
export type EncodeTokens = (text: string, special?: boolean) => readonly number[];

/** Converts between texts and the ids of their tokens. */
export interface Vocabulary {
  encode: EncodeTokens;
  /** Returns the text of one token. */
  textOf(id: number): string;
}

/** Reads a tokenizer like `readTokenizer`, and returns a function from a text to the ids of its tokens. */
export async function readEncoder(path: string): Promise<EncodeTokens> {
  return (await readVocabulary(path)).encode;
}

/** Reads a tokenizer like `readTokenizer`, and returns functions between texts and the ids of their tokens. */
export async function readVocabulary(path: string): Promise<Vocabulary> {
  const tokenizer = await parsed(await textOf(path), path);
  const encode: EncodeTokens = (text, special = false) =>
    tokenizer.encode(text, { add_special_tokens: special }).ids;
  try {
    encode(TRIAL);
  } catch (error) {
    throw unusable(path, (error as Error).message, error);
  }
  return { encode, textOf: (id) => tokenText(tokenizer, id) };
}

/** Returns the text of a token; as the vocabulary writes it, if it is a part of a character, which has no text of its own. */
function tokenText(tokenizer: Tokenizer, id: number): string {
  // A word that is not in the vocabulary can have no number.
  if (!Number.isInteger(id)) return '(unknown)';
  const text = tokenizer.decode([id], { skip_special_tokens: false });
  return text === '' || text.includes('\uFFFD') ? (tokenizer.id_to_token(id) ?? `token ${id}`) : text;
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
    throw unusable(path, `it is not JSON: ${(error as Error).message}`, error);
  }
  if (typeof json !== 'object' || json === null || !('model' in json))
    throw unusable(path, 'it has no "model"; tokenizer_config.json and vocab.json are other files');
  // Only loaded if a scenario names a tokenizer.
  const { Tokenizer } = await import('@huggingface/tokenizers');
  try {
    // The second file (tokenizer_config.json) is about special tokens and decoding only.
    return new Tokenizer(json, {});
  } catch (error) {
    throw unusable(path, (error as Error).message, error);
  }
}

const unusable = (path: string, reason: string, cause?: unknown): GoodputError =>
  new GoodputError('usage', `${path} is not a tokenizer that goodput can use: ${reason}`, {
    hint: 'Name the tokenizer.json of the model, in the format of Hugging Face.',
    ...(cause === undefined ? {} : { cause }),
  });
