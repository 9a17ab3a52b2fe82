import { CsvError, parse, type Parser } from 'csv-parse';
import { fileError } from '../model/record-error.ts';
import { type Container, LONGEST_RECORD, type NamedBytes, type RawRecord } from './container.ts';
import { codingOf, eachLine, type Lines, linesOf, utf8Text } from './lines.ts';

const [NEWLINE, RETURN, QUOTE, COMMA] = [0x0a, 0x0d, 0x22, 0x2c];

/** One row with the line on which it begins. */
interface Row {
  line: number;
  cells: readonly string[];
}

/**
 * Opens a CSV file (RFC 4180) with a header. Blank lines are skipped, and an empty cell is absent.
 * @throws {GoodputError} kind `usage` if the header or a row is invalid
 */
export async function openCsv({ name, chunks }: NamedBytes): Promise<Container> {
  const batches = rowsOf({ name, chunks });
  const first = await nextRows(batches);
  const [header, ...rest] = first;
  const names = header?.cells.map((cell) => cell.trim()) ?? [];
  const twice = names.find((cell, at) => cell !== '' && names.indexOf(cell) < at);
  if (twice !== undefined)
    throw fileError(name, header!.line, `the header has the column ${JSON.stringify(twice)} twice`);
  async function* records(): AsyncGenerator<RawRecord[]> {
    yield rest.map((row) => recordOf(row, names, name));
    for await (const rows of batches) yield rows.map((row) => recordOf(row, names, name));
  }
  return { kind: 'csv', columns: { names, line: header?.line ?? null }, batches: records() };
}

/** Returns the first batch that has rows. */
async function nextRows(batches: AsyncGenerator<Row[]>): Promise<Row[]> {
  for (;;) {
    const next = await batches.next();
    if (next.done === true) return [];
    if (next.value.length > 0) return next.value;
  }
}

function recordOf({ line, cells }: Row, names: readonly string[], file: string): RawRecord {
  if (cells.length !== names.length)
    throw fileError(
      file,
      line,
      `${cells.length} cells, but the header has ${names.length} columns; a cell with a comma or a line end must be quoted`,
    );
  const value: Record<string, unknown> = {};
  for (const [at, column] of names.entries()) {
    const cell = cells[at]!;
    // An assignment to `__proto__` would set the prototype.
    if (cell !== '' && column !== '' && column !== '__proto__') value[column] = cell;
  }
  return { line, value };
}

/** Yields all rows, the header first, without blank lines. */
async function* rowsOf({ name, chunks }: NamedBytes): AsyncGenerator<Row[]> {
  let parser: QuotedRows | null = null;
  for await (const lines of linesOf({ name, chunks })) {
    const coding = codingOf(lines.bytes);
    if (coding === null) for (const { bytes, number } of eachLine(lines)) utf8Text(bytes, name, number);
    if (parser === null && !lines.bytes.includes(QUOTE)) {
      yield unquotedRows(lines, coding!);
      continue;
    }
    parser ??= new QuotedRows(name, lines.first);
    await parser.write(lines.bytes);
    // The rows before a mistake come first: they may have an earlier one.
    yield parser.take();
    parser.check();
  }
  if (parser === null) return;
  await parser.end();
  yield parser.take();
  parser.check();
}

/** Returns the rows of lines without a quote. */
function unquotedRows({ first, bytes, ends }: Lines, coding: BufferEncoding): Row[] {
  const rows: Row[] = [];
  let from = 0;
  for (const [k, end] of ends.entries()) {
    const last = bytes[end] === NEWLINE && end > from && bytes[end - 1] === RETURN ? end - 1 : end;
    const cells: string[] = [];
    for (let at = from; at < last; at++) {
      if (bytes[at] !== COMMA) continue;
      cells.push(bytes.toString(coding, from, at));
      from = at + 1;
    }
    cells.push(bytes.toString(coding, from, last));
    if (isRow(cells)) rows.push({ line: first + k, cells });
    from = end + 1;
  }
  return rows;
}

/** A blank line has one cell without content. */
const isRow = (cells: readonly string[]): boolean => cells.length > 1 || cells[0]!.trim() !== '';

/** Reads rows whose cells may be quoted. */
class QuotedRows {
  readonly #name: string;
  #line: number;
  #rows: Row[] = [];
  readonly #parser: Parser;
  readonly #failed: Promise<unknown>;

  constructor(name: string, line: number) {
    this.#name = name;
    this.#line = line;
    this.#parser = parse({
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      max_record_size: LONGEST_RECORD,
      // Blank lines are not skipped by the parser, so that lines can be counted: one per row, and those within its cells.
      on_record: (cells: string[]) => {
        if (isRow(cells)) this.#rows.push({ line: this.#line, cells });
        this.#line++;
        for (const cell of cells) if (cell.includes('\n')) this.#line += cell.split('\n').length - 1;
        return null;
      },
    });
    this.#failed = new Promise((resolve) => {
      this.#parser.once('error', resolve);
    });
    this.#parser.resume();
  }

  /** Waits until the bytes are parsed, or a mistake. */
  async write(bytes: Buffer): Promise<void> {
    const written = new Promise<void>((resolve) => {
      this.#parser.write(bytes, () => resolve());
    });
    await Promise.race([written, this.#failed]);
  }

  async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#parser.once('end', resolve);
    });
    this.#parser.end();
    await Promise.race([ended, this.#failed]);
  }

  /** Returns the rows since the last call. */
  take(): Row[] {
    const taken = this.#rows;
    this.#rows = [];
    return taken;
  }

  /** @throws {GoodputError} kind `usage` after a mistake */
  check(): void {
    const { errored } = this.#parser;
    if (errored === null) return;
    const code = errored instanceof CsvError ? errored.code : '';
    const problem = PROBLEMS.get(code) ?? errored.message;
    throw fileError(this.#name, this.#line, `invalid CSV: ${problem}`, { cause: errored });
  }
}

const PROBLEMS = new Map(
  Object.entries({
    CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
    INVALID_OPENING_QUOTE: 'a quote in a cell that does not begin with one; double it, and quote the cell',
    CSV_INVALID_CLOSING_QUOTE: 'text after a closing quote; double a quote that belongs to the cell',
    CSV_MAX_RECORD_SIZE: `longer than ${LONGEST_RECORD / 2 ** 20} MiB, the limit for a record`,
  }),
);
