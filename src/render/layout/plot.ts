import { significant } from '../../numbers.ts';

/** A point of a plot, and its sign. */
export interface Mark {
  x: number;
  y: number;
  mark: string;
}

const HEIGHT = 12;
const WIDEST = 60;

/** Returns a plot of points on a grid of characters. Both axes start at 0, so that differences are not exaggerated. */
export function renderPlot(marks: readonly Mark[], width: number): string[] {
  const right = Math.max(...marks.map(({ x }) => x));
  const top = Math.max(...marks.map(({ y }) => y));
  const lead = significant(top).length;
  const columns = Math.max(10, Math.min(WIDEST, width - lead - 3));
  const rows = Array.from({ length: HEIGHT }, () => Array.from({ length: columns }, () => ' '));
  // Letters last, so that they cover other points at the same place.
  for (const { x, y, mark } of marks.toSorted(
    (a, b) => (a.mark === 'o' ? 0 : 1) - (b.mark === 'o' ? 0 : 1),
  )) {
    const row = HEIGHT - 1 - Math.round((top === 0 ? 0 : y / top) * (HEIGHT - 1));
    const column = Math.round((right === 0 ? 0 : x / right) * (columns - 1));
    rows[row]![column] = mark;
  }
  const lines = rows.map((row, at) => {
    const label = at === 0 ? significant(top) : at === HEIGHT - 1 ? '0' : '';
    return `${label.padStart(lead)} |${row.join('')}`.trimEnd();
  });
  const end = significant(right);
  return [
    ...lines,
    `${' '.repeat(lead)} +${'-'.repeat(columns)}`,
    `${' '.repeat(lead + 2)}0${end.padStart(columns - 1)}`,
  ];
}
