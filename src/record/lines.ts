const NEWLINE = 10;
const CHUNK = 256 * 1024;

/** The part of an open file that reading needs. */
interface Bytes {
  read(into: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
}

interface Line {
  text: string;
  /** From 1. */
  number: number;
}

/**
 * Yields the lines of bytes `[0, end)`, without their newlines, in bounded memory: one chunk and the longest line. Splits bytes
 * before decoding, so that a character at a chunk's edge is not cut. The last line may have no newline.
 */
export async function* readLines(file: Bytes, end: number): AsyncGenerator<Line> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let partial: Buffer[] = [];
  let number = 0;
  let at = 0;
  while (at < end) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK, end - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const bytes = chunk.subarray(0, bytesRead);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to !== -1; to = bytes.indexOf(NEWLINE, from)) {
      let text: string;
      if (partial.length === 0) {
        text = bytes.toString('utf8', from, to);
      } else {
        text = Buffer.concat([...partial, bytes.subarray(from, to)]).toString('utf8');
        partial = [];
      }
      yield { text, number: ++number };
      from = to + 1;
    }
    // A copy: the next read overwrites the chunk.
    if (from < bytesRead) partial.push(Buffer.from(bytes.subarray(from)));
  }
  if (partial.length > 0) yield { text: Buffer.concat(partial).toString('utf8'), number: ++number };
}

/** Returns where the last line of bytes `[0, end)` starts, and its text; `end` and '' for no bytes. */
export async function lastLine(file: Bytes, end: number): Promise<{ start: number; text: string }> {
  const parts: Buffer[] = [];
  let start = end;
  while (start > 0) {
    const size = Math.min(CHUNK, start);
    const bytes = Buffer.allocUnsafe(size);
    await readFully(file, bytes, start - size);
    // The newline that ends the last line is not the one that starts it.
    const search = start === end ? size - 2 : size - 1;
    const newline = search < 0 ? -1 : bytes.lastIndexOf(NEWLINE, search);
    start -= size;
    if (newline === -1) {
      parts.unshift(bytes);
      continue;
    }
    start += newline + 1;
    parts.unshift(bytes.subarray(newline + 1));
    break;
  }
  return { start, text: Buffer.concat(parts).toString('utf8') };
}

async function readFully(file: Bytes, bytes: Buffer, position: number): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    at += bytesRead;
  }
}
