import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { GoodputError } from '../errors.ts';
import { readLines } from '../record/lines.ts';
import { reasonOf } from '../system-errors.ts';
import { jsonMistake } from './json-mistake.ts';

/** A JSON value of a file, and where it is. */
export interface SourceDocument {
  value: unknown;
  /** The file's name, with the line if the file has one value per line. */
  where: string;
}

/** A file of another tool. */
export interface SourceFile {
  /** Its name without folders. */
  name: string;
  modified_ms: number;
  /** Yields the values of the file: one, or one for each line. */
  documents(): AsyncGenerator<SourceDocument>;
}

/** The longest text that the JavaScript engine holds; a JSON value that is larger cannot be parsed. */
const MOST_CHARACTERS = 0x1fffffe8;

/**
 * Opens a file of another tool.
 * @throws {GoodputError} of kind `usage` if it cannot be read
 */
export async function openSource(path: string): Promise<SourceFile> {
  const file = await opened(path);
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw new GoodputError('usage', `${path} is a folder: name a file in it`);
    return {
      name: basename(path),
      modified_ms: stat.mtimeMs,
      documents: () => readDocuments(path, stat.size),
    };
  } finally {
    await file.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw new GoodputError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** A file whose first line is a complete JSON value has one value per line; any other is one value. */
async function* readDocuments(path: string, size: number): AsyncGenerator<SourceDocument> {
  const name = basename(path);
  const file = await opened(path);
  try {
    let isFirst = true;
    for await (const { text, number } of linesOf(file, size, path)) {
      if (text.trim() === '') continue;
      if (isFirst && !isJson(text)) {
        yield { value: parsePython(await wholeText(file, size, path), path, 1), where: name };
        return;
      }
      yield { value: parsePython(text, path, number), where: `${name}:${number}` };
      isFirst = false;
    }
    if (isFirst) throw new GoodputError('usage', `${path} is empty`);
  } finally {
    await file.close();
  }
}

async function* linesOf(file: FileHandle, size: number, path: string): ReturnType<typeof readLines> {
  try {
    yield* readLines(file, size);
  } catch (error) {
    if (error instanceof GoodputError) throw error;
    throw tooLargeOr(error, path);
  }
}

async function wholeText(file: FileHandle, size: number, path: string): Promise<string> {
  if (size > MOST_CHARACTERS) throw tooLarge(path);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at, size - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.toString('utf8', 0, at);
}

const tooLarge = (path: string): GoodputError =>
  new GoodputError('usage', `${path} has a JSON value of more than 512 MB, which cannot be read`, {
    hint: 'Measure with fewer requests per file, or without the texts of answers.',
  });

const tooLargeOr = (error: unknown, path: string): GoodputError =>
  error instanceof RangeError || (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG'
    ? tooLarge(path)
    : new GoodputError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });

function isJson(text: string): boolean {
  try {
    JSON.parse(pythonNumbers(text));
    return true;
  } catch {
    return false;
  }
}

/**
 * Parses JSON as Python writes it, with `NaN` and `Infinity`.
 * @throws {GoodputError} of kind `usage` naming file, line and column
 */
function parsePython(text: string, path: string, firstLine: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Python's numbers, or a mistake.
  }
  const plain = pythonNumbers(text);
  try {
    return JSON.parse(plain);
  } catch (error) {
    const before = plain.slice(0, jsonMistake(plain));
    const line = firstLine + before.split('\n').length - 1;
    const column = before.length - before.lastIndexOf('\n');
    const isCut = before.trimEnd().length === plain.trimEnd().length;
    const problem = isCut ? 'the file ends within a JSON value' : 'this is not JSON';
    throw new GoodputError('usage', `${path}:${line}:${column}: ${problem}`, {
      hint: isCut
        ? 'The tool was stopped while it wrote the file, or the copy is incomplete.'
        : 'Name a file that the tool wrote.',
      cause: error,
    });
  }
}

/** `NaN` becomes an empty text, which is not a number; the length stays, so that positions in errors hold. */
const PYTHON_NUMBER: ReadonlyMap<string, string> = new Map([
  ['NaN', '"" '],
  ['Infinity', '1e999   '],
]);

/** Replaces the numbers that Python writes and JSON does not have, outside of texts. */
function pythonNumbers(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|NaN|Infinity/gs, (found) => PYTHON_NUMBER.get(found) ?? found);
}
