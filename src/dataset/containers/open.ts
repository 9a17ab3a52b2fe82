import { fileError, type OnMistake } from '../model/record-error.ts';
import { decompressed, drain, peek, type SourceFile } from './bytes.ts';
import type { Container } from './container.ts';
import { openCsv } from './csv.ts';
import { readJsonArray } from './json-array.ts';
import { readJsonLines } from './jsonl.ts';
import { withoutBom } from './lines.ts';
import { openParquet, PARQUET_MAGIC } from './parquet.ts';

/** The number of bytes that are read to recognise a container. Blank lines longer than this are read as CSV without a header. */
const HEAD = 64 * 1024;

/**
 * Recognises the container of a file by its content, and opens it.
 * @param onMistake receives the mistakes in lines of JSON Lines
 * @throws {GoodputError} kind `usage` if it cannot be read or is not text
 */
export async function openContainer(source: SourceFile, onMistake?: OnMistake): Promise<Container> {
  const { name } = source;
  const { chunks: bytes, isCompressed } = await decompressed(source);
  const { head, all } = await peek(bytes, HEAD);
  if (head.subarray(0, 4).equals(PARQUET_MAGIC)) {
    if (isCompressed || source.path === '-') return openParquet({ name, chunks: all }, null);
    // For the digest.
    await drain(all);
    return openParquet({ name, chunks: all }, source.path);
  }
  assertText(name, head);
  const chunks = withoutBom(all);
  const first = firstSign(head);
  if (first === '{')
    return { kind: 'jsonl', columns: null, batches: readJsonLines({ name, chunks }, onMistake) };
  if (first === '[') return { kind: 'json', columns: null, batches: readJsonArray({ name, chunks }) };
  return openCsv({ name, chunks });
}

function firstSign(head: Buffer): string {
  return head
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .charAt(0);
}

/** @throws {GoodputError} kind `usage` if the bytes are those of another kind of file */
function assertText(name: string, head: Buffer): void {
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (isUtf16) throw fileError(name, null, 'the text is UTF-16', { hint: 'Convert the file to UTF-8.' });
  if (head.includes(0))
    throw fileError(name, null, 'not a data set: it contains binary data', {
      hint: 'Data sets are JSON Lines, a JSON array, CSV or Parquet, each also compressed with gzip or zstd.',
    });
}
