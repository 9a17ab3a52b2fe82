import { isAscii, isUtf8 } from 'node:buffer';
import { fileError } from '../model/record-error.ts';
import { LONGEST_RECORD, type NamedBytes } from './container.ts';

const NEWLINE = 0x0a;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Returns the text of the bytes of a record.
 * @throws {GoodputError} kind `usage` if they are not UTF-8
 */
export function utf8Text(bytes: Buffer, name: string, line: number): string {
  if (!isUtf8(bytes)) throw fileError(name, line, 'invalid UTF-8', { hint: 'Convert the file to UTF-8.' });
  return bytes.toString('utf8');
}

/** Returns the chunks without a byte order mark at the beginning. */
export async function* withoutBom(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield isFirst && chunk.subarray(0, 3).equals(BOM) ? chunk.subarray(3) : chunk;
    isFirst = false;
  }
}

/** Lines that are read at once: records of more would survive several collections of garbage. */
const MOST_LINES = 500;

/** Whole lines of a file that follow each other. */
export interface Lines {
  /** The number of the first, from 1. */
  first: number;
  bytes: Buffer;
  /** The end of each line in the bytes: where its newline is, or the end of the file. */
  ends: readonly number[];
}

/**
 * Yields all lines.
 * @throws {GoodputError} kind `usage` if a line is too long
 */
export async function* linesOf({ name, chunks }: NamedBytes): AsyncGenerator<Lines> {
  let first = 1;
  let pending: Buffer[] = [];
  let pendingLength = 0;
  for await (const chunk of chunks) {
    const last = chunk.lastIndexOf(NEWLINE);
    let from = 0;
    if (pendingLength > 0) {
      const end = chunk.indexOf(NEWLINE);
      if (end !== -1) {
        from = end + 1;
        const bytes = Buffer.concat([...pending, chunk.subarray(0, from)]);
        yield { first, bytes, ends: [bytes.length - 1] };
        first++;
        pending = [];
        pendingLength = 0;
      }
    }
    let ends: number[] = [];
    for (let end = chunk.indexOf(NEWLINE, from); end !== -1; end = chunk.indexOf(NEWLINE, end + 1)) {
      ends.push(end - from);
      if (ends.length < MOST_LINES && end !== last) continue;
      yield { first, bytes: chunk.subarray(from, end + 1), ends };
      first += ends.length;
      from = end + 1;
      ends = [];
    }
    const rest = chunk.subarray(from);
    if (rest.length === 0) continue;
    pending.push(rest);
    pendingLength += rest.length;
    if (pendingLength > LONGEST_RECORD)
      throw fileError(name, first, `longer than ${LONGEST_RECORD / 2 ** 20} MiB, the limit for a record`);
  }
  if (pendingLength > 0) yield { first, bytes: Buffer.concat(pending), ends: [pendingLength] };
}

/** Yields each line of a block with its number. */
export function* eachLine({ first, bytes, ends }: Lines): Generator<{ number: number; bytes: Buffer }> {
  for (const [k, end] of ends.entries())
    yield { number: first + k, bytes: bytes.subarray(k === 0 ? 0 : ends[k - 1]! + 1, end) };
}

/** Returns how the bytes are best decoded; `null` if they are not UTF-8. Newlines are not part of a longer sequence, so what holds of a block holds of its lines. */
export function codingOf(bytes: Buffer): 'latin1' | 'utf8' | null {
  if (isAscii(bytes)) return 'latin1';
  return isUtf8(bytes) ? 'utf8' : null;
}
