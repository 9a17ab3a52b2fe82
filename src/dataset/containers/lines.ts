import { isUtf8 } from 'node:buffer';
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

/**
 * Yields whole lines, unchanged.
 * @throws {GoodputError} kind `usage` at the first line that is not UTF-8
 */
export async function* checkedUtf8({ name, chunks }: NamedBytes): AsyncGenerator<Buffer> {
  const end = Buffer.from('\n');
  for await (const lines of linesOf({ name, chunks })) {
    const bytes = lines.flatMap((line) => [line.bytes, end]);
    const whole = Buffer.concat(bytes);
    if (!isUtf8(whole)) for (const line of lines) utf8Text(line.bytes, name, line.number);
    if (whole.length > 0) yield whole;
  }
}

/** Returns the chunks without a byte order mark at the beginning. */
export async function* withoutBom(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield isFirst && chunk.subarray(0, 3).equals(BOM) ? chunk.subarray(3) : chunk;
    isFirst = false;
  }
}

/** A line of a file, without its end. */
export interface Line {
  number: number;
  bytes: Buffer;
}

/**
 * Yields the lines of each chunk, those that end in it.
 * @throws {GoodputError} kind `usage` if a line is too long
 */
export async function* linesOf({ name, chunks }: NamedBytes): AsyncGenerator<Line[]> {
  let number = 1;
  let pending: Buffer[] = [];
  let pendingLength = 0;
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      let bytes = chunk.subarray(from, end);
      if (pendingLength > 0) {
        bytes = Buffer.concat([...pending, bytes]);
        pending = [];
        pendingLength = 0;
      }
      lines.push({ number, bytes });
      number++;
      from = end + 1;
    }
    if (from < chunk.length) {
      pending.push(chunk.subarray(from));
      pendingLength += chunk.length - from;
      if (pendingLength > LONGEST_RECORD)
        throw fileError(name, number, `longer than ${LONGEST_RECORD / 2 ** 20} MiB, the limit for a record`);
    }
    yield lines;
  }
  if (pendingLength > 0) yield [{ number, bytes: Buffer.concat(pending) }];
}
