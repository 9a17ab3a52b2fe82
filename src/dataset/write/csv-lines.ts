import type { Session } from '../model/session.ts';

/**
 * The columns of a data set in CSV. The format `goodput` reads them back: lists and objects are JSON in a cell, and a row is a session.
 */
const COLUMNS = ['session', 'timestamp_ms', 'tags', 'turns'] as const;

export const csvHeader = (): string => `${COLUMNS.join(',')}\r\n`;

/** Returns a session as one row (RFC 4180). */
export const csvLine = (session: Session): string =>
  `${COLUMNS.map((column) => cell(session[column])).join(',')}\r\n`;

function cell(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
