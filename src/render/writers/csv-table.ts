import { clean } from '../layout/clean.ts';

export type Value = string | number | boolean | null;

/** Columns with their values, in the order that all rows of a table share. */
export type Row = [column: string, value: Value][];

/** Returns a table in CSV (RFC 4180): the columns, then one line per row. An empty field means no value. */
export function csvTable(rows: readonly Row[]): string {
  const head = rows[0]?.map(([column]) => column) ?? [];
  return [head.map(field), ...rows.map((row) => row.map(([, value]) => field(value)))]
    .map((fields) => `${fields.join(',')}\r\n`)
    .join('');
}

function field(value: Value): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  // A spreadsheet would treat such a text as a formula; the apostrophe marks it as text.
  const text = clean(value).replace(/^[=+\-@]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
