import { clean } from '../layout/clean.ts';

export type Value = string | number | boolean | null;

/** Column → value; in the order of the columns, the same for every row of a table. */
export type Row = [column: string, value: Value][];

/** A table as RFC 4180 has it: the columns, then a line a row. An empty field is a value that does not exist. */
export function csvTable(rows: readonly Row[]): string {
  const head = rows[0]?.map(([column]) => column) ?? [];
  return [head.map(field), ...rows.map((row) => row.map(([, value]) => field(value)))]
    .map((fields) => `${fields.join(',')}\r\n`)
    .join('');
}

function field(value: Value): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  // A spreadsheet takes a text that begins like this for a formula; the sign in front is its own way to say "text".
  const text = clean(value).replace(/^[=+\-@]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
