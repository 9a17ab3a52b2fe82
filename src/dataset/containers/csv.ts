import { CsvError, parse } from 'csv-parse';
import { fileError } from '../model/record-error.ts';
import { type Container, LONGEST_RECORD, type NamedBytes, type RawRecord } from './container.ts';
import { checkedUtf8 } from './lines.ts';

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
  let rows: Row[] = [];
  let line = 1;
  const parser = parse({
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    max_record_size: LONGEST_RECORD,
    // Blank lines are not skipped by the parser, so that lines can be counted: one per row, and those within its cells.
    on_record(cells: string[]) {
      if (cells.length > 1 || cells[0]!.trim() !== '') rows.push({ line, cells });
      line++;
      for (const cell of cells) if (cell.includes('\n')) line += cell.split('\n').length - 1;
      return null;
    },
  });
  const failed = new Promise<Error>((resolve) => {
    parser.once('error', resolve);
  });
  const ended = new Promise<null>((resolve) => {
    parser.once('end', () => resolve(null));
  });
  const written = (chunk: Buffer): Promise<null> =>
    new Promise((resolve) => {
      parser.write(chunk, () => resolve(null));
    });
  const takeRows = (): Row[] => {
    const taken = rows;
    rows = [];
    return taken;
  };
  parser.resume();
  for await (const chunk of checkedUtf8({ name, chunks })) {
    await Promise.race([written(chunk), failed]);
    // The rows before a mistake come first: they may have an earlier one.
    yield takeRows();
    if (parser.errored !== null) throw problemOf(parser.errored);
  }
  parser.end();
  const error = await Promise.race([ended, failed]);
  yield takeRows();
  if (error !== null) throw problemOf(error);

  function problemOf(error: Error): Error {
    const code = error instanceof CsvError ? error.code : '';
    return fileError(name, line, `invalid CSV: ${PROBLEMS.get(code) ?? error.message}`, { cause: error });
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
