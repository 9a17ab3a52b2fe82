import { fileError } from '../model/record-error.ts';
import { LONGEST_RECORD, type NamedBytes, type RawRecord } from './container.ts';
import { parseRecord } from './jsonl.ts';
import { utf8Text } from './lines.ts';

const [QUOTE, BACKSLASH, NEWLINE, COMMA] = [0x22, 0x5c, 0x0a, 0x2c];
const [OPEN, CLOSE] = [0x5b, 0x5d];

/** The token that may come next at the top level of the array. */
type Expected = 'start' | 'first' | 'element' | 'separator' | 'nothing';

/**
 * Finds the elements of a JSON array in a stream, without parsing them: it counts brackets outside strings. A record is parsed by
 * `JSON.parse`, which checks the rest of the grammar.
 */
class ElementScanner {
  readonly #name: string;
  #expected: Expected = 'start';
  #line = 1;
  /** The line on which the element begins. */
  #from = 1;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** The element's bytes in earlier chunks. */
  #parts: Buffer[] = [];
  #length = 0;
  #isInside = false;

  constructor(name: string) {
    this.#name = name;
  }

  scan(chunk: Buffer): RawRecord[] {
    const records: RawRecord[] = [];
    let begin = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === NEWLINE) this.#line++;
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#inString = false;
        continue;
      }
      if (!this.#isInside) {
        if (isSpace(byte)) continue;
        if (!this.#punctuation(byte)) {
          begin = at;
          this.#begin();
        } else continue;
      }
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN || byte === 0x7b) this.#depth++;
      else if (this.#depth > 0 && (byte === CLOSE || byte === 0x7d)) this.#depth--;
      else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE)) {
        records.push(this.#end(chunk.subarray(begin, at)));
        this.#punctuation(byte);
      }
    }
    if (this.#isInside) this.#keep(chunk.subarray(begin));
    return records;
  }

  /** @throws {GoodputError} kind `usage` if the array does not end */
  finish(): void {
    if (this.#expected === 'nothing') return;
    throw fileError(
      this.#name,
      this.#isInside ? this.#from : this.#line,
      'invalid JSON: the array is not closed; the file may be cut off',
    );
  }

  /** Returns true if the byte is a sign between elements; else an element begins with it. */
  #punctuation(byte: number): boolean {
    const expected = this.#expected;
    if (expected === 'start') {
      this.#expected = 'first';
      return true;
    }
    if (byte === CLOSE && (expected === 'first' || expected === 'separator')) {
      this.#expected = 'nothing';
      return true;
    }
    if (byte === COMMA && expected === 'separator') {
      this.#expected = 'element';
      return true;
    }
    if (expected === 'first' || expected === 'element') {
      if (byte !== COMMA && byte !== CLOSE) return false;
      throw this.#wrong('expected a record');
    }
    throw this.#wrong(expected === 'nothing' ? 'text after the end of the array' : 'expected "," or "]"');
  }

  #wrong(problem: string): Error {
    return fileError(this.#name, this.#line, `invalid JSON: ${problem}`);
  }

  #begin(): void {
    this.#isInside = true;
    this.#from = this.#line;
  }

  #keep(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    if (this.#length > LONGEST_RECORD)
      throw fileError(
        this.#name,
        this.#from,
        `longer than ${LONGEST_RECORD / 2 ** 20} MiB, the limit for a record`,
      );
  }

  #end(last: Buffer): RawRecord {
    const bytes = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#length = 0;
    this.#isInside = false;
    this.#expected = 'separator';
    const text = utf8Text(bytes, this.#name, this.#from);
    return { line: this.#from, value: parseRecord(text, this.#name, this.#from) };
  }
}

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;

/**
 * Reads the elements of a JSON array one by one.
 * @throws {GoodputError} kind `usage` if the array or an element is invalid
 */
export async function* readJsonArray({ name, chunks }: NamedBytes): AsyncGenerator<RawRecord[]> {
  const scanner = new ElementScanner(name);
  for await (const chunk of chunks) yield scanner.scan(chunk);
  scanner.finish();
}
